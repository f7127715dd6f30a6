// See checkpoint.h.
#include "engine/audit/checkpoint.h"

#include <algorithm>
#include <charconv>

#include "engine/audit/note.h"

namespace remit::audit {
namespace {

// The next line without its end; the text has been seen to end with one.
std::string_view take_line(std::string_view& text, const char* missing) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos)
    throw BadNote(std::string("the checkpoint has no line for its ") + missing);
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

std::uint64_t parse_size(std::string_view line) {
  std::uint64_t size = 0;
  const auto [end, fault] = std::from_chars(line.data(), line.data() + line.size(), size);
  // One text for each number: no zero before, no sign, nothing after.
  if (fault != std::errc() || std::to_string(size) != line)
    throw BadNote("the size of the checkpoint is not a decimal number below 2^64");
  return size;
}

void check_line(std::string_view line, const char* what) {
  if (line.empty()) throw BadNote(std::string(what) + " of the checkpoint is empty");
  if (line.find('\n') != std::string_view::npos)
    throw BadNote(std::string(what) + " of the checkpoint has more than one line");
}

}  // namespace

std::string checkpoint_text(const Checkpoint& checkpoint) {
  check_line(checkpoint.origin, "the origin");
  std::string out = checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
                    to_base64(checkpoint.root) + "\n";
  for (const std::string& line : checkpoint.extensions) {
    check_line(line, "an extension line");
    out += line + "\n";
  }
  return out;
}

Checkpoint parse_checkpoint(std::string_view text) {
  Checkpoint out;
  out.origin = take_line(text, "origin");
  check_line(out.origin, "the origin");
  out.size = parse_size(take_line(text, "size"));
  const auto root = from_base64(take_line(text, "root hash"), "the root hash of the checkpoint");
  if (root.size() != out.root.size())
    throw BadNote("the root hash of the checkpoint has not 32 bytes");
  std::copy(root.begin(), root.end(), out.root.begin());
  while (!text.empty()) {
    out.extensions.emplace_back(take_line(text, "extension"));
    check_line(out.extensions.back(), "an extension line");
  }
  return out;
}

}  // namespace remit::audit
