// Everything of the identity room that reads what strangers write. The first byte of an input says
// which door the rest goes to:
//
//   t  a token, as it is, to every kind's validator
//   j  a header and claims (JSON, with a line end between them), signed by the issuer: beyond the
//   signature k  a JWK, public and private         s  a JWK Set i  an identifier f  a trust file
//
// No input may crash, and what is accepted must hold together.
#include <cstdint>
#include <string>

#include <remit/identifier.h>
#include <remit/mint.h>

#include "engine/identity/keys.h"
#include "engine/identity/refuse.h"
#include "fuzz/check.h"
#include "tests/identity/forge.h"

namespace {

using namespace remit;

const Trust& trust() {
  static const Trust one = test::world().trust();
  return one;
}

// Who is accepted acts for somebody, or shows a bad habit; and nothing lives for ever.
void check(const Result<Authenticated, Refusal>& result) {
  if (!result.ok()) {
    REMIT_FUZZ_CHECK(!result.error().text.empty());
    return;
  }
  const Identity& identity = result.value().identity;
  REMIT_FUZZ_CHECK((identity.habit == BadHabit::none) ==
                   (!identity.agent.empty() && !identity.user.empty()));
  REMIT_FUZZ_CHECK(identity.sponsor.empty() && !identity.supplied);
  REMIT_FUZZ_CHECK(identity.expires && *identity.expires <= test::kNow + std::chrono::hours(25));
  REMIT_FUZZ_CHECK(identity.chain.size() <= kMaxActors);
  for (const std::string& one : {identity.agent, identity.user}) {
    REMIT_FUZZ_CHECK(one.empty() || parse_identifier(one).value().text == one);
  }
}

void present(const std::string& text) {
  for (std::size_t kind = 0; kind < kTokenKinds; ++kind) {
    check(test::present(trust(), {{static_cast<TokenKind>(kind), text}}));
  }
  static const std::string workload = test::world().token(TokenKind::workload);
  check(
      test::present(trust(), {{TokenKind::workload, workload}, {TokenKind::workload_proof, text}}));
  check(test::present(trust(), {{TokenKind::workload, text}, {TokenKind::workload_proof, text}}));
}

void signed_by_issuer(const std::string& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string::npos) return;
  const std::string header = text.substr(0, end), claims = text.substr(end + 1);
  present(test::token_of(test::world().key("EdDSA"), header, claims));
}

template <class Read>
void read_keys(const std::string& text, const Read& read) {
  const auto result = identity::guarded<bool>([&] {
    read(identity::read_json(text));
    return true;
  });
  REMIT_FUZZ_CHECK(result.ok() || result.error().code != RefusalCode::out_of_memory);
}

void identifier(const std::string& text) {
  const auto result = parse_identifier(text);
  if (!result.ok()) return;
  const auto again = parse_identifier(result->text);
  REMIT_FUZZ_CHECK(again.ok() && again->text == result->text && again->kind == result->kind);
  REMIT_FUZZ_CHECK(result->text.size() == text.size() && result->text.size() <= kMaxIdentifier);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 't': present(text); break;
    case 'j': signed_by_issuer(text); break;
    case 'k':
      for (const auto part : {identity::KeyPart::only_public, identity::KeyPart::with_private}) {
        read_keys(text, [&](const identity::Json& jwk) { identity::read_key(jwk, part); });
      }
      break;
    case 's':
      read_keys(text, [](const identity::Json& set) { identity::read_key_set(set); });
      break;
    case 'i': identifier(text); break;
    case 'f': (void)Trust::parse(text); break;
    default: break;
  }
  return 0;
}
