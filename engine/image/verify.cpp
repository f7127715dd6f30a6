// The container's rules: header, sections, checksum. See verify.h.
#include "engine/image/verify.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <optional>

#include "engine/image/checksum.h"

namespace remit::image {
namespace {

Error bad(const char* sentence) { return {ErrorCode::bad_image, std::string("the image is refused: ") + sentence}; }

// Binds one section; false where it does not lie wholly inside the image.
template <class T>
bool bind(std::span<const std::byte> bytes, SectionRef ref, std::span<const T>& out) noexcept {
  const std::uint64_t size = std::uint64_t{ref.count} * sizeof(T);
  if (ref.offset % 8 != 0 || ref.offset < sizeof(Header) || ref.offset > bytes.size() || size > bytes.size() - ref.offset) return false;
  out = {reinterpret_cast<const T*>(bytes.data() + ref.offset), ref.count};
  return true;
}

constexpr std::size_t kSummedFrom = offsetof(Header, checksum) + sizeof(std::uint64_t);

// `owned` keeps the bytes alive where the View should, `known` is their checksum where somebody has worked it out.
Result<std::shared_ptr<const View>> verify(std::span<const std::byte> bytes, std::shared_ptr<const std::byte[]> owned, std::optional<std::uint64_t> known) {
  if (bytes.size() < sizeof(Header)) return bad("it is shorter than its header");
  Header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0) return bad("it does not begin as a Remit image does");
  if (header.major != kFormatMajor || header.minor > kFormatMinor) {
    return Error{ErrorCode::unsupported_version,
                 "the image has format " + std::to_string(header.major) + "." + std::to_string(header.minor) +
                     "; this engine reads " + std::to_string(kFormatMajor) + ".0 to " + std::to_string(kFormatMajor) +
                     "." + std::to_string(kFormatMinor) + ": compile the source again"};
  }
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % 8 != 0) return bad("its memory is not aligned to 8 bytes");
  if (header.header_size != sizeof(Header)) return bad("its header has the wrong size");
  if (header.size != bytes.size()) return bad("it is cut short, or longer than it says");
  if (header.checksum != (known ? *known : checksum(bytes))) return bad("its checksum is wrong: it was damaged");

  auto view = std::make_shared<View>();
  view->bytes = bytes;
  view->owned = std::move(owned);
  std::size_t at = 0;
#define REMIT_BIND(name, type, sentence) \
  if (!bind(bytes, header.sections[at++], view->name)) return bad("section `" #name "` lies outside it");
  REMIT_SECTIONS(REMIT_BIND)
#undef REMIT_BIND

  if (const char* sentence = verify_names(*view)) return bad(sentence);
  if (const char* sentence = verify_guards(*view)) return bad(sentence);
  if (const char* sentence = verify_index(*view)) return bad(sentence);

  const Document& head = view->head();
  view->memory = {!view->limits.empty(), !view->histories.empty(), head.idle != kNever, head.delegate_levels != 0};
  return std::shared_ptr<const View>(std::move(view));
}

}  // namespace

std::uint64_t checksum(std::span<const std::byte> bytes) noexcept { return xxh3(bytes.subspan(kSummedFrom)); }

Result<std::shared_ptr<const View>> verify(std::span<const std::byte> bytes) {
  return verify(bytes, nullptr, std::nullopt);
}

Result<std::shared_ptr<const View>> verify_copy(std::span<const std::byte> bytes) {
  // The format asks for a multiple of 8; from that of a cache line on, no group of the index crosses one.
  constexpr std::align_val_t kLine{64};
  const std::shared_ptr<std::byte[]> copy(new (kLine) std::byte[bytes.size() + 1], [](std::byte* at) { ::operator delete[](at, kLine); });
  const std::size_t head = std::min(bytes.size(), kSummedFrom);
  std::copy_n(bytes.begin(), head, copy.get());
  const std::uint64_t sum = xxh3_of_copy(copy.get() + head, bytes.subspan(head));
  return verify({copy.get(), bytes.size()}, copy, sum);
}

}  // namespace remit::image
