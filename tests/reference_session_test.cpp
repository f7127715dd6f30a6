// What the reference makes of trees of sessions, sentence by sentence of language.md sections 5
// to 7. It judges the engine's sessions, so it is judged first.
#include <catch2/catch.hpp>

#include <deque>
#include <string>

#include "tests/reference/checked.h"
#include "tests/reference/opening.h"
#include "tests/reference/session.h"

namespace {

using namespace remit;
using reference::Answer;
using reference::Checked;
using reference::HeldOpening;
using reference::identifier_matches;
using reference::Tree;

constexpr std::int64_t kMinute = 60'000'000, kHour = 60 * kMinute;
constexpr const char* kLab =
    "system lab { action read, list; action write { create, update }; attribute size: size; "
    "attribute n: int; attribute flag: bool }\n";

// A tree of sessions over the system `lab`, with the documents that it borrows.
class Play {
 public:
  explicit Play(const std::string& task, const std::string& rail = "") {
    std::vector<reference::Layer> layers = {document("expires 8h\n" + task)};
    if (!rail.empty()) layers.push_back(document("guardrail rail\n" + rail));
    tree_.emplace(Tree::open(layers, opening("spiffe://a/main"), 0).value());
  }

  Answer check(const char* action, const char* resource, std::int64_t now = 0,
               std::initializer_list<Attribute> attributes = {}, std::size_t session = 0) {
    return tree_->check(session, {action, resource, attributes}, now);
  }
  Reason reason(const char* action, const char* resource, std::int64_t now = 0,
                std::initializer_list<Attribute> attributes = {}, std::size_t session = 0) {
    return check(action, resource, now, attributes, session).outcome.reason;
  }
  std::optional<std::size_t> delegate(const std::string& task, const std::string& agent,
                                      std::size_t parent = 0, std::int64_t now = 0) {
    return tree_->delegate(parent, {document("expires 8h\n" + task)}, opening(agent), now);
  }
  Tree& tree() { return *tree_; }

 private:
  static HeldOpening opening(const std::string& agent) {
    HeldOpening result;
    result.agent = agent;
    result.user = "ann";
    return result;
  }
  reference::Layer document(const std::string& text) {
    documents_.push_back(reference::check_text(text.rfind("guardrail", 0) == 0
                                                   ? text.substr(0, text.find('\n') + 1) + kLab +
                                                         text.substr(text.find('\n') + 1)
                                                   : kLab + text));
    INFO(text << documents_.back().diagnostics.render());
    REQUIRE(documents_.back().complete());
    return {&documents_.back().document};
  }

  std::deque<Checked> documents_;
  std::optional<Tree> tree_;
};

}  // namespace

TEST_CASE("a limit caps what is permitted, by whichever rule") {
  Play play("read lab:/ at most 2 times\nread lab:/b");
  CHECK(play.reason("read", "lab:/a") == Reason::allowed_by_rule);
  CHECK(play.reason("list", "lab:/a") == Reason::no_matching_rule);  // is not charged
  CHECK(play.reason("read", "lab:/b") == Reason::allowed_by_rule);
  const Answer answer = play.check("read", "lab:/b");
  CHECK(answer.outcome.reason == Reason::limit_exceeded);
  CHECK(answer.outcome.rule == 1);  // the limit that stands beside rule 0
}

TEST_CASE("a sliding window forgets what is its length ago") {
  Play play("read lab:/\nlimit read lab:/ to 2 times per 10m");
  CHECK(play.reason("read", "lab:/", 0) == Reason::allowed_by_rule);
  CHECK(play.reason("read", "lab:/", 5 * kMinute) == Reason::allowed_by_rule);
  CHECK(play.reason("read", "lab:/", 10 * kMinute - 1) == Reason::limit_exceeded);
  CHECK(play.reason("read", "lab:/", 10 * kMinute) == Reason::allowed_by_rule);
  CHECK(play.reason("read", "lab:/", 10 * kMinute) == Reason::limit_exceeded);
  CHECK(play.reason("read", "lab:/", 15 * kMinute) == Reason::allowed_by_rule);
}

