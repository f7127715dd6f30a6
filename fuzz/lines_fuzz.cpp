// JSON lines as `remit run` plays them: openings, requests, approvals, delegations, ends, in any order and any
// shape. Each line has an answer or an error that names it; a deny has a reason; time never runs backwards.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <remit/lang/compile.h>

#include "fuzz/check.h"
#include "tools/json.h"
#include "tools/line_runner.h"

namespace {

using namespace remit;
using namespace remit::tools;

constexpr std::size_t kMostLines = 64;

const Layers& layers() {
  static const Layers linked = Layers::link(*lang::compile("expires 9h\nidle 1h\ndelegate\nread docs:/a at most 9 times\n"
                                                           "read docs:/b when size <= 5KB\nask write docs:/a\ndeny list docs:/x after read docs:/a\n"
                                                           "list docs:/\n")
                                                 .program(),
                                            {*lang::compile("guardrail g\nallow any anything\nlimit any anything to 15 times per 1h\n").program()})
                                   .value();
  return linked;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const CompileSettings settings;
  SessionTable table(layers(), settings, {});
  LineReading reading;
  std::size_t number = 0;
  for (std::size_t at = 0; at <= text.size() && number < kMostLines;) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    LineStep step = reading.read(text.substr(at, end - at), ++number);
    at = end + 1;
    std::optional<LineError> error = step.error;
    if (!error && step.files.empty()) {  // a delegation's files are the command's to read
      if (step.request) {
        if (Session* session = table.find(step, error)) {
          const Time before = session->status(time_from_micros(INT64_MIN)).now;
          const Decision decision = table.decide(*session, step);
          REMIT_FUZZ_CHECK(decision.allowed() || decision.asks() || decision.reason != Reason::allowed_by_rule);
          REMIT_FUZZ_CHECK(session->status(time_from_micros(INT64_MIN)).now >= before);
        } else {
          REMIT_FUZZ_CHECK(error.has_value());
        }
      } else {
        REMIT_FUZZ_CHECK(!to_line(table.take(step, error)).empty() || error);
      }
    }
    if (error) {
      REMIT_FUZZ_CHECK(error->line == number && !error->code.empty() && !error->message.empty());
      REMIT_FUZZ_CHECK(!to_line(line_error_json(*error)).empty());
    }
  }
  return 0;
}
