// From tokens to an identity: who acts, for whom, what the token adds, the two bad habits, and
// tokens that are used once.
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "engine/identity/refuse.h"
#include "engine/identity/replay.h"
#include "tests/identity/forge.h"

using namespace remit;
using namespace remit::test;

namespace {

constexpr auto kAccess = TokenKind::access_token;
constexpr auto kObo = TokenKind::on_behalf_of;
constexpr auto kTxn = TokenKind::transaction;
constexpr auto kSvid = TokenKind::jwt_svid;
constexpr auto kWorkload = TokenKind::workload;
constexpr auto kProof = TokenKind::workload_proof;

std::string sign(TokenKind kind, const Json& claims) {
  return token_of(world().key(), World::header(kind), claims);
}

Authenticated accept(TokenKind kind, const Json& claims, const Json& trust = world().trust_json()) {
  auto result = present(World::read(trust), {{kind, sign(kind, claims)}});
  INFO(code_of(result));
  REQUIRE(result.ok());
  return std::move(result).value();
}

Json changed(TokenKind kind, const std::function<void(Json&)>& change) {
  Json claims = world().claims(kind);
  change(claims);
  return claims;
}

Json remit_details(const std::string& scope) {
  return Json::array({Json{{"type", "remit"}, {"scope", scope}}});
}

}  // namespace

TEST_CASE("the agent for the user") {
  for (const TokenKind kind : {kAccess, kObo, kTxn}) {
    INFO(to_string(kind));
    const Authenticated found = accept(kind, world().claims(kind));
    CHECK(found.identity.agent == kAgent);
    CHECK(found.identity.user == kMike);
    CHECK(found.identity.sponsor.empty());
    CHECK(found.identity.chain.empty());
    CHECK(found.identity.issuer == kIssuer);
    CHECK(found.identity.expires == kNow + std::chrono::seconds(300));
    CHECK(found.identity.habit == BadHabit::none);
    CHECK_FALSE(found.identity.supplied);
    CHECK(found.digests.size() == 1);
    CHECK(found.digests[0].size() == 64);
  }
  const Authenticated txn = accept(kTxn, world().claims(kTxn));
  CHECK(txn.transaction == "t-77");
  CHECK(txn.purpose == "Open a ticket");
  CHECK(accept(kAccess, world().claims(kAccess)).client == "tickets-client");
}

// RFC 8693 section 4.1: the outermost actor acts, the inner ones are history.
TEST_CASE("earlier actors are history, outermost first") {
  const Json act = {
      {"sub", "spiffe://acme.example/c"},
      {"act", {{"sub", "spiffe://acme.example/b"}, {"act", {{"sub", "spiffe://acme.example/a"}}}}}};
  for (const TokenKind kind : {kAccess, kObo, kTxn}) {
    const Authenticated found = accept(kind, changed(kind, [&](Json& c) { c["act"] = act; }));
    CHECK(found.identity.agent == "spiffe://acme.example/c");
    CHECK(found.identity.chain ==
          std::vector<std::string>{"spiffe://acme.example/a", "spiffe://acme.example/b"});
  }
}

TEST_CASE("a replaced transaction token, as its issuer writes it") {
  Json keeps = world().trust_json();
  keeps["issuers"][0]["replacement"] = "keeps";
  const Json claims = changed(kTxn, [](Json& c) { c["req_wl"] = kHelper; });
  const Authenticated kept = accept(kTxn, claims, keeps);
  CHECK(kept.identity.agent == kHelper);
  CHECK(kept.identity.chain == std::vector<std::string>{kAgent});
  const Authenticated nested = accept(kTxn, claims);  // nests: req_wl says nothing about who acts
  CHECK(nested.identity.agent == kAgent);
  CHECK(nested.identity.chain.empty());
}