TEST_CASE("an implementation may deny D/64 early, and just the limit that it names") {
  Play play("read lab:/\nlimit read lab:/ to 1 times per 64m");
  CHECK(play.reason("read", "lab:/", 0) == Reason::allowed_by_rule);
  const reference::Outcome full{Effect::deny, Reason::limit_exceeded, 0, 1};
  const auto judged = [&](std::int64_t now, const reference::Outcome& observed) {
    return play.tree().would(0, {"read", "lab:/"}, now, &observed).reason;
  };
  CHECK(judged(65 * kMinute - 1, full) == Reason::limit_exceeded);
  CHECK(judged(65 * kMinute, full) == Reason::allowed_by_rule);
  const reference::Outcome other{Effect::deny, Reason::limit_exceeded, 0, 0};
  CHECK(judged(65 * kMinute - 1, other) == Reason::allowed_by_rule);
}

TEST_CASE("sums measure, and what cannot be measured is denied") {
  Play play("write lab:/ at most 10MB\nlimit write lab:/n to 5 of n");
  CHECK(play.reason("write", "lab:/") == Reason::limit_unmeasurable);
  CHECK(play.reason("write", "lab:/", 0, {{"size", 5}}) == Reason::limit_unmeasurable);
  CHECK(play.reason("write", "lab:/", 0, {{"size", bytes(-1)}}) == Reason::limit_unmeasurable);
  CHECK(play.reason("write", "lab:/", 0, {{"size", bytes(9'000'000)}}) == Reason::allowed_by_rule);
  CHECK(play.reason("write", "lab:/", 0, {{"size", bytes(1'000'001)}}) == Reason::limit_exceeded);
  CHECK(play.reason("write", "lab:/n", 0, {{"size", bytes(0)}, {"n", 6}}) ==
        Reason::limit_exceeded);
  CHECK(play.reason("write", "lab:/n", 0, {{"size", bytes(0)}, {"n", 5}}) ==
        Reason::allowed_by_rule);
  CHECK(play.reason("write", "lab:/", 0, {{"size", bytes(1'000'000)}}) == Reason::allowed_by_rule);
  CHECK(play.reason("write", "lab:/", 0, {{"size", bytes(INT64_MAX)}}) == Reason::limit_exceeded);
}

TEST_CASE("nothing is charged unless every layer grants") {
  Play play("read lab:/ at most 1 times", "allow any anything\ndeny read lab:/x");
  CHECK(play.reason("read", "lab:/x") == Reason::denied_by_rule);
  CHECK(play.reason("read", "lab:/a") == Reason::allowed_by_rule);
  CHECK(play.reason("read", "lab:/a") == Reason::limit_exceeded);
}

TEST_CASE("history speaks of what was granted") {
  Play play(
      "read, list lab:/\nwrite lab:/\ndeny write lab:/ after read lab:/secret\ndeny read lab:/no");
  CHECK(play.reason("write", "lab:/") == Reason::allowed_by_rule);
  CHECK(play.reason("list", "lab:/secret") == Reason::allowed_by_rule);
  CHECK(play.reason("read", "lab:/no") == Reason::denied_by_rule);
  CHECK(play.reason("write", "lab:/") == Reason::allowed_by_rule);
  CHECK(play.reason("read", "lab:/secret/a") == Reason::allowed_by_rule);
  CHECK(play.reason("write", "lab:/") == Reason::denied_by_rule);
}

TEST_CASE("time is the largest seen, and idle time counts from grants") {
  Play play("read lab:/\nidle 20m\nstarts 1970-01-01T00:10Z");
  CHECK(play.reason("read", "lab:/", 0) == Reason::not_yet_valid);
  CHECK(play.reason("read", "lab:/", 30 * kMinute - 1) == Reason::allowed_by_rule);
  CHECK(play.reason("list", "lab:/", 49 * kMinute) == Reason::no_matching_rule);
  CHECK(play.reason("read", "lab:/", 50 * kMinute - 1) == Reason::idle_expired);
  CHECK(play.reason("read", "lab:/", 10 * kMinute) == Reason::idle_expired);
}

