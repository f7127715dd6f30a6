// Where memory runs out while strangers' tokens are read, OpenSSL's own included: refused `out_of_memory` or as what
// the token is refused for anyway, never accepted. Each try runs in a process of its own, because the JSON library
// takes a value apart with memory that it allocates, in a destructor: where there is none even for that, the process
// ends (docs/assurance.md). It does not go on with what it did not read.
#include <catch2/catch.hpp>

#include <openssl/crypto.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include <remit/mint.h>

#include "tests/failing_memory.h"
#include "tests/identity/forge.h"

using namespace remit;
using namespace remit::test;

namespace {

// OpenSSL's allocations count with all others, from its first on.
bool openssl_counts() {
  static const bool done = CRYPTO_set_mem_functions([](std::size_t size, const char*, int) { return memory_left() ? std::malloc(size) : nullptr; },
                                                    [](void* memory, std::size_t size, const char*, int) { return memory_left() ? std::realloc(memory, size) : nullptr; },
                                                    [](void* memory, const char*, int) { std::free(memory); }) == 1;
  return done;
}
const bool kCounts = openssl_counts();

enum class Ended { accepted, refused, wrong, aborted };

// Runs `call` (accepted, refused, or wrong where what came out is not what should) with its n-th allocation failing,
// for n = 0, 1, ... until none is left to fail. Answers how many failed.
template <class Call>
long each_in_child(Call&& call, bool right) {
  for (long n = 0;; ++n) {
    REQUIRE(n < 100'000);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      std::signal(SIGABRT, SIG_DFL);  // Catch reports it
      ::close(2);                     // and the C++ runtime, too
      g_left = n;
      const Ended ended = call();
      const bool reached = g_left < 0;
      ::_exit(static_cast<int>(ended) * 2 + reached);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    if (WIFSIGNALED(status)) {
      REQUIRE(WTERMSIG(status) == SIGABRT);
      continue;
    }
    const auto ended = static_cast<Ended>(WEXITSTATUS(status) / 2);
    const bool reached = WEXITSTATUS(status) % 2 == 1;
    INFO("allocation " << n);
    REQUIRE(ended != Ended::wrong);
    if (!right) REQUIRE(ended == Ended::refused);
    if (reached) continue;
    REQUIRE((ended == Ended::accepted) == right);
    return n;
  }
}

template <class Answer>
Ended ended(const Answer& answer) {
  if (answer.ok()) return Ended::accepted;
  return answer.error().text.empty() ? Ended::wrong : Ended::refused;
}

}  // namespace

TEST_CASE("no token is accepted without memory that should not be, and one that should is accepted when there is some") {
  REQUIRE(kCounts);
  const Trust trust = world().trust();
  for (const TokenKind kind : {TokenKind::access_token, TokenKind::on_behalf_of}) {
    for (const char* algorithm : {"ES256", "RS256"}) {
      INFO(to_string(kind) << " " << algorithm);
      const std::string good = world().token(kind, algorithm);
      std::string forged = good;
      forged[forged.size() - 8] = forged[forged.size() - 8] == 'A' ? 'B' : 'A';
      const auto ask = [&](const std::string& text) {
        const PresentedToken token{kind, text};
        Presented presented;
        presented.tokens = std::span(&token, 1);
        presented.target = kAudience;
        const auto result = authenticate(presented, trust, kNow);
        if (result.ok() && (result.value().identity.habit != BadHabit::none || result.value().identity.agent != kAgent)) return Ended::wrong;
        return ended(result);
      };
      CHECK(each_in_child([&] { return ask(good); }, true) > 10);
      CHECK(each_in_child([&] { return ask(forged); }, false) > 10);
    }
  }
}

TEST_CASE("trust files and keys are read whole or refused") {
  const std::string text = world().trust_json().dump(), keys = Json{{"keys", Json::array({world().key().public_jwk})}}.dump();
  const std::string jwk = world().key("EdDSA").private_jwk.dump(), token = world().token(TokenKind::access_token);
  CHECK(each_in_child([&] { return ended(Trust::parse(text)); }, true) > 10);
  CHECK(each_in_child([&] { return ended(Signer::from_jwk(jwk, kIssuer)); }, true) > 5);
  // Replaced whole, or as it was: the token is accepted either way.
  Trust trust = Trust::parse(text).value();
  const auto replaced = [&](const std::optional<Refusal>& refusal) {
    const bool was_reached = g_left < 0;
    g_left = -1;
    const bool good = present(trust, {{TokenKind::access_token, token}}).ok();
    g_left = was_reached ? -1 : 1;
    return !good ? Ended::wrong : refusal ? Ended::refused : Ended::accepted;
  };
  CHECK(each_in_child([&] { return replaced(trust.reload(text)); }, true) > 10);
  CHECK(each_in_child([&] { return replaced(trust.replace_keys(kIssuer, keys)); }, true) > 10);
}

TEST_CASE("a token is minted whole or not at all") {
  const Signer signer = Signer::from_jwk(world().key("EdDSA").private_jwk.dump(), kIssuer).value();
  TransactionGrant grant;
  grant.identity.agent = kAgent;
  grant.identity.user = kMike;
  grant.identity.expires = kNow + std::chrono::minutes(10);
  grant.trust_domain = kDomain;
  grant.transaction = "t-77";
  grant.purpose = "Open a ticket";
  grant.scope = "tickets.read tickets.write";
  grant.scopes = {"scope ticket\nexpires 1h\nwrite cases:/acme/1042"};
  grant.expires = grant.session_ends = kNow + std::chrono::minutes(10);
  // All but a random number of fixed length is the same each time: what is shorter leaves something out.
  const std::string whole = mint_transaction(signer, grant, kNow).value();
  CHECK(each_in_child([&] {
          const auto minted = mint_transaction(signer, grant, kNow);
          return minted.ok() && minted.value().size() != whole.size() ? Ended::wrong : ended(minted);
        }, true) > 10);
}