TEST_CASE("a user's token with no actor is impersonation") {
  const Trust trust = world().trust();
  for (const TokenKind kind : {kAccess, kTxn}) {
    const Authenticated found = accept(kind, changed(kind, [](Json& c) { c.erase("act"); }));
    CHECK(found.identity.habit == BadHabit::impersonation);
    CHECK(found.identity.agent.empty());
    CHECK(found.identity.user == kMike);
    CHECK_FALSE(found.identity.supplied);
    const auto supplied = supply_agent(found, "SPIFFE://acme.example/agent/tickets");
    REQUIRE(supplied.ok());
    CHECK(supplied.value().identity.agent == kAgent);
    CHECK(supplied.value().identity.habit == BadHabit::impersonation);  // the trail still says so
    CHECK(supplied.value().identity.supplied);
    CHECK(code_of(supply_agent(found, kMike)) == "actors_loop");
    CHECK(code_of(supply_agent(found, "")) == "identifier_empty");
    CHECK(code_of(supply_sponsor(found, "ann@acme.example")) == "nothing_missing");
    CHECK(code_of(supply_agent(supplied.value(), kHelper)) == "nothing_missing");
  }
}

TEST_CASE("a service account with no person is unaccountable") {
  const auto itself = [](const char* name) {
    return changed(kAccess, [&](Json& c) {
      c.erase("act");
      c["sub"] = name;
      c["client_id"] = name;
    });
  };
  for (const char* name : {"batch-7", kAgent}) {
    const Authenticated found = accept(kAccess, itself(name));
    CHECK(found.identity.habit == BadHabit::unaccountable);
    CHECK(found.identity.agent == name);
    CHECK(found.identity.user.empty());
    const auto supplied = supply_sponsor(found, kMike);
    REQUIRE(supplied.ok());
    CHECK(supplied.value().identity.sponsor == kMike);
    CHECK(supplied.value().identity.user.empty());
    CHECK(supplied.value().identity.supplied);
    CHECK(code_of(supply_sponsor(found, kHelper)) == "sponsor_is_workload");
    CHECK(code_of(supply_sponsor(found, name)) == "sponsor_is_workload");
    CHECK(code_of(supply_agent(found, kHelper)) == "nothing_missing");
  }
  // A client whose identifier looks like a user's is a client all the same (RFC 9068 section 5).
  Json trust = world().trust_json();
  trust["issuers"][0]["agents"].push_back("robot@acme.example");
  const Authenticated robot = accept(kAccess, itself("robot@acme.example"), trust);
  CHECK(robot.identity.habit == BadHabit::unaccountable);
  CHECK(robot.identity.user.empty());
  // One that has an agent act for it still has no person.
  const Authenticated acted =
      accept(kAccess, changed(kAccess, [](Json& c) { c["sub"] = "batch-7"; }));
  CHECK(acted.identity.habit == BadHabit::unaccountable);
  CHECK(acted.identity.agent == kAgent);
  CHECK(acted.identity.chain == std::vector<std::string>{"batch-7"});
  // A workload alone.
  const Authenticated workload = accept(kSvid, world().claims(kSvid));
  CHECK(workload.identity.habit == BadHabit::unaccountable);
  CHECK(workload.workload == kAgent);
  // Nothing is missing where nothing is.
  CHECK(code_of(supply_agent(accept(kObo, world().claims(kObo)), kAgent)) == "nothing_missing");
}

TEST_CASE("tokens that come together") {
  const World& w = world();
  const Trust trust = w.trust();
  const std::string access = w.token(kAccess), svid = w.token(kSvid), workload = w.token(kWorkload);
  CHECK(code_of(present(trust, {})) == "no_token");
  CHECK(code_of(present(trust, {{kAccess, ""}})) == "not_compact");
  CHECK(code_of(present(trust, {{kAccess, access}, {kAccess, access}})) == "token_repeated");
  CHECK(code_of(present(trust, {{kAccess, access}, {kObo, w.token(kObo)}})) == "two_subjects");
  CHECK(code_of(present(trust, {{kAccess, access}, {kTxn, w.token(kTxn)}})) == "two_subjects");
  CHECK(code_of(present(trust, {{kWorkload, workload}})) == "proof_missing");
  CHECK(code_of(present(trust, {{kProof, w.proof(w.proof_claims(workload))}})) ==
        "proof_unexpected");
  CHECK(code_of(present(trust, {{kSvid, svid},
                                {kWorkload, workload},
                                {kProof, w.proof(w.proof_claims(workload))}})) == "two_workloads");
  // One fault refuses the whole.
  CHECK(code_of(present(trust, {{kAccess, access}, {kSvid, svid + "A"}})) != "ok");
  // The presenter is the agent, or somebody who found the token.
  const auto both = present(trust, {{kAccess, access}, {kSvid, svid}});
  REQUIRE(both.ok());
  CHECK(both.value().workload == kAgent);
  CHECK(both.value().digests.size() == 2);
  const std::string thief = sign(kSvid, changed(kSvid, [](Json& c) { c["sub"] = kHelper; }));
  CHECK(code_of(present(trust, {{kAccess, access}, {kSvid, thief}})) == "agent_mismatch");
  // A presenter does not make good a token that names no agent; the host may, but only by that
  // name.
  const std::string plain = sign(kAccess, changed(kAccess, [](Json& c) { c.erase("act"); }));
  const auto found = present(trust, {{kAccess, plain}, {kSvid, svid}});
  REQUIRE(found.ok());
  CHECK(found.value().identity.habit == BadHabit::impersonation);
  CHECK(found.value().identity.agent.empty());
  CHECK(code_of(supply_agent(found.value(), kHelper)) == "agent_mismatch");
  CHECK(code_of(supply_agent(found.value(), kAgent)) == "ok");
  // The earliest end holds.
  const std::string brief =
      sign(kSvid, changed(kSvid, [](Json& c) { c["exp"] = kNowSeconds + 20; }));
  CHECK(present(trust, {{kAccess, access}, {kSvid, brief}}).value().identity.expires ==
        kNow + std::chrono::seconds(20));
}

