// What a token says of what may be done: scopes of the language that it carries, and OAuth scopes
// by the issuer's table. Each becomes one more layer that a session has to pass, so whatever stands
// here can only narrow. Covered by tests/identity_claims_test.cpp.
#include <algorithm>

#include <remit/token.h>

#include "engine/identity/envelope.h"
#include "engine/identity/refuse.h"
#include "engine/identity/signature.h"

namespace remit::identity {
namespace {

constexpr std::size_t kMaxScopes = 16;  // as many layers as may be linked
constexpr std::size_t kMaxDetails = 64;

// Line ends and tabs are what documents are made of; the rest of language.md section 1 is the
// compiler's.
void add_scope(Verified& out, std::string text) {
  if (text.size() > kMaxScopeText || out.scopes.size() == kMaxScopes)
    refuse(RefusalCode::scope_too_large);
  out.scopes.push_back(std::move(text));
}

void read_entry(Verified& out, const Json& entry) {
  for (const auto& [name, value] : entry.items()) {
    // RFC 9396 section 5: a field that we do not know may be a limit that we would not keep.
    if (name != "type" && name != "scope" && name != "sha256")
      refuse(RefusalCode::details_unknown_field);
    if (!value.is_string()) refuse(RefusalCode::details_malformed);
  }
  if (!entry.contains("scope")) refuse(RefusalCode::details_malformed);
  std::string text = entry.at("scope").get<std::string>();
  if (text.empty()) refuse(RefusalCode::details_malformed);
  if (text.size() > kMaxScopeText) refuse(RefusalCode::scope_too_large);
  if (entry.contains("sha256") &&
      entry.at("sha256").get_ref<const std::string&>() != sha256_hex(text))
    refuse(RefusalCode::scope_digest_wrong);
  add_scope(out, std::move(text));
}

}  // namespace

void read_details(Verified& out, const Json& holder) {
  const auto found = holder.find("authorization_details");
  if (found == holder.end()) return;
  if (!found->is_array() || found->size() > kMaxDetails) refuse(RefusalCode::details_malformed);
  for (const Json& entry : *found) {
    const auto type = entry.is_object() ? entry.find("type") : entry.end();
    if (!entry.is_object() || type == entry.end() || !type->is_string())
      refuse(RefusalCode::details_malformed);
    // Entries of other types are other systems' grants. Several of ours would add up under RFC
    // 9396; here each is one more layer, which is never wider.
    if (type->get_ref<const std::string&>() == "remit") read_entry(out, entry);
  }
}

void map_scopes(Verified& out) {
  if (!out.issuer->maps_scopes) return;
  // A grants document with the statements of each scope that the token has. One that the table does
  // not know grants nothing; where it knows none, the layer permits nothing.
  std::string text = "grants oauth_scopes\n";
  for (const auto& [scope, statements] : out.issuer->scopes) {
    if (std::find(out.words.begin(), out.words.end(), scope) != out.words.end())
      text.append(statements).append("\n");
  }
  add_scope(out, std::move(text));
}

}  // namespace remit::identity
