// See note.h.
#include "engine/audit/note.h"

#include <openssl/evp.h>

#include <algorithm>

#include "engine/image/sha256.h"
#include "engine/image/unicode.h"

namespace remit::audit {
namespace {

constexpr std::string_view kDash = "\xE2\x80\x94 ";  // an em dash and a blank

std::uint32_t big_endian(std::span<const std::uint8_t> bytes) {
  std::uint32_t out = 0;
  for (const std::uint8_t byte : bytes.first(4)) out = (out << 8) | byte;
  return out;
}

// What Unicode calls white space: other readers of notes divide lines there.
bool is_space(char32_t c) {
  return c == ' ' || (c >= 0x09 && c <= 0x0D) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

NoteSignature read_signature(std::string_view line) {
  if (!line.starts_with(kDash))
    throw BadNote("a signature line of the note does not begin with an em dash and a blank");
  line.remove_prefix(kDash.size());
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos)
    throw BadNote("a signature line of the note has no signature");
  NoteSignature out;
  out.name = line.substr(0, blank);
  check_key_name(out.name);
  out.bytes = from_base64(line.substr(blank + 1), "a signature of the note");
  if (out.bytes.size() < 5) throw BadNote("a signature of the note is too short");
  out.hash = big_endian(out.bytes);
  out.bytes.erase(out.bytes.begin(), out.bytes.begin() + 4);
  return out;
}

}  // namespace

std::string to_base64(std::span<const std::uint8_t> bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // the function ends it with a zero
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes.data(),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::vector<std::uint8_t> from_base64(std::string_view text, std::string_view what) {
  const std::string refusal = std::string(what) + " is not base64";
  if (text.empty() || text.size() % 4 != 0 || text.size() > kMaxNote) throw BadNote(refusal);
  std::vector<std::uint8_t> out(text.size() / 4 * 3);
  const int size = EVP_DecodeBlock(out.data(), reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) throw BadNote(refusal);
  out.resize(static_cast<std::size_t>(size));
  // The function counts padding as zero bytes, and takes white space and stray bits.
  for (std::size_t i = text.size(); i > text.size() - 2 && text[i - 1] == '=' && !out.empty(); --i)
    out.pop_back();
  if (to_base64(out) != text) throw BadNote(refusal);
  return out;
}

void check_key_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxKeyName) throw BadNote("a key's name has 1 to 256 bytes");
  const char* at = name.data();
  const char* const end = at + name.size();
  if (detail::valid_utf8_prefix(name) != name.size()) throw BadNote("a key's name is not UTF-8");
  while (at != end) {
    const char32_t c = detail::decode_utf8(at, end);
    if (c < 0x20 || c == 0x7F || c == '+' || is_space(c))
      throw BadNote("a key's name has no white space, control character or `+`");
  }
}

std::uint32_t key_hash(std::string_view name, std::span<const std::uint8_t> key) {
  image::Sha256 hash;
  hash.update(name.data(), name.size());
  hash.update("\n", 1);
  hash.update(key.data(), key.size());
  return big_endian(hash.finish());
}

Note split_note(std::string_view note) {
  if (note.size() > kMaxNote) throw BadNote("the note is longer than 64 KiB");
  if (detail::valid_utf8_prefix(note) != note.size()) throw BadNote("the note is not UTF-8");
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; };
  if (std::any_of(note.begin(), note.end(), control))
    throw BadNote("the note has a control character other than line ends");
  const std::size_t blank = note.rfind("\n\n");
  if (blank == std::string_view::npos)
    throw BadNote("the note has no empty line before its signatures");
  Note out;
  out.text = note.substr(0, blank + 1);
  std::string_view lines = note.substr(blank + 2);
  if (lines.empty()) throw BadNote("the note has no signature");
  if (lines.back() != '\n') throw BadNote("the note does not end with a line end");
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    if (out.signatures.size() == kMaxSignatures)
      throw BadNote("the note has more than 100 signatures");
    out.signatures.push_back(read_signature(lines.substr(0, end)));
    lines.remove_prefix(end + 1);
  }
  return out;
}

std::string join_note(std::string_view text, std::string_view name, std::uint32_t hash,
                      std::span<const std::uint8_t> signature) {
  std::vector<std::uint8_t> bytes;
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<std::uint8_t>(hash >> shift));
  bytes.insert(bytes.end(), signature.begin(), signature.end());
  std::string out(text);
  out.append("\n").append(kDash).append(name).append(" ").append(to_base64(bytes)).append("\n");
  return out;
}

}  // namespace remit::audit