TEST_CASE("an approval answers one request of one session, once, for 15 minutes") {
  Play play("ask write lab:/ when n < 5\nlimit write lab:/ to 2 times");
  const Answer first = play.check("write", "lab:/a", 0, {{"n", 1}});
  REQUIRE(first.ask);
  CHECK_FALSE(play.tree().approve(0, *first.ask, "spiffe://a/main", 0));
  CHECK_FALSE(play.tree().approve(0, *first.ask, "WIMSE://b/x", 0));
  CHECK_FALSE(play.tree().approve(0, *first.ask, "", 0));
  CHECK(play.tree().approve(0, *first.ask, "ann", 0));
  CHECK_FALSE(play.tree().approve(0, *first.ask, "ann", 0));
  CHECK(play.reason("write", "lab:/a", 0, {{"n", 2}}) == Reason::asked_by_rule);
  CHECK(play.tree().would(0, {"write", "lab:/a", {{"n", 1}}}, 0).reason ==
        Reason::granted_by_approval);
  CHECK(play.reason("write", "lab:/a/", 15 * kMinute - 1, {{"n", 1}}) ==
        Reason::granted_by_approval);
  const Answer second = play.check("write", "lab:/a", 15 * kMinute, {{"n", 1}});
  REQUIRE(second.ask);
  CHECK(play.tree().approve(0, *second.ask, "ann", 15 * kMinute));
  CHECK(play.reason("write", "lab:/a", 30 * kMinute, {{"n", 1}}) == Reason::asked_by_rule);
}

TEST_CASE("an approval answers only the ask rules that asked") {
  Play play("read lab:/\nask write lab:/\nask write lab:/a after read lab:/");
  const Answer first = play.check("write", "lab:/a");
  REQUIRE(first.ask);
  CHECK(play.tree().approve(0, *first.ask, "ann", 0));
  CHECK(play.reason("read", "lab:/") == Reason::allowed_by_rule);
  const Answer again = play.check("write", "lab:/a");
  REQUIRE(again.ask);  // the second rule matches now, and nobody was asked about it
  CHECK(play.tree().approve(0, *again.ask, "ann", 0));
  CHECK(play.reason("write", "lab:/a") == Reason::granted_by_approval);
}

TEST_CASE("a sub-session shares limits and history, and can do nothing that its parent cannot") {
  Play play("read lab:/ at most 2 times\ndelegate to spiffe://a/*");
  const auto child = play.delegate("any lab:\nlist lab:/ after read lab:/", "spiffe://a/child");
  REQUIRE(child);
  CHECK(play.reason("list", "lab:/", 0, {}, *child) == Reason::no_matching_rule);
  CHECK(play.reason("read", "lab:/", 0, {}, *child) == Reason::allowed_by_rule);
  CHECK(play.reason("read", "lab:/") == Reason::allowed_by_rule);
  const Answer full = play.check("read", "lab:/", 0, {}, *child);
  CHECK(full.outcome == reference::Outcome{Effect::deny, Reason::limit_exceeded, 1, 1});
  CHECK_FALSE(play.delegate("read lab:/", "spiffe://b/child"));      // the pattern
  CHECK_FALSE(play.delegate("read lab:/", "spiffe://a/x", *child));  // no delegate of its own
  play.tree().end(0, 0);
  CHECK(play.reason("read", "lab:/", 0, {}, *child) == Reason::session_ended);
  CHECK_FALSE(play.delegate("read lab:/", "spiffe://a/child"));
}

TEST_CASE("every ancestor's depth and patterns hold for all descendants") {
  Play play("read lab:/\ndelegate up to 2 levels to spiffe://a/**");
  const std::string own = "read lab:/\ndelegate up to 5 levels";
  const auto one = play.delegate(own, "spiffe://a/1");
  REQUIRE(one);
  CHECK_FALSE(play.delegate(own, "spiffe://b/2", *one));
  const auto two = play.delegate(own, "spiffe://a/2/x", *one);
  REQUIRE(two);
  CHECK_FALSE(play.delegate(own, "spiffe://a/3", *two));
  play.tree().revoke(*one, 0);
  CHECK(play.reason("read", "lab:/", 0, {}, *two) == Reason::revoked);
  CHECK(play.reason("read", "lab:/") == Reason::allowed_by_rule);
}

