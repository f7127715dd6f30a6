// Where memory runs out while text is compiled: std::bad_alloc comes out and nothing else, nothing of it stays behind
// (the sanitizers watch), and the next compilation gives the same image as ever.
#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <vector>


#include "tests/failing_memory.h"
#include "tests/support.h"

using namespace remit;

namespace {

struct Outcome {
  std::vector<std::byte> image;
  std::size_t findings = 0;
};

// Nothing where memory ran out.
std::optional<Outcome> compiled(const std::string& text, const lang::CompileOptions& options) {
  try {
    const lang::Compiled done = lang::compile(text, options);
    Outcome out;
    out.findings = done.diagnostics().all().size() + done.diagnostics().render().size();
    if (done.program()) out.image.assign(done.program()->image().begin(), done.program()->image().end());
    return out;
  } catch (const std::bad_alloc&) {
    return std::nullopt;
  }
}

}  // namespace

TEST_CASE("compiling without memory throws bad_alloc, each time anew") {
  lang::CompileOptions options;
  options.modules = {{"team.rules", "let roof = 5MB\nlist docs:/b, docs:/c when size <= $roof\n"}};
  const std::string right = std::string(test::kLab) +
                            "purpose \"p\"\nexpires 2h\nuse team.rules\nread lab:/a/**/b except lab:/a/x when size <= 5MB and region like \"*é?\"\n"
                            "ask write lab:/d because \"why\"\nlimit write lab:/d to 5 of n per 1h\ndeny list lab:/e after read lab:/f\n";
  const std::string wrong = right + "raed lab:/a\nread lab:/../x when siez > 1\nlimit read lab:/ to x of n\n";
  for (const std::string& text : {right, wrong}) {
    INFO(text);
    const std::optional<Outcome> whole = compiled(text, options);
    REQUIRE(whole);
    INFO(lang::compile(text, options).diagnostics().render());
    CHECK(whole->image.empty() == (text == wrong));
    const long failed = test::exhaust([&] { return compiled(text, options); }, [&](const std::optional<Outcome>& outcome, bool reached) {
      if (!outcome) return;
      INFO(reached);
      REQUIRE((outcome->image == whole->image));
      REQUIRE(outcome->findings == whole->findings);
    });
    CHECK(failed > 100);
  }
}

TEST_CASE("a bound on steps that there is no memory for is above every bound, and is worked out later") {
  const std::string text = std::string(test::kLab) + "expires 2h\nread lab:/a/**/b except lab:/a/x when region like \"*é?\"\n";
  const std::uint64_t bound = test::compile_or_die(text).worst_case_steps();
  CHECK(bound < UINT64_MAX);
  const Program program = test::compile_or_die(text);
  const long failed = test::exhaust([&] { return program.worst_case_steps(); },
                                    [&](std::uint64_t steps, bool reached) { REQUIRE(steps == (reached ? UINT64_MAX : bound)); });
  CHECK(failed > 0);
}
