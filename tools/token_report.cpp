// See token_report.h.
#include "tools/token_report.h"

#include <algorithm>
#include <chrono>
#include <ctime>

#include <fmt/format.h>

#include "engine/identity/jws.h"
#include "engine/identity/refuse.h"
#include "engine/identity/signature.h"
#include "lang/diagnostics/display.h"
#include "tools/errors.h"

namespace remit::tools {
namespace {

constexpr std::size_t kShownText = 300;  // bytes of one claim

bool is_base64url(std::string_view text) {
  return text.size() >= 8 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

// A token inside a token: two or four dots between stretches of base64url.
bool looks_like_token(std::string_view text) {
  const auto dots = std::count(text.begin(), text.end(), '.');
  if (dots != 2 && dots != 4) return false;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('.', at), text.size());
    if (!is_base64url(text.substr(at, end - at))) return false;
    at = end + 1;
  }
  return true;
}

JsonOut shown(const identity::Json& value) {
  if (value.is_object()) {
    const bool key = value.contains("kty");
    JsonOut out = JsonOut::object();
    for (const auto& [name, member] : value.items()) {
      const bool secret = key && name.size() <= 3 && name != "kty" && name != "kid" &&
                          name != "alg" && name != "use" && name != "crv" && name != "x" &&
                          name != "y" && name != "n" && name != "e";
      out[name] = secret ? JsonOut("<not shown>") : shown(member);
    }
    return out;
  }
  if (value.is_array()) {
    JsonOut out = JsonOut::array();
    for (const auto& item : value) out.push_back(shown(item));
    return out;
  }
  if (!value.is_string()) return JsonOut::parse(value.dump());
  const std::string& text = value.get_ref<const std::string&>();
  if (looks_like_token(text)) return "<a token, sha256 " + identity::sha256_hex(text) + ">";
  return text;
}

std::string line(const std::string& name, const std::string& value) {
  return fmt::format("  {:<12} {}\n", lang::visible(name), value);
}

std::string in_short(const JsonOut& value) {
  std::string text = to_line(value);
  if (text.size() > kShownText) text.replace(kShownText, std::string::npos, "...");
  return lang::visible(text);
}

bool is_time(const std::string& name) { return name == "exp" || name == "iat" || name == "nbf"; }

std::string section(const char* title, const JsonOut& members) {
  std::string out = std::string(title) + "\n";
  for (const auto& [name, value] : members.items()) {
    std::string text = in_short(value);
    if (is_time(name) && value.is_number_integer() && value.get<std::int64_t>() >= 0 &&
        value.get<std::int64_t>() < 253'402'300'800) {
      text += "  " + time_text(Time(std::chrono::seconds(value.get<std::int64_t>())));
    }
    out += line(name, text);
  }
  return out;
}

const char* in_words(const Identity& identity) {
  switch (identity.habit) {
    case BadHabit::none: return "";
    case BadHabit::impersonation:
      return identity.supplied ? "impersonation (the token names no agent; the host has)"
                               : "impersonation: the token names no agent, so it opens nothing";
    case BadHabit::unaccountable:
      return identity.supplied ? "unaccountable (the token names no person; the host has)"
                               : "unaccountable: the token names no person, so it opens nothing";
  }
  return "";
}

}  // namespace

std::string time_text(Time time) {
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

JsonOut inspect_json(std::string_view token) {
  const auto read = identity::guarded<identity::Jws>([&] { return identity::read_jws(token); });
  if (!read.ok()) {
    throw BadInput(
        fmt::format("not a token: {}: {}", to_string(read.error().code), read.error().text));
  }
  const identity::Jws& jws = read.value();
  JsonOut out;
  out["verified"] = false;
  out["sha256"] = identity::sha256_hex(token);
  out["bytes"] = token.size();
  out["header"] = shown(jws.header);
  out["claims"] = shown(jws.claims);
  return out;
}

std::string inspect_text(const JsonOut& inspected) {
  return fmt::format("not verified: anybody could have written this\n{}{}{}{}",
                     line("sha256", inspected.at("sha256").get<std::string>()),
                     line("bytes", in_short(inspected.at("bytes"))),
                     section("header", inspected.at("header")),
                     section("claims", inspected.at("claims")));
}

JsonOut identity_json(const Authenticated& found) {
  const auto text_or_null = [](const std::string& text) {
    return text.empty() ? JsonOut() : JsonOut(text);
  };
  const Identity& identity = found.identity;
  JsonOut out;
  out["verified"] = true;
  out["agent"] = text_or_null(identity.agent);
  out["user"] = text_or_null(identity.user);
  out["sponsor"] = text_or_null(identity.sponsor);
  out["chain"] = identity.chain;
  out["issuer"] = identity.issuer;
  out["expires"] = identity.expires ? JsonOut(time_text(*identity.expires)) : JsonOut();
  out["habit"] = to_string(identity.habit);
  out["supplied"] = identity.supplied;
  out["workload"] = text_or_null(found.workload);
  out["client"] = text_or_null(found.client);
  out["transaction"] = text_or_null(found.transaction);
  out["purpose"] = text_or_null(found.purpose);
  out["scopes"] = found.scopes;
  out["tokens"] = found.digests;
  return out;
}

std::string identity_text(const Authenticated& found) {
  const Identity& identity = found.identity;
  std::string out = "verified\n";
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) out += line(name, lang::visible(value));
  };
  add("agent", identity.agent);
  add("user", identity.user);
  add("sponsor", identity.sponsor);
  for (const std::string& earlier : identity.chain) add("before it", earlier);
  add("issuer", identity.issuer);
  if (identity.expires) add("expires", time_text(*identity.expires));
  add("bad habit", in_words(identity));
  add("presented by", found.workload);
  add("client", found.client);
  add("transaction", found.transaction);
  add("purpose", found.purpose);
  for (const std::string& digest : found.digests) add("token", "sha256 " + digest);
  for (const std::string& scope : found.scopes) {
    out += "one more layer\n";
    for (std::size_t at = 0; at < scope.size();) {
      const std::size_t end = std::min(scope.find('\n', at), scope.size());
      out += "  " + lang::visible(std::string_view(scope).substr(at, end - at)) + "\n";
      at = end + 1;
    }
  }
  return out;
}

}  // namespace remit::tools
