// The strict reader of trust files: every field known, every field of its type, every issuer
// complete. See configuration.h; the form is described in docs/identity.md.
#include <algorithm>
#include <cstdio>
#include <memory>

#include "engine/identity/claims.h"
#include "engine/identity/configuration.h"
#include "engine/identity/refuse.h"

namespace remit::identity {
namespace {

constexpr std::size_t kMaxFile = std::size_t{1} << 20;
constexpr std::int64_t kUsualSkew = 30, kMostSkew = 300;  // seconds
constexpr std::int64_t kUsualRemembered = 65'536, kMostRemembered = 4'194'304;
constexpr std::size_t kMaxIssuers = 256;

[[noreturn]] void bad(const std::string& where, const std::string& what) {
  refuse(RefusalCode::trust_malformed, where + ": " + what);
}

std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row[b.size()];
}

// `kidns`: there is no such field; did you mean `kinds`?
[[noreturn]] void unknown(const std::string& where, const std::string& name,
                          const std::vector<std::string_view>& known) {
  // A name that is no word is not shown: it may be something that was pasted into the wrong place.
  const bool word = name.size() <= 32 && std::all_of(name.begin(), name.end(), [](char c) {
                      return (c >= 'a' && c <= 'z') || c == '_';
                    });
  std::string text =
      word ? "there is no `" + name + "` here" : "there is a name here that is not known";
  const auto nearest = std::min_element(
      known.begin(), known.end(), [&](auto a, auto b) { return edits(name, a) < edits(name, b); });
  if (word && edits(name, *nearest) <= 3) text += "; did you mean `" + std::string(*nearest) + "`?";
  bad(where, text);
}

// The fields of one object, each read by name.
class Fields {
 public:
  Fields(const Json& object, std::string where, const std::vector<std::string_view>& known)
      : object_(object), where_(std::move(where)) {
    if (!object.is_object()) bad(where_, "an object is needed");
    for (const auto& [name, value] : object.items()) {
      if (std::find(known.begin(), known.end(), name) == known.end()) unknown(where_, name, known);
    }
  }

  bool has(const char* name) const { return object_.contains(name); }
  const Json& at(const char* name) const {
    if (!has(name)) bad(where_, std::string("`") + name + "` is missing");
    return object_.at(name);
  }
  std::string text(const char* name) const { return text_of(at(name), name); }
  std::vector<std::string> texts(const char* name) const {
    const Json& list = at(name);
    if (!list.is_array() || list.empty())
      bad(where_, std::string("`") + name + "` must be a list of at least one text");
    std::vector<std::string> out;
    for (const Json& one : list) out.push_back(text_of(one, name));
    return out;
  }
  std::int64_t whole(const char* name, std::int64_t usual, std::int64_t least,
                     std::int64_t most) const {
    if (!has(name)) return usual;
    const Json& value = object_.at(name);
    if (!value.is_number_integer() || value.get<std::int64_t>() < least ||
        value.get<std::int64_t>() > most) {
      bad(where_, std::string("`") + name + "` must be a whole number from " +
                      std::to_string(least) + " to " + std::to_string(most));
    }
    return value.get<std::int64_t>();
  }
  bool truth(const char* name) const {
    if (!has(name)) return false;
    if (!object_.at(name).is_boolean())
      bad(where_, std::string("`") + name + "` must be true or false");
    return object_.at(name).get<bool>();
  }
  const std::string& where() const { return where_; }

 private:
  std::string text_of(const Json& value, const char* name) const {
    if (!value.is_string() || value.get_ref<const std::string&>().empty() ||
        !is_plain_text(value.get_ref<const std::string&>())) {
      bad(where_, std::string("`") + name + "` must be a text of one line");
    }
    return value.get<std::string>();
  }

