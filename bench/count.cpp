// A number of decisions and nothing else, for callgrind: scripts/bench --instructions.
//   remit_count CASE RULES      CASE: literal, wildcards, conditions, prepared, malformed
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/folders.h"

#define REMIT_TEXT(tokens) #tokens
#define REMIT_VERSION_TEXT(macro) REMIT_TEXT(macro)

namespace {

using namespace remit;
using namespace remit::bench;

std::string wildcards_of(std::size_t rules) {
  std::string text = "expires 2h\n";
  for (std::size_t i = 0; i < rules; ++i) text += "read " + folder(i) + (i % 4 == 1 ? "/*.pdf" : i % 4 == 3 ? "/*/raw" : "") + "\n";
  return text;
}

std::string conditions_of(std::size_t rules) {
  std::string text = "expires 2h\n";
  for (std::size_t i = 0; i < rules; ++i) text += "read " + folder(i) + " when size <= " + std::to_string(5 + i % 7) + "MB\n";
  return text;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const std::string which = arguments[1];
  const std::size_t rules = std::strtoull(arguments[2], nullptr, 10);
  const std::string text = which == "wildcards" ? wildcards_of(rules) : which == "conditions" ? conditions_of(rules) : scope_of(rules);
  const Layers layers = Layers::link(compile_or_die(text)).value();
  std::vector<std::string> resources = requests_of(rules);
  if (which == "malformed") {
    for (std::string& resource : resources) resource += "/../x";
  }
  const Prepared prepared = layers.prepare("read", resources[0]).value();
  const Attribute attributes[] = {{"size", remit::bytes(20'000)}};
  std::size_t allowed = 0;
  for (const std::string& resource : resources) {
    const Decision decision = which == "prepared" ? layers.decide(prepared, {}, Facts{}, kNow) : layers.decide({"read", resource, which == "conditions" ? std::span<const Attribute>(attributes) : std::span<const Attribute>()}, Facts{}, kNow);
    allowed += decision.allowed();
  }
  // The counts differ with the compiler, and with the scanner that this processor gets.
#ifdef __clang__
  const char* const compiler = "clang " REMIT_VERSION_TEXT(__clang_major__);
#else
  const char* const compiler = "g++ " REMIT_VERSION_TEXT(__GNUC__);
#endif
  std::printf("%zu decisions, %zu allowed, by %s with %s\n", resources.size(), allowed, compiler, __builtin_cpu_supports("avx2") ? "avx2" : "sse2");
  return 0;
}