TEST_CASE("what a token grants becomes layers") {
  Json trust = world().trust_json();
  const std::string scope = "grants ticket\nwrite cases:/acme/1042";
  CHECK(accept(kAccess, world().claims(kAccess)).scopes.empty());
  CHECK(
      accept(kAccess,
             changed(kAccess, [&](Json& c) { c["authorization_details"] = remit_details(scope); }))
          .scopes == std::vector<std::string>{scope});
  CHECK(accept(kTxn,
               changed(kTxn,
                       [&](Json& c) { c["tctx"]["authorization_details"] = remit_details(scope); }))
            .scopes == std::vector<std::string>{scope});
  // Several are several layers, each of which has to be passed; other types are other systems'
  // business.
  const Json several = {{{"type", "payment"}, {"amount", 5}},
                        {{"type", "remit"}, {"scope", "a"}},
                        {{"type", "remit"}, {"scope", "b"}}};
  CHECK(accept(kAccess, changed(kAccess, [&](Json& c) { c["authorization_details"] = several; }))
            .scopes == std::vector<std::string>{"a", "b"});
  // OAuth scopes by the host's table.
  trust["issuers"][0]["scopes"] = {{"tickets.read", "read cases:/acme"},
                                   {"tickets.write", "write cases:/acme"},
                                   {"admin", "any anything"}};
  CHECK(accept(kAccess, world().claims(kAccess), trust).scopes ==
        std::vector<std::string>{"grants oauth_scopes\nread cases:/acme\nwrite cases:/acme\n"});
  CHECK(
      accept(kAccess,
             changed(kAccess, [](Json& c) { c["scope"] = "tickets.read unheard.of tickets.read"; }),
             trust)
          .scopes == std::vector<std::string>{"grants oauth_scopes\nread cases:/acme\n"});
  CHECK(accept(kAccess, changed(kAccess, [](Json& c) { c.erase("scope"); }), trust).scopes ==
        std::vector<std::string>{"grants oauth_scopes\n"});
  CHECK(accept(kAccess, changed(kAccess, [](Json& c) { c["scope"] = "Admin"; }), trust).scopes ==
        std::vector<std::string>{"grants oauth_scopes\n"});
}

TEST_CASE("a proof is taken once, and used up only where all else was right") {
  const World& w = world();
  const Trust trust = w.trust();
  const std::string workload = w.token(kWorkload), access = w.token(kAccess);
  const auto again = [&](const Json& claims, Time now = kNow) {
    return code_of(present(trust, {{kWorkload, workload}, {kProof, w.proof(claims)}}, now));
  };
  Json claims = w.proof_claims(workload);
  // Refused for another reason first: the proof is still good.
  CHECK(code_of(present(trust, {{kWorkload, workload}, {kProof, w.proof(claims)}}, kNow,
                        "https://other.example")) == "audience_wrong");
  CHECK(again(claims) == "ok");
  CHECK(again(claims) == "replayed");
  claims["exp"] = kNowSeconds + 61;  // another token of the same jti
  CHECK(again(claims) == "replayed");
  claims["jti"] = "proof-2";
  CHECK(again(claims) == "ok");
  // Remembered until it has expired for good, grace and all; and a clock set back does not help.
  CHECK(again(claims, kNow + std::chrono::seconds(70)) == "replayed");
  CHECK(again(claims, kNow + std::chrono::seconds(71)) == "expired");
  CHECK(again(claims) == "replayed");
}

