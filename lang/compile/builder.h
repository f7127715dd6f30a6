// The sections of an image while it is being made: one vector each, and the texts, each stored once.
#pragma once

#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/image/layout.h"
#include "engine/image/verify.h"

namespace remit::image {

struct SectionVectors {
#define REMIT_SECTION_VECTOR(name, type, sentence) std::vector<type> name;
  REMIT_SECTIONS(REMIT_SECTION_VECTOR)
#undef REMIT_SECTION_VECTOR
};

}  // namespace remit::image

namespace remit::lang {

class Builder : public image::SectionVectors {
 public:
  // Where `text` is among the texts; the same text is stored once.
  image::Text text(std::string_view text) {
    const auto [at, added] = texts_.try_emplace(std::string(text));
    if (added) at->second = source(text);
    return at->second;
  }
  // The same for a whole source: megabytes that no other text is compared with.
  image::Text source(std::string_view text) {
    const image::Text at{static_cast<std::uint32_t>(texts.size()), static_cast<std::uint32_t>(text.size())};
    texts.insert(texts.end(), text.begin(), text.end());
    return at;
  }

  // Lays the sections out one after the other and seals them with the header.
  std::vector<std::byte> finish() const {
    image::Header header{};
    std::memcpy(header.magic, image::kMagic, sizeof header.magic);
    header.major = image::kFormatMajor;
    header.minor = image::kFormatMinor;
    header.header_size = sizeof header;
    std::size_t size = sizeof header;
#define REMIT_SECTION_SIZE(name, type, sentence) size += padded(name);
    REMIT_SECTIONS(REMIT_SECTION_SIZE)
#undef REMIT_SECTION_SIZE
    std::vector<std::byte> bytes;
    bytes.reserve(size);
    bytes.resize(sizeof header);
    std::size_t index = 0;
#define REMIT_SECTION_LAY(name, type, sentence) lay(bytes, header.sections[index++], name);
    REMIT_SECTIONS(REMIT_SECTION_LAY)
#undef REMIT_SECTION_LAY
    header.size = bytes.size();
    std::memcpy(bytes.data(), &header, sizeof header);
    header.checksum = image::checksum(bytes);
    std::memcpy(bytes.data(), &header, sizeof header);
    return bytes;
  }

 private:
  template <class T>
  static std::size_t padded(const std::vector<T>& items) {
    return (items.size() * sizeof(T) + 7) / 8 * 8;
  }
  template <class T>
  static void lay(std::vector<std::byte>& bytes, image::SectionRef& ref, const std::vector<T>& items) {
    ref = {static_cast<std::uint32_t>(bytes.size()), static_cast<std::uint32_t>(items.size())};
    const std::size_t at = bytes.size();
    const auto raw = std::as_bytes(std::span(items));
    bytes.insert(bytes.end(), raw.begin(), raw.end());
    bytes.resize(at + padded(items));
  }

  std::unordered_map<std::string, image::Text> texts_;
};

}  // namespace remit::lang
