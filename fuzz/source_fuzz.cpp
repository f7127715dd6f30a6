// Source text. Whatever compiles still does after formatting, to an image that means the same, and a
// formatted document formats to itself.
#include <cstdint>
#include <string>
#include <string_view>

#include <remit/lang/compile.h>

#include "fuzz/check.h"
#include "lang/compile/emit.h"
#include "lang/format/format.h"
#include "lang/parse/parse.h"
#include "tests/generate/places.h"

namespace {

using namespace remit;

std::string formatted(const std::string& text) {
  const lang::Source source("fuzz.scope", text);
  lang::Diagnostics diagnostics;
  return lang::format(lang::parse(source, diagnostics));
}

std::vector<std::byte> meaning(const lang::Compiled& compiled) { return lang::emit(generate::without_places(compiled.resolved())).bytes; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const lang::Compiled compiled = lang::compile(text, {.file = "fuzz.scope"});
  (void)compiled.diagnostics().render();
  REMIT_FUZZ_CHECK(compiled.valid() || !compiled.program());
  if (!compiled.valid()) return 0;
  const std::string once = formatted(text);
  REMIT_FUZZ_CHECK(formatted(once) == once);
  const lang::Compiled again = lang::compile(once, {.file = "fuzz.scope"});
  REMIT_FUZZ_CHECK(again.valid());
  REMIT_FUZZ_CHECK(again.program().has_value() == compiled.program().has_value());
  if (compiled.program()) REMIT_FUZZ_CHECK(meaning(compiled) == meaning(again));
  return 0;
}
