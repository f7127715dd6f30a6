// The engine against the reference evaluator, on random documents, layers, sessions and sequences
// of calls. A short run with fixed seeds; `scripts/differential` runs for as long as one likes.
//
//   REMIT_SEED   the first seed (a failure prints its own, to run it alone)
//   REMIT_CASES  how many worlds and scenarios
#include <unistd.h>

#include <catch2/catch.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include "tests/differential/run.h"

namespace {

using remit::differential::Failure;
using remit::differential::Tally;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

void judge(std::uint64_t count,
           const std::function<std::optional<Failure>(std::uint64_t, Tally&)>& run) {
  const std::uint64_t seed = number_from("REMIT_SEED", 1);
  Tally tally;
  std::size_t failures = 0;
  for (std::uint64_t i = 0; i < count && failures < 3; ++i) {
    const auto failure = run(seed + i, tally);
    if (!failure) continue;
    ++failures;
    UNSCOPED_INFO(failure->text);
    if (failure->one) UNSCOPED_INFO(remit::reference::write_case(*failure->one));
    CHECK_FALSE(failure);
  }
  std::printf("%llu cases\n%s", static_cast<unsigned long long>(tally.cases), tally.text().c_str());
  // A generator that loses its grip on the language would make this test say nothing.
  CHECK(tally["document sets that do not compile"] * 20 <= tally["document sets"]);
}

}  // namespace

TEST_CASE("the vm decides as the reference does") {
  judge(number_from("REMIT_CASES", 1500), remit::differential::run_world);
}

TEST_CASE("a session remembers as the reference does") {
  judge(number_from("REMIT_CASES", 300), remit::differential::run_scenario);
}

TEST_CASE("what is found is written down as a conformance case") {
  const auto path = std::filesystem::temp_directory_path() /
                    ("remit_cases_" + std::to_string(::getpid()) + ".jsonl");
  std::vector<remit::reference::Case> written;
  {
    std::ofstream file(path);
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      const auto one = remit::differential::make_case(seed);
      if (!one) continue;
      written.push_back(*one);
      file << remit::reference::write_case(*one) << '\n';
    }
  }
  const auto read = remit::reference::read_cases(path.string());
  std::filesystem::remove(path);
  REQUIRE(read.size() == written.size());
  CHECK(read.size() > 20);
  std::size_t played = 0;
  for (std::size_t i = 0; i < read.size(); ++i) {
    CHECK(read[i].steps.size() == written[i].steps.size());
    for (const std::string& difference : remit::reference::play(read[i], played)) {
      UNSCOPED_INFO(difference);
      CHECK(difference.empty());
    }
  }
}
