// See worst.h.
#include "tests/generate/worst.h"

#include <algorithm>
#include <iterator>

namespace remit::generate {
namespace {

struct Range {
  const char* name;
  std::size_t least, most;
};
// What the language allows, or where a document becomes one that nobody waits for in a test.
constexpr Range kRanges[] = {{"patterns", 1, 40},      {"deeps", 0, 30},       {"literals", 1, 8},       {"stars", 0, 8},     {"questions", 0, 40},
                             {"excepts", 0, 12},        {"conditions", 0, 9},  {"glob stars", 0, 60},    {"glob questions", 0, 60}, {"items", 1, 60},
                             {"effect", 0, 3},          {"broad", 0, 20},       {"segments", 1, 60},      {"segment bytes", 1, 60}, {"text bytes", 0, 4096},
                             {"list items", 0, 256}};
static_assert(std::size(kRanges) == WorstDraft::kKnobs);

std::string repeat(const std::string& part, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += part;
  return out;
}

}  // namespace

WorstDraft::WorstDraft(Random& random) {
  for (std::size_t knob = 0; knob < kKnobs; ++knob) {
    const Range& range = kRanges[knob];
    values_[knob] = range.least + random.below(range.most - range.least + 1);
  }
}

WorstDraft WorstDraft::turned(Random& random) const {
  WorstDraft out = *this;
  for (std::size_t turns = 1 + random.below(3); turns > 0; --turns) {
    const std::size_t knob = random.below(kKnobs);
    const Range& range = kRanges[knob];
    std::size_t& value = out.values_[knob];
    switch (random.below(5)) {
      case 0: value = range.least; break;
      case 1: value = range.most; break;
      case 2: value = std::min(range.most, value + 1); break;
      case 3: value = std::max(range.least, value == 0 ? 0 : value - 1); break;
      default: value = range.least + random.below(range.most - range.least + 1);
    }
  }
  return out;
}

WorstDraft WorstDraft::times(std::size_t factor) const {
  WorstDraft out = *this;
  out.values_[kPatterns] *= factor;
  return out;
}

// The request is all `a`; a pattern agrees with it everywhere but at its very end, and each is another text.
std::string WorstDraft::pattern(std::size_t number) const {
  const std::string segment(at(kSegmentBytes), 'a');
  std::string out = "w:/" + segment;
  std::size_t segments = 1;
  const auto room = [&](std::size_t more) { return segments + more < 60 && out.size() + more * (segment.size() + 4) < 3500; };
  for (std::size_t i = 0; i < at(kDeeps) && room(1 + at(kLiterals)); ++i, segments += 1 + at(kLiterals)) out += "/**" + repeat("/" + segment, at(kLiterals));
  for (std::size_t i = 0; i < at(kStars) && room(1); ++i, ++segments) out += "/a*" + repeat("?", std::min<std::size_t>(at(kQuestions), 20));
  return out + "/" + repeat("?", at(kQuestions)) + "b" + std::to_string(number);
}

std::string WorstDraft::condition() const {
  std::string out;
  for (std::size_t i = 0; i < at(kConditions); ++i) {
    out += i == 0 ? "" : i % 2 == 0 ? " or " : " and ";
    switch (i % 4) {
      case 0: out += "not s like \"" + repeat("*a", at(kGlobStars)) + "*" + repeat("?", at(kGlobQuestions)) + "b*" + std::to_string(i) + "\""; break;
      case 1: out += "not s == \"" + std::string(200, 'a') + std::to_string(i) + "\""; break;
      case 2: {
        out += "not s in [";
        for (std::size_t item = 0; item < at(kItems); ++item) out += (item == 0 ? "\"" : ", \"") + std::string(20, 'a') + std::to_string(item) + "\"";
        out += "]";
        break;
      }
      default: out += "not \"" + std::string(30, 'a') + "b" + std::to_string(i) + "\" in l";
    }
  }
  return out;
}

std::string WorstDraft::text() const {
  static constexpr const char* kEffects[] = {"read", "deny read", "ask read", "limit read"};
  std::string out = "system w {\n  action read\n  attribute s: string\n  attribute l: list of string\n}\nexpires 1h\n";
  const std::string when = condition();
  const auto clauses = [&](std::string statement, bool limit) {
    if (limit) statement += " to 5 times";
    if (at(kExcepts) != 0) {
      statement += " except ";
      for (std::size_t i = 0; i < at(kExcepts); ++i) statement += (i == 0 ? "" : ", ") + pattern(100'000 + i);
    }
    if (!when.empty()) statement += " when " + when;
    return statement + "\n";
  };
  for (std::size_t i = 0; i < at(kPatterns); ++i) {
    const std::size_t effect = i % 2 == 0 ? 0 : at(kEffect);
    out += clauses(std::string(kEffects[effect]) + " " + pattern(i), effect == 3);
  }
  for (std::size_t i = 0; i < at(kBroad); ++i) out += clauses("read w:/", false);
  return out;
}

std::string WorstDraft::resource() const {
  std::string out = "w:";
  for (std::size_t i = 0; i < at(kSegments) && out.size() + at(kSegmentBytes) < 4000; ++i) out += "/" + std::string(at(kSegmentBytes), 'a');
  return out;
}

std::string WorstDraft::attribute_text() const { return std::string(at(kTextBytes), 'a'); }

std::vector<std::string> WorstDraft::attribute_items() const {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < at(kListItems); ++i) out.push_back(std::string(30, 'a') + std::to_string(i));
  return out;
}

std::string WorstDraft::knobs() const {
  std::string out;
  for (std::size_t knob = 0; knob < kKnobs; ++knob) out += std::string(knob == 0 ? "" : ", ") + kRanges[knob].name + " " + std::to_string(values_[knob]);
  return out;
}

}  // namespace remit::generate
