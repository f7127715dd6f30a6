// Spoilt tokens, one row each: a row takes a good token, spoils one thing and names the code it
// must be refused with.
#pragma once

#include <catch2/catch.hpp>

#include "tests/identity/forge.h"

namespace remit::test {

struct Spoilt {
  Json header, claims;
  std::string text;  // made of the two above, unless `raw` has changed it
  Json trust = world().trust_json();
  std::string key = "ES256";  // signs
  Time now = kNow;
};

struct Row {
  const char* name;
  TokenKind kind;
  std::function<void(Spoilt&)> spoil;  // before it is signed
  RefusalCode expected;
  std::function<void(Spoilt&)> raw = nullptr;  // afterwards
};

inline constexpr auto kAccess = TokenKind::access_token;
inline constexpr auto kObo = TokenKind::on_behalf_of;
inline constexpr auto kTxn = TokenKind::transaction;
inline constexpr auto kSvid = TokenKind::jwt_svid;

inline void nothing(Spoilt&) {}

inline auto header(const char* name, const Json& value) {
  return [=](Spoilt& s) { s.header[name] = value; };
}
inline auto claim(const char* name, const Json& value) {
  return [=](Spoilt& s) { s.claims[name] = value; };
}
inline auto without(const char* name) {
  return [=](Spoilt& s) { s.claims.erase(name); };
}
inline auto issuer(const char* name, const Json& value) {
  return [=](Spoilt& s) { s.trust["issuers"][0][name] = value; };
}

inline Json deep(int levels) {
  Json out = 1;
  for (int i = 0; i < levels; ++i) out = Json::array({out});
  return out;
}

inline void run(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    INFO(row.name);
    Spoilt spoilt;
    spoilt.header = World::header(row.kind);
    spoilt.claims = world().claims(row.kind);
    row.spoil(spoilt);
    spoilt.text = token_of(world().key(spoilt.key), spoilt.header, spoilt.claims);
    if (row.raw) row.raw(spoilt);
    const auto result = present(World::read(spoilt.trust), {{row.kind, spoilt.text}}, spoilt.now);
    CHECK(code_of(result) == to_string(row.expected));
  }
}

}  // namespace remit::test
