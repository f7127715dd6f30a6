// See refuse.h and remit/refusal.h.
#include "engine/identity/refuse.h"

#include <array>
#include <cstddef>

namespace remit {
namespace {

struct Row {
  const char* name;
  const char* sentence;
};

constexpr std::array kRows = {
#define REMIT_ROW(code, text) Row{#code, text},
    REMIT_REFUSALS(REMIT_ROW)
#undef REMIT_ROW
};

}  // namespace

const char* to_string(RefusalCode code) noexcept {
  return kRows[static_cast<std::size_t>(code)].name;
}
const char* sentence(RefusalCode code) noexcept {
  return kRows[static_cast<std::size_t>(code)].sentence;
}

namespace identity {

void refuse(RefusalCode code, std::string_view about) {
  std::string text = sentence(code);
  if (!about.empty()) text.append(": ").append(about);
  throw Refused{{code, std::move(text)}};
}

}  // namespace identity
}  // namespace remit
