// A workload in neutral form, for every engine of this folder: layers of plain rules, and requests
// with the answers that Remit gives. A layer allows what one of its `allow` rules matches and no
// `deny` rule does; a request is allowed where every layer allows it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace remit::peers {

// Matches one of `actions` ("*": any) on `prefix` and, unless `only`, on everything below it.
struct Rule {
  bool deny = false;
  std::vector<std::string> actions = {};
  std::string prefix = {};
  bool only = false;
  std::string suffix = {}, not_suffix = {};  // of the resource; empty: no condition
  std::string filename_suffix = {};          // of the attribute `filename`
  std::int64_t size_over = -1;               // the attribute `size` is larger; -1: no condition
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Rule, deny, actions, prefix, only, suffix, not_suffix,
                                   filename_suffix, size_over)

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
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Workload, name, texts, layers, queries)

}  // namespace remit::peers