  const Json& object_;
  std::string where_;
};

// The kinds that say who acts and for whom, so that the file has to say who may be named.
bool names_people(const Issuer& issuer) {
  return issuer.rules(TokenKind::access_token).trusted ||
         issuer.rules(TokenKind::on_behalf_of).trusted ||
         issuer.rules(TokenKind::transaction).trusted;
}

void read_kind(Issuer& issuer, TokenKind kind, const Json& object, const std::string& where) {
  std::vector<std::string_view> known = {"max_lifetime", "single_use"};
  if (kind == TokenKind::on_behalf_of) known.push_back("typ");
  // A proof is always used once, and a workload's token never only once: it comes with each
  // request.
  if (kind == TokenKind::workload || kind == TokenKind::workload_proof) known.pop_back();
  const Fields fields(object, where + "." + to_string(kind), known);
  const LifetimeBound bound = lifetime_bound(kind);
  KindRules& rules = issuer.kinds[static_cast<std::size_t>(kind)];
  rules.trusted = true;
  rules.most_lifetime =
      std::chrono::seconds(fields.whole("max_lifetime", bound.usual, 1, bound.most));
  rules.single_use = kind == TokenKind::workload_proof || fields.truth("single_use");
  if (kind != TokenKind::on_behalf_of) return;
  rules.typ = fields.has("typ") ? fields.text("typ") : "jwt";
  for (char& c : rules.typ) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  for (const char* taken : {"at+jwt", "txntoken+jwt", "wit+jwt", "wpt+jwt", "jose"}) {
    if (rules.typ == taken)
      bad(fields.where(), std::string("`typ` ") + taken + " belongs to another kind of token");
  }
}

void read_kinds(Issuer& issuer, const Json& kinds, const std::string& where) {
  std::vector<std::string_view> known;
  known.reserve(kTokenKinds);
  for (std::size_t i = 0; i < kTokenKinds; ++i)
    known.push_back(to_string(static_cast<TokenKind>(i)));
  const Fields fields(kinds, where, known);
  for (const auto& [name, rules] : kinds.items())
    read_kind(issuer, *token_kind(name), rules, where);
  if (kinds.empty()) bad(where, "at least one kind of token is needed");
  const bool workload = issuer.rules(TokenKind::workload).trusted;
  if (fields.has("workload_proof") && !workload) bad(where, "`workload_proof` needs `workload`");
  if (workload && !fields.has("workload_proof"))
    read_kind(issuer, TokenKind::workload_proof, Json::object(), where);
}

void read_scopes(Issuer& issuer, const Json& table, const std::string& where) {
  if (!table.is_object()) bad(where, "an object is needed");
  issuer.maps_scopes = true;
  for (const auto& [scope, statements] : table.items()) {
    if (!statements.is_string()) bad(where, "each OAuth scope must have a text of statements");
    issuer.scopes.emplace_back(scope, statements.get<std::string>());
  }
}

void read_keys(Issuer& issuer, const Fields& fields, const std::string& folder) {
  if (fields.has("keys") == fields.has("keys_file"))
    bad(fields.where(), "either `keys` or `keys_file` is needed");
  Json from_file;
  if (fields.has("keys_file")) {
    if (folder.empty()) bad(fields.where(), "`keys_file` can be used only in a trust file");
    const std::string name = fields.text("keys_file");
    from_file = read_json(read_trust_file(name.front() == '/' ? name : folder + "/" + name));
  }
  issuer.keys =
      read_key_set(fields.has("keys") ? fields.at("keys") : from_file, only_rsa(issuer.algorithms));
}

Issuer read_issuer(const Json& object, const std::string& where, const std::string& folder) {
  const Fields fields(object, where,
                      {"issuer", "kinds", "algorithms", "audiences", "keys", "keys_file",
                       "trust_domain", "users", "agents", "replacement", "scopes"});
  Issuer issuer;
  issuer.name = fields.text("issuer");
  read_kinds(issuer, fields.at("kinds"), where + ".kinds");
  for (const std::string& name : fields.texts("algorithms"))
    issuer.algorithms.push_back(read_algorithm(name));
  const bool workloads =
      issuer.rules(TokenKind::jwt_svid).trusted || issuer.rules(TokenKind::workload).trusted;
  if (names_people(issuer) || issuer.rules(TokenKind::jwt_svid).trusted)
    issuer.audiences = fields.texts("audiences");
  if (names_people(issuer)) {
    issuer.users = fields.texts("users");
    issuer.agents = fields.texts("agents");
  }
  if (workloads)
    issuer.trust_domain = read_identifier("spiffe://" + fields.text("trust_domain")).trust_domain;
  if (issuer.rules(TokenKind::transaction).trusted) {
    const std::string how = fields.text("replacement");
    if (how != "keeps" && how != "nests") bad(where, "`replacement` is `keeps` or `nests`");
    issuer.replacement = how == "keeps" ? Replacement::keeps : Replacement::nests;
  }
  if (fields.has("scopes")) read_scopes(issuer, fields.at("scopes"), where + ".scopes");
  read_keys(issuer, fields, folder);
  return issuer;
}

// As read_issuer; what is wrong with a key or a name says in which issuer.
Issuer read_placed_issuer(const Json& object, const std::string& where, const std::string& folder) {
  try {
    return read_issuer(object, where, folder);
  } catch (Refused& refused) {
    if (refused.refusal.code != RefusalCode::trust_malformed)
      refused.refusal.text.append(", in ").append(where);
    throw;
  }
}

// As read_json; says where. The parser's own words quote the text around, which may be a key.
Json read_whole(std::string_view json) {
  Json out;
  const auto fault = parse_strict(json, 16, out);
  if (!fault) return out;
  if (fault->kind != JsonFault::Kind::malformed) read_json(json);  // refuses, by its code
  const std::size_t place = fault->about.find("line ");
  const std::size_t end = fault->about.find(':', place);
  refuse(RefusalCode::json_malformed,
         place == std::string::npos ? std::string_view()
                                    : std::string_view(fault->about).substr(place, end - place));
}

}  // namespace

