// The engine against the reference evaluator, for as long as one likes: what scripts/differential
// runs.
//
//   differential --minutes N [--seed S] [--cases FILE]
//
// Prints how many cases a second were compared and how often each feature was met. What differs is
// printed in its smallest form; of sessions, it is added to FILE as a conformance case. Ends with 0
// where all agree, 1 where something differs, 2 for bad arguments.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "tests/differential/run.h"
#include "tools/terminal.h"

namespace {

using remit::differential::Tally;
using Clock = std::chrono::steady_clock;

struct Options {
  double minutes = 1;
  std::uint64_t seed = 1;
  std::string cases = "differential_found.jsonl";
};

bool read_options(int count, char** words, Options& options) {
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string name = words[i];
    char* end = nullptr;
    if (name == "--minutes")
      options.minutes = std::strtod(words[i + 1], &end);
    else if (name == "--seed")
      options.seed = std::strtoull(words[i + 1], &end, 10);
    else if (name == "--cases")
      options.cases = words[i + 1];
    else
      return false;
    if (end != nullptr && *end != '\0') return false;
  }
  return count % 2 == 1 && options.minutes > 0;
}

}  // namespace

int main(int count, char** words) {
  Options options;
  if (!read_options(count, words, options)) {
    std::fprintf(stderr, "usage: differential --minutes N [--seed S] [--cases FILE]\n");
    return 2;
  }
  const auto start = Clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  remit::tools::Progress progress("comparing");
  Tally tally;
  std::size_t failures = 0;
  std::uint64_t seed = options.seed;
  for (; seconds() < options.minutes * 60 && failures < 20; ++seed) {
    // Sessions have more that can go wrong than single requests have.
    const auto failure = seed % 4 == 0 ? remit::differential::run_world(seed, tally)
                                       : remit::differential::run_scenario(seed, tally);
    progress.show(static_cast<std::size_t>(seconds() * 1000),
                  static_cast<std::size_t>(options.minutes * 60'000));
    if (!failure) continue;
    ++failures;
    progress.clear();
    std::printf("%s\n", failure->text.c_str());
    if (failure->one)
      std::ofstream(options.cases, std::ios::app)
          << remit::reference::write_case(*failure->one) << '\n';
  }
  progress.clear();
  std::printf("%s%llu cases in %.0f s, %.0f a second; seeds %llu to %llu; %zu differ\n",
              tally.text().c_str(), static_cast<unsigned long long>(tally.cases), seconds(),
              static_cast<double>(tally.cases) / seconds(),
              static_cast<unsigned long long>(options.seed),
              static_cast<unsigned long long>(seed - 1), failures);
  return failures == 0 ? 0 : 1;
}