TEST_CASE("a sub-agent picks the purpose of its own task scope only") {
  Play play("read lab:/ when purpose == \"main\"\npurpose \"main\"\ndelegate");
  const auto child =
      play.delegate("purpose \"own\"\nread lab:/ when purpose == \"own\"", "spiffe://a/c");
  const auto plain = play.delegate("read lab:/ when purpose == \"main\"", "spiffe://a/c");
  REQUIRE((child && plain));
  CHECK(play.reason("read", "lab:/", 0, {}, *child) == Reason::allowed_by_rule);
  CHECK(play.reason("read", "lab:/", 0, {}, *plain) == Reason::allowed_by_rule);
}

TEST_CASE("a grant that is given back leaves room, and stays in the history") {
  Play play("read lab:/ at most 1 times\ndeny list lab:/ after read lab:/\nlist lab:/");
  const Answer answer = play.check("read", "lab:/");
  REQUIRE(answer.grant);
  CHECK(play.reason("read", "lab:/") == Reason::limit_exceeded);
  play.tree().give_back(*answer.grant);
  CHECK(play.reason("read", "lab:/") == Reason::allowed_by_rule);
  CHECK(play.reason("list", "lab:/") == Reason::denied_by_rule);
}

TEST_CASE("who may open a session") {
  const auto opens = [](const std::string& statements, const HeldOpening& opening) {
    const Checked checked = reference::check_text(kLab + ("expires 1h\nread lab:/\n" + statements));
    INFO(checked.diagnostics.render());
    REQUIRE(checked.complete());
    return reference::may_open(checked.document.lifetime, opening, false, kHour);
  };
  HeldOpening ann;
  ann.user = "ann", ann.agent = "spiffe://a/b";
  CHECK(opens("", ann));
  CHECK(opens("agent spiffe://x, spiffe://a/*", ann));
  CHECK_FALSE(opens("agent spiffe://a", ann));
  CHECK_FALSE(opens("on behalf of bob", ann));
  HeldOpening nobody;
  CHECK_FALSE(opens("", nobody));
  const std::string standing = "sponsor eve\nreview every 30m\ntrigger event \"e\"";
  CHECK_FALSE(opens(standing, nobody));
  nobody.last_review = kHour / 2;
  nobody.trigger = {"event", "e"};
  CHECK(opens(standing, nobody));
  nobody.sponsor_revoked = true;
  CHECK_FALSE(opens(standing, nobody));
  nobody.sponsor_revoked = false;
  nobody.last_review = kHour / 2 - 1;
  CHECK_FALSE(opens(standing, nobody));
  nobody.last_review = kHour;
  nobody.trigger = {"schedule", "e"};
  CHECK_FALSE(opens(standing, nobody));
}

TEST_CASE("identifiers match within segments") {
  CHECK(identifier_matches("spiffe://a/*", "spiffe://a/b"));
  CHECK_FALSE(identifier_matches("spiffe://a/*", "spiffe://a/b/c"));
  CHECK_FALSE(identifier_matches("spiffe://a/*", "spiffe://a/"));
  CHECK(identifier_matches("spiffe://a/**", "spiffe://a/b/c"));
  CHECK(identifier_matches("spiffe://**/c", "spiffe://a/b/c"));
  CHECK(identifier_matches("*@acme.example", "ann@acme.example"));
  CHECK_FALSE(identifier_matches("ann", "anna"));
  CHECK(identifier_matches("spiffe://Acme/*/x", "SPIFFE://aCME/B/x"));
  CHECK_FALSE(identifier_matches("spiffe://acme/b", "spiffe://acme/B"));
  CHECK_FALSE(identifier_matches("Ann", "ann"));
}