std::string read_trust_file(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             std::fclose);
  if (file == nullptr) refuse(RefusalCode::trust_unreadable, path);
  std::string text(kMaxFile + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) refuse(RefusalCode::trust_unreadable, path);
  if (text.size() > kMaxFile) refuse(RefusalCode::trust_unreadable, path + " is longer than 1 MiB");
  return text;
}

LifetimeBound lifetime_bound(TokenKind kind) {
  constexpr std::int64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;
  switch (kind) {
    case TokenKind::access_token:
    case TokenKind::on_behalf_of:
    case TokenKind::jwt_svid: return {kHour, kDay};
    case TokenKind::transaction: return {15 * kMinute, kHour};  // the draft: "kept short"
    case TokenKind::workload: return {kDay, 7 * kDay};
    case TokenKind::workload_proof: return {5 * kMinute, 15 * kMinute};
  }
  return {1, 1};
}

std::optional<Algorithm> only_rsa(const std::vector<Algorithm>& algorithms) {
  const bool pkcs =
      std::find(algorithms.begin(), algorithms.end(), Algorithm::rs256) != algorithms.end();
  const bool pss =
      std::find(algorithms.begin(), algorithms.end(), Algorithm::ps256) != algorithms.end();
  if (pkcs == pss) return std::nullopt;
  return pkcs ? Algorithm::rs256 : Algorithm::ps256;
}

Configuration read_configuration(std::string_view json, const std::string& folder) {
  const Json whole = read_whole(json);
  const Fields fields(whole, "trust file", {"clock_skew", "remember", "issuers"});
  Configuration out;
  out.clock_skew = std::chrono::seconds(fields.whole("clock_skew", kUsualSkew, 0, kMostSkew));
  out.remembered =
      static_cast<std::size_t>(fields.whole("remember", kUsualRemembered, 1, kMostRemembered));
  const Json& issuers = fields.at("issuers");
  if (!issuers.is_array() || issuers.empty() || issuers.size() > kMaxIssuers)
    bad("issuers", "a list of 1 to 256 issuers is needed");
  for (std::size_t i = 0; i < issuers.size(); ++i) {
    const std::string where = "issuers[" + std::to_string(i) + "]";
    Issuer issuer = read_placed_issuer(issuers[i], where, folder);
    for (const Issuer& other : out.issuers) {
      if (other.name == issuer.name) bad(where, "this issuer has an entry already");
    }
    out.issuers.push_back(std::move(issuer));
  }
  return out;
}

}  // namespace remit::identity
