// Documents and requests of any size, for the benchmarks.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <remit/lang/compile.h>
#include <remit/remit.h>

namespace remit::bench {

inline const Time kNow = time_from_micros(1'000'000);

inline Program compile_or_die(const std::string& text, const lang::CompileOptions& options = {}) {
  const lang::Compiled compiled = lang::compile(text, options);
  if (!compiled.program()) {
    std::fputs(compiled.diagnostics().render().c_str(), stderr);
    std::exit(1);
  }
  return *compiled.program();
}

// Folders like those of real document stores: requests below them have 50 to 56 bytes and about five
// segments on average.
inline std::string folder(std::size_t i) {
  return "docs:/clinical/site-" + std::to_string(i % 89) + "/study-" + std::to_string(i % 977) + "/visit-" + std::to_string(i);
}

// Seven in ten rules cover a subtree, the others one document; one in twelve forbids.
inline std::string scope_of(std::size_t rules) {
  std::string text = "expires 2h\n";
  for (std::size_t i = 0; i < rules; ++i) {
    text += i % 12 == 11 ? "deny read " : "read ";
    text += (i % 10 < 7 ? "" : "only ") + folder(i) + "\n";
  }
  return text;
}

// Half of them below folders that have a rule.
inline std::vector<std::string> requests_of(std::size_t rules) {
  std::vector<std::string> resources;
  for (std::size_t i = 0; i < 4096; ++i) resources.push_back(folder(i * 7919 % (2 * rules)) + (i % 3 ? "/protocol-" + std::to_string(i) + ".pdf" : ""));
  return resources;
}

}  // namespace remit::bench