TEST_CASE("tokens of a kind that the issuer calls single-use") {
  Json json = world().trust_json();
  json["issuers"][0]["kinds"]["transaction"]["single_use"] = true;
  const Trust trust = World::read(json);
  CHECK(code_of(present(trust, {{kTxn, world().token(kTxn)}})) == "ok");
  CHECK(code_of(present(trust, {{kTxn, world().token(kTxn)}})) == "replayed");
  CHECK(code_of(
            present(trust, {{kTxn, sign(kTxn, changed(kTxn, [](Json& c) { c.erase("jti"); }))}})) ==
        "claim_missing");
  // Other kinds are not, and another subject's token of the same jti is another token.
  CHECK(code_of(present(trust, {{kAccess, world().token(kAccess)}})) == "ok");
  CHECK(code_of(present(trust, {{kAccess, world().token(kAccess)}})) == "ok");
  CHECK(code_of(present(trust, {{kTxn, sign(kTxn, changed(kTxn, [](Json& c) {
                                              c["sub"] = "ann@acme.example";
                                            }))}})) == "ok");
}

TEST_CASE("the memory of used tokens is bounded, and full means no") {
  Json json = world().trust_json();
  json["remember"] = 2;
  const Trust trust = World::read(json);
  const std::string workload = world().token(kWorkload);
  const auto proof = [&](const char* id, std::int64_t expires, Time now) {
    Json claims = world().proof_claims(workload);
    claims["jti"] = id;
    claims["exp"] = expires;
    return code_of(present(trust, {{kWorkload, workload}, {kProof, world().proof(claims)}}, now));
  };
  CHECK(proof("a", kNowSeconds + 10, kNow) == "ok");
  CHECK(proof("b", kNowSeconds + 60, kNow) == "ok");
  CHECK(proof("c", kNowSeconds + 60, kNow) == "replay_full");
  CHECK(proof("a", kNowSeconds + 10, kNow) == "replayed");
  const Time later = kNow + std::chrono::seconds(20);  // `a` has gone, with its 10 seconds of grace
  CHECK(proof("c", kNowSeconds + 60, later) == "ok");
  CHECK(proof("d", kNowSeconds + 60, later) == "replay_full");
  CHECK(proof("a", kNowSeconds + 10, kNow) ==
        "expired");  // by a clock set back: it may have been used
}

// Against the obvious memory that never forgets: whatever the bounded one takes, that one takes
// too.
TEST_CASE("no digest is taken twice while it could be valid") {
  std::srand(9);
  identity::ReplayMemory memory;
  memory.set_capacity(8);
  std::map<std::string, Time> ever;
  int taken = 0, full = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Time now = kNow + std::chrono::seconds(i / 20 - std::rand() % 5);
    const std::string digest = "d" + std::to_string(std::rand() % 200 + i / 500 * 50);
    const auto known = ever.find(digest);
    const Time expires =
        known != ever.end() ? known->second : now + std::chrono::seconds(1 + std::rand() % 9);
    const auto result =
        identity::guarded<int>([&] { return memory.remember(digest, expires, now), 0; });
    CHECK(memory.size() <= 8);
    if (result.ok()) {
      ++taken;
      REQUIRE(known == ever.end());
      ever.emplace(digest, expires);
    } else if (result.error().code == RefusalCode::replay_full) {
      ++full;
    }
  }
  CHECK(taken > 500);
  CHECK(full > 100);
}

TEST_CASE("of many threads with one proof, one is let in") {
  const Trust trust = world().trust();
  const std::string workload = world().token(kWorkload);
  for (int round = 0; round < 20; ++round) {
    Json claims = world().proof_claims(workload);
    claims["jti"] = "round-" + std::to_string(round);
    const std::string proof = world().proof(claims);
    std::atomic<int> accepted{0}, replayed{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        const std::string code = code_of(present(trust, {{kWorkload, workload}, {kProof, proof}}));
        if (code == "ok") ++accepted;
        if (code == "replayed") ++replayed;
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(accepted == 1);
    CHECK(replayed == 3);
  }
}
