// JSON lines, as `remit run` and `remit conform` read them. What is read as a value is written as JSON
// that is read as the same value; anything else is refused, never a crash.
#include <cstdint>
#include <string_view>

#include "fuzz/check.h"
#include "tools/errors.h"
#include "tools/json.h"
#include "tools/line_runner.h"
#include "tools/values.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace remit::tools;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)LineReading().read(text, 1);
  try {
    const Json json = parse_json(text);
    const remit::lang::Constant value = constant_from_json(json, "value");
    const remit::lang::Constant again = constant_from_json(parse_json(to_line(json_from_constant(value))), "value");
    REMIT_FUZZ_CHECK(again == value);
  } catch (const BadInput&) {
    return 0;
  }
  return 0;
}
