// The two engines of C++: Remit by its public interface, and the prefix walk. `remit_peers_native
// remit|map FILE`. Prints one JSON object.
#include <fstream>
#include <iostream>
#include <string_view>

#include "bench/peers/prefix_walk.h"
#include "bench/peers/remit_side.h"
#include "bench/peers/timing.h"

namespace {

using namespace remit;
using namespace remit::peers;

// What people and agents get wrong, or try: variants of an ordinary request, most of them
// malformed.
std::vector<Query> variants(const Query& query) {
  const std::string& resource = query.resource;
  const std::size_t colon = resource.find(':');
  std::vector<Query> all;
  const auto add = [&](const std::string& other) {
    all.push_back(query);
    all.back().resource = other;
  };
  for (const char* tail : {"/",
                           "//",
                           "/.",
                           "/..",
                           "/../x",
                           "/./x",
                           "/.x",
                           "\\",
                           "%2e",
                           "%2F",
                           "%41",
                           "%20",
                           "%7e",
                           "%zz",
                           "%",
                           "\x01",
                           "\x7f",
                           "\xc3\xa9",
                           "e\xcc\x81",
                           "\xff",
                           "\xc3",
                           "\xed\xa0\x80",
                           "\xc2\x85",
                           "\xe2\x80\xa8",
                           "\xe2\x80\xae",
                           "\xe2\x81\xa6",
                           " ",
                           "*",
                           "?"})
    add(resource + tail);
  add(resource.substr(0, colon));
  add(resource.substr(0, colon + 1));
  add(resource.substr(0, colon + 1) + "/");
  add(resource.substr(0, colon + 1) + "//x");
  add(resource.substr(colon));
  add("");
  add("D" + resource);
  add("x-files" + resource.substr(colon));
  std::string deep = resource;
  for (int i = 0; i < 64; ++i) add(deep += "/d");
  add(resource + std::string(4096 - resource.size(), 'x'));
  add(resource + std::string(4097 - resource.size(), 'x'));
  for (const char* action : {"write", "share", "purge", "grill", "", "READ"}) {
    all.push_back(query);
    all.back().action = action;
  }
  all.push_back(query);
  all.back().filename.clear();  // without attributes
  return all;
}

Answer answer_of(const Layers& layers, const Query& query, Time now) {
  const Decision decision = decide(layers, query, now);
  const auto rule = layers.rule(decision);
  return {.effect = decision.effect,
          .reason = decision.reason,
          .layer = decision.layer,
          .line = rule ? rule->line : 0};
}

// The walk is worth comparing only where it gives the whole of Remit's answer, to whatever is
// asked.
bool same_answers(const Workload& work, const PrefixWalk& walk) {
  const Layers layers = link(work);
  const auto same = [&](const Query& query, Time now) {
    const Answer mine = answer_of(layers, query, now), its = walk.decide(query, {}, now);
    if (mine == its) return true;
    std::cerr << "prefix walk: another answer for " << query.action << " " << query.resource << ": "
              << to_string(its.effect) << " " << to_string(its.reason) << " line " << its.line
              << ", not " << to_string(mine.effect) << " " << to_string(mine.reason) << " line "
              << mine.line << "\n";
    return false;
  };
  for (const Query& query : work.queries)
    if (!same(query, bench::kNow)) return false;
  for (std::size_t i = 0; i < work.queries.size(); i += 8)
    for (const Query& query : variants(work.queries[i]))
      for (const std::int64_t now :
           {std::int64_t{1}, work.expires_seconds - 1, work.expires_seconds})
        if (!same(query, Time() + std::chrono::seconds(now))) return false;
  return true;
}

template <typename Decide>
int run(const std::string& engine, const Workload& work, const Decide& decide) {
  for (const Query& query : work.queries) {
    if (decide(query) == query.allowed) continue;
    std::cerr << engine << ": another answer for " << query.action << " " << query.resource << "\n";
    return 1;
  }
  volatile std::size_t sink = 0;
  const std::size_t count = work.queries.size();
  const auto call = [&](std::size_t i) { sink = sink + decide(work.queries[i % count]); };
  const Times single = measure(1, call), batch = measure(64, call);
  std::cout << nlohmann::json{{"engine", engine},
                              {"version", ""},
                              {"workload", work.name},
                              {"answered", count},
                              {"median_ns", batch.median},
                              {"single_median_ns", single.median},
                              {"p99_ns", single.p99},
                              {"samples", single.samples},
                              // Both take the strings as they are: there is nothing to build.
                              {"request_median_ns", single.median},
                              {"request_p99_ns", single.p99},
                              {"clock_ns", clock_cost()}}
            << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  std::ifstream in(argv[2]);
  const Workload work = nlohmann::json::parse(in).get<Workload>();
  if (argv[1] == std::string_view("remit")) {
    const Layers layers = link(work);
    return run("Remit", work, [&](const Query& query) { return decide(layers, query).allowed(); });
  }
  const PrefixWalk walk(work);
  if (!same_answers(work, walk)) return 1;
  return run("prefix walk", work, [&](const Query& query) {
    return walk.decide(query, {}, bench::kNow).effect == Effect::allow;
  });
}
