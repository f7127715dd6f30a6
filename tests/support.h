// Small helpers that several tests share.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <remit/lang/compile.h>
#include <remit/remit.h>

namespace remit::test {

// A system that tests can use without the standard library's names.
inline constexpr std::string_view kLab =
    "system lab { action read, list; action write { create, update }; attribute size: size; attribute n: int; "
    "attribute region: string; attribute labels: list of string; attribute flag: bool; attribute due: time; "
    "attribute took: duration }\n";

inline constexpr std::int64_t kHour = 3'600'000'000;

// Compiles text that must be right; prints what is wrong otherwise and ends the test program.
inline Program compile_or_die(std::string_view text, const lang::CompileOptions& options = {}) {
  const lang::Compiled compiled = lang::compile(text, options);
  if (!compiled.program()) {
    std::fprintf(stderr, "%s\n%s\n", std::string(text).c_str(), compiled.diagnostics().render().c_str());
    std::abort();
  }
  return *compiled.program();
}

// Decides one request on one scope, opened at time zero, asked at `now`.
inline Decision decide(const Program& task, const Request& request, Time now = time_from_micros(0), Facts facts = {}) {
  return Layers::link(task).value().decide(request, facts, now);
}

}  // namespace remit::test
