// Documents that are valid and as expensive as they come: many patterns with many `**`, deep excepts, globs that
// almost match, conditions over the longest texts. A draft is a set of knobs, so that a search can turn them.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "tests/generate/random.h"

namespace remit::generate {

class WorstDraft {
 public:
  enum Knob : std::size_t {
    kPatterns,      // patterns of all rules
    kDeeps,         // `**` in each
    kLiterals,      // literal segments between two of them
    kStars,         // one-segment wildcards in each
    kQuestions,     // `?` in the last segment
    kExcepts,       // patterns that are excepted from each
    kConditions,    // comparisons of each rule
    kGlobStars,     // `*` in each glob
    kGlobQuestions, // `?` in each glob
    kItems,         // of each list
    kEffect,        // of every second rule: allow, deny, ask, limit
    kBroad,         // rules over anything
    kSegments,      // of the request
    kSegmentBytes,
    kTextBytes,     // of its attributes
    kListItems,
    kKnobs
  };

  // Somewhere among all there are.
  explicit WorstDraft(Random& random);
  // A neighbour: one or a few knobs turned, a little or all the way.
  WorstDraft turned(Random& random) const;
  // So many times as many patterns of the same kind.
  WorstDraft times(std::size_t factor) const;

  std::string text() const;
  std::string resource() const;
  std::string attribute_text() const;
  std::vector<std::string> attribute_items() const;
  std::string knobs() const;  // for people

 private:
  std::size_t at(Knob knob) const { return values_[knob]; }
  std::string pattern(std::size_t number) const;
  std::string condition() const;

  std::array<std::size_t, kKnobs> values_{};
};

}  // namespace remit::generate
