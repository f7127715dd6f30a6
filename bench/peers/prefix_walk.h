// What a team would write itself: an unordered_map a layer from path to rules, asked for each
// prefix of the resource. It gives the same answers as Remit on the workloads of this folder,
// reason and deciding line included, and refuses what is not canonical; native.cpp holds it to that
// before it is timed. What it leaves out: docs/peers.md.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <unordered_map>

#include <remit/decision.h>
#include <remit/value.h>

#include "bench/peers/workload.h"

namespace remit::peers {

struct Answer {
  Effect effect = Effect::deny;
  Reason reason = Reason::no_matching_rule;
  std::uint16_t layer = 0;
  std::uint32_t line = 0;  // of the deciding rule; 0 where none decided

  bool operator==(const Answer&) const = default;
};

// A canonical resource (language.md section 3), and where its prefixes end: `docs:`, `docs:/a`,
// `docs:/a/b`.
struct Path {
  std::string_view text, system;
  std::size_t count = 0;
  std::uint16_t ends[65];  // only the first `count` are set
};
std::optional<Path> canonical(std::string_view text);

class PrefixWalk {
 public:
  explicit PrefixWalk(const Workload& work);
  Answer decide(const Query& query, Time opened, Time now) const;

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  template <typename Value>
  using Map = std::unordered_map<std::string, Value, Hash, std::equal_to<>>;
  struct Entry {
    std::uint64_t actions;
    std::uint32_t line;
    Effect effect;
    bool only;
    const Rule* condition;  // null for most rules
  };
  using Layer = Map<std::vector<Entry>>;

  static bool holds(const Rule& rule, const Query& query, std::string_view resource);
  static Answer decide(const Layer& layer, const Query& query, const Path& path,
                       std::uint64_t action);

  std::vector<std::vector<Rule>> rules_;
  Map<Map<std::uint64_t>> systems_;  // system, action, its bit
  std::vector<Layer> layers_;
  Duration lifetime_;
};

}  // namespace remit::peers
