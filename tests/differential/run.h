// Random worlds and scenarios from a seed, each judged, with a tally of what was met.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "tests/generate/random.h"
#include "tests/reference/cases.h"

namespace remit::differential {

// How often each feature was met: a generator that loses its grip on the language shows here.
class Tally {
 public:
  void count(const std::string& feature, std::uint64_t times = 1) { counts_[feature] += times; }
  std::uint64_t operator[](const std::string& feature) const {
    const auto found = counts_.find(feature);
    return found == counts_.end() ? 0 : found->second;
  }
  std::uint64_t cases = 0;  // requests and steps compared

  std::string text() const;  // one feature a line

 private:
  std::map<std::string, std::uint64_t> counts_;
};

struct Failure {
  std::string text;                    // the smallest form, for people
  std::optional<reference::Case> one;  // the same as a conformance case, of a scenario
};

// One world and its requests through the stateless doors; one scenario and several courses of
// steps. Nothing where all agree.
std::optional<Failure> run_world(std::uint64_t seed, Tally& tally);
std::optional<Failure> run_scenario(std::uint64_t seed, Tally& tally);
// The same scenario from any source of chance; `name` says in a failure which.
std::optional<Failure> run_scenario_from(generate::Random& random, const std::string& name, Tally& tally);

// The scenario of a seed and its first course as a conformance case, as a failure would be written.
// Nothing where it does not compile or open.
std::optional<reference::Case> make_case(std::uint64_t seed);

}  // namespace remit::differential
