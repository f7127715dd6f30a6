// Stage 3: resolved document -> image bytes. The same document always gives the same bytes.
// Covered by tests/emit_test.cpp and the differential tests.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "lang/check/resolved.h"

namespace remit::lang {

struct Emitted {
  std::vector<std::byte> bytes;
  std::string error;  // not empty: the document exceeds a limit of the image; there are no bytes
  // Rules whose patterns stand in a list that is tried one by one and is longer than kLongList.
  struct LongList {
    std::uint32_t rule;
    std::uint32_t length;
  };
  std::vector<LongList> long_lists;
};

inline constexpr std::uint32_t kLongList = 64;

// `document` must be complete.
Emitted emit(const Resolved& document);

}  // namespace remit::lang
