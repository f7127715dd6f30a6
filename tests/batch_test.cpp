// Many requests in one call: each is answered as by itself, in order, whatever stands beside it; in indexes that are
// far away, where the call fetches ahead, too.
#include <catch2/catch.hpp>

#include <deque>
#include <string>
#include <vector>

#include "tests/generate/compiled.h"
#include "tests/reference/held.h"
#include "tests/support.h"

using namespace remit;

namespace {

void require_same(const Layers& layers, const std::vector<Request>& requests, const Facts& facts, Time now) {
  // One more, which must stay as it is.
  std::vector<Decision> out(requests.size() + 1, Decision{Effect::ask, Reason::asked_by_rule, 7, 7});
  layers.decide(requests, facts, now, out);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const Decision one = layers.decide(requests[i], facts, now);
    INFO(i << ": " << requests[i].action << " " << requests[i].resource);
    REQUIRE(out[i].effect == one.effect);
    REQUIRE(out[i].reason == one.reason);
    REQUIRE(out[i].layer == one.layer);
    REQUIRE(out[i].rule == one.rule);
  }
  REQUIRE(out.back().rule == 7);
}

}  // namespace

TEST_CASE("random worlds, each request as by itself") {
  std::size_t compared = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    generate::Random random(seed);
    const generate::World world = generate::make_world(random, generate::Size::middle);
    std::string problem;
    const auto compiled = generate::compile_world(world, problem);
    if (!compiled) continue;
    std::vector<Program> guardrails, grants;
    for (std::size_t i = 1; i < compiled->documents.size(); ++i) {
      const Program& program = *compiled->documents[i].program();
      (program.kind() == DocumentKind::grants ? grants : guardrails).push_back(program);
    }
    const auto layers = Layers::link(*compiled->documents[0].program(), guardrails, grants);
    if (!layers) continue;
    const auto held = generate::make_requests(random, world, compiled->resolved, 30);
    const reference::Loan facts(world.facts);
    for (std::size_t from = 0; from < held.size(); from += 7) {
      std::deque<reference::Loan> loans;  // what is lent must not move
      std::vector<Request> requests;
      for (std::size_t i = from; i < std::min(from + 7, held.size()); ++i) requests.push_back(loans.emplace_back(held[i]).request());
      require_same(layers.value(), requests, facts.facts(), time_from_micros(held[from].now));
      compared += requests.size();
    }
  }
  CHECK(compared > 500);
}

TEST_CASE("an index larger than the caches, in one of three layers") {
  std::string text = "grants g\n" + std::string(test::kLab);
  for (int i = 0; i < 30'000; ++i) text += (i % 9 == 0 ? "deny read lab:/a/" : "read lab:/a/") + std::to_string(i % 173) + "/folder-" + std::to_string(i) + "\n";
  const Program task = test::compile_or_die(std::string(test::kLab) + "expires 2h\nread lab:/a except lab:/a/**/secret\nask write lab:/a\n");
  const std::vector<Program> rails{test::compile_or_die("guardrail r\nallow any anything\ndeny read lab:/a/7\n" + std::string(test::kLab))};
  const std::vector<Program> grants{test::compile_or_die(text)};
  const Layers layers = Layers::link(task, rails, grants).value();
  std::vector<std::string> resources;
  for (int i = 0; i < 1000; ++i) {
    const int rule = i * 7919 % 33'000;
    resources.push_back("lab:/a/" + std::to_string(rule % 173) + "/folder-" + std::to_string(rule) + (i % 3 == 0 ? "/secret" : i % 3 == 1 ? "/x" : ""));
  }
  resources.insert(resources.begin() + 40, {"lab:/../a", "", "lab:", "lab:/", "other:/a", std::string(5000, 'a')});
  std::vector<Request> requests;
  for (const std::string& resource : resources) requests.emplace_back(resource.size() % 5 == 0 ? "create" : resource.size() % 11 == 0 ? "fly" : "read", resource);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{11}, std::size_t{12}, std::size_t{13}, requests.size()}) {
    require_same(layers, {requests.begin(), requests.begin() + static_cast<std::ptrdiff_t>(size)}, {}, Time{});
  }
  // What needs a session's memory is not decided here, and fewer places than requests are no harm.
  std::vector<Decision> out(3, Decision{Effect::allow, Reason::allowed_by_rule, 0, 0});
  const Layers remembering = Layers::link(test::compile_or_die(std::string(test::kLab) + "expires 2h\nread lab:/a at most 3 times\n"), {}, grants).value();
  remembering.decide(requests, {}, Time{}, out);
  for (const Decision& decision : out) CHECK(decision.reason == Reason::internal_error);
  std::vector<Decision> few(2);
  layers.decide(requests, {}, Time{}, few);
  CHECK(few[1].rule == layers.decide(requests[1], {}, Time{}).rule);
}
