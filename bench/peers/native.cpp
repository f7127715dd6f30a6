// The two engines of C++: Remit by its public interface, and what a team would write itself, a walk
// over the resource's prefixes in one unordered_map a layer. `remit_peers_native remit|map FILE`.
// Their decisions are about as short as reading the clock, so batches of 16 are timed.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <iostream>
#include <string_view>
#include <unordered_map>

#include "bench/peers/remit_side.h"

namespace {

using namespace remit::peers;

class PrefixMap {
 public:
  explicit PrefixMap(const std::vector<Rule>& rules) {
    for (const Rule& rule : rules) at_[rule.prefix].push_back(rule);
  }
  bool allowed(const Query& query) const {
    bool yes = false;
    const std::string_view resource = query.resource;
    for (std::size_t end = resource.find(':') + 1; end != std::string_view::npos;
         end = end == resource.size() ? std::string_view::npos
                                      : std::min(resource.find('/', end + 1), resource.size())) {
      const auto found = at_.find(resource.substr(0, end));
      if (found == at_.end()) continue;
      for (const Rule& rule : found->second) {
        if (rule.only && end != resource.size()) continue;
        if (!matches(rule, query)) continue;
        if (rule.deny) return false;
        yes = true;
      }
    }
    return yes;
  }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  static bool matches(const Rule& rule, const Query& query) {
    return std::ranges::any_of(rule.actions,
                               [&](const std::string& action) {
                                 return action == "*" || action == query.action;
                               }) &&
           query.resource.ends_with(rule.suffix) &&
           (rule.not_suffix.empty() || !query.resource.ends_with(rule.not_suffix)) &&
           query.filename.ends_with(rule.filename_suffix) && query.size > rule.size_over;
  }

  std::unordered_map<std::string, std::vector<Rule>, Hash, std::equal_to<>> at_;
};

std::int64_t now_ns() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

// Checks every answer, warms up, then times: median and p99 in nanoseconds.
template <typename Decide>
int run(const std::string& engine, const Workload& work, const Decide& decide) {
  for (const Query& query : work.queries) {
    if (decide(query) == query.allowed) continue;
    std::cerr << engine << ": another answer for " << query.action << " " << query.resource << "\n";
    return 1;
  }
  constexpr std::size_t kBatch = 16;
  std::vector<double> times;
  volatile std::size_t sink = 0;
  for (int round = 0; round < 120; ++round) {
    for (std::size_t i = 0; i + kBatch <= work.queries.size(); i += kBatch) {
      std::size_t yes = 0;
      const std::int64_t start = now_ns();
      for (std::size_t j = i; j < i + kBatch; ++j) yes += decide(work.queries[j]);
      const auto took = static_cast<double>(now_ns() - start);
      sink = sink + yes;
      if (round >= 20) times.push_back(took / kBatch);  // the first rounds warm up
    }
  }
  std::ranges::sort(times);
  const double median = times[times.size() / 2], p99 = times[times.size() * 99 / 100];
  std::cout << nlohmann::json{{"engine", engine},
                              {"version", ""},
                              {"workload", work.name},
                              {"median_ns", median},
                              {"p99_ns", p99},
                              {"median_with_request_ns", median},
                              {"p99_with_request_ns", p99}}
            << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  std::ifstream in(argv[2]);
  const Workload work = nlohmann::json::parse(in).get<Workload>();
  if (argv[1] == std::string_view("remit")) {
    const remit::Layers layers = link(work);
    return run("Remit", work, [&](const Query& query) { return allowed(layers, query); });
  }
  const std::vector<PrefixMap> maps(work.layers.begin(), work.layers.end());
  return run("prefix walk", work, [&](const Query& query) {
    return std::ranges::all_of(maps, [&](const PrefixMap& map) { return map.allowed(query); });
  });
}
