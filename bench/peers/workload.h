// A workload in neutral form, for every engine of this folder: layers of plain rules, and requests
// with the answers that Remit gives. A layer allows what one of its `allow` rules matches and no
// `deny` rule does; a request is allowed where every layer allows it. `ask`, `line`, `systems` and
// `expires_seconds` are for the prefix walk, which gives Remit's whole answer.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace remit::peers {

// Matches one of `actions` ("*": any) on `prefix` and, unless `only`, on everything below it.
struct Rule {
  bool deny = false, ask = false;  // an asking rule denies, too: no peer has a third answer
  std::vector<std::string> actions = {};
  std::string prefix = {};
  bool only = false;
  std::string suffix = {}, not_suffix = {};  // of the resource; empty: no condition
  std::string filename_suffix = {};          // of the attribute `filename`
  std::int64_t size_over = -1;               // the attribute `size` is larger; -1: no condition
  std::uint32_t line = 0;                    // where it stands in the layer's text
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Rule, deny, ask, actions, prefix, only, suffix, not_suffix,
                                   filename_suffix, size_over, line)

struct Query {
  std::string action = {}, resource = {},
              filename = {};  // a request without attributes: an empty file name, size 0
  std::int64_t size = 0;
  bool allowed = false;  // Remit's answer
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Query, action, resource, filename, size, allowed)

struct Workload {
  std::string name;
  std::vector<std::string> texts;         // the layers as Remit documents: task, guardrail, grants
  std::vector<std::vector<Rule>> layers;  // the same layers as neutral rules
  std::vector<Query> queries;
  std::int64_t expires_seconds = 0;                              // after the session's opening
  std::map<std::string, std::vector<std::string>> systems = {};  // and their actions
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Workload, name, texts, layers, queries, expires_seconds, systems)

}  // namespace remit::peers
