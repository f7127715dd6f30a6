// See claims.h.
#include "engine/identity/claims.h"

#include <algorithm>
#include <cmath>

#include "engine/identity/refuse.h"

namespace remit::identity {
namespace {

constexpr std::size_t kMaxText = 1024;
constexpr std::size_t kMaxWords = 64;
constexpr std::size_t kMaxAudiences = 32;
constexpr std::int64_t kLastSecond = 253'402'300'799;  // the end of year 9999

const std::string& checked_text(const Json& value, const char* name) {
  if (!value.is_string()) refuse(RefusalCode::claim_malformed, name);
  const std::string& text = value.get_ref<const std::string&>();
  if (text.empty() || text.size() > kMaxText || !is_plain_text(text))
    refuse(RefusalCode::claim_malformed, name);
  return text;
}

}  // namespace

// U+2028, U+2029 and the bidirectional controls of language.md section 1, and all of category Cc.
// The JSON door has already seen to valid UTF-8.
bool is_plain_text(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = [&](std::size_t at) {
      return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u;
    };
    const unsigned c = byte(i);
    if (c < 0x20 || c == 0x7F) return false;
    if (c == 0xC2 && byte(i + 1) < 0xA0) return false;
    if (c == 0xE2 && byte(i + 1) == 0x80 && byte(i + 2) >= 0xA8 && byte(i + 2) <= 0xAE)
      return false;
    if (c == 0xE2 && byte(i + 1) == 0x81 && byte(i + 2) >= 0xA6 && byte(i + 2) <= 0xA9)
      return false;
  }
  return true;
}

const Json* Claims::any(const char* name) const {
  const auto found = object_.find(name);
  return found == object_.end() ? nullptr : &*found;
}

std::string Claims::text(const char* name) const {
  const Json* value = any(name);
  if (value == nullptr) refuse(RefusalCode::claim_missing, name);
  return checked_text(*value, name);
}

std::string Claims::text_or_empty(const char* name) const {
  return has(name) ? text(name) : std::string();
}

std::vector<std::string> Claims::words(const char* name) const {
  std::vector<std::string> out;
  const std::string all = text_or_empty(name);
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = std::min(all.find(' ', at), all.size());
    std::string word = all.substr(at, end - at);
    const bool known = std::find(out.begin(), out.end(), word) != out.end();
    if (word.empty() || out.size() == kMaxWords) refuse(RefusalCode::claim_malformed, name);
    if (!known) out.push_back(std::move(word));
    at = end + 1;
  }
  return out;
}

const Json* Claims::object(const char* name) const {
  const Json* value = any(name);
  if (value != nullptr && !value->is_object()) refuse(RefusalCode::claim_malformed, name);
  return value;
}

std::optional<Time> Claims::time(const char* name, Round round) const {
  const Json* value = any(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number()) refuse(RefusalCode::time_malformed, name);
  std::int64_t seconds = 0;
  if (value->is_number_float()) {
    const double exact = value->get<double>();
    if (!(exact >= 0 && exact <= static_cast<double>(kLastSecond)))
      refuse(RefusalCode::time_malformed, name);
    seconds = static_cast<std::int64_t>(round == Round::up ? std::ceil(exact) : std::floor(exact));
  } else {
    seconds = value->get<std::int64_t>();
  }
  if (seconds < 0 || seconds > kLastSecond) refuse(RefusalCode::time_malformed, name);
  return Time(std::chrono::seconds(seconds));
}

Time Claims::needed_time(const char* name, Round round) const {
  const auto out = time(name, round);
  if (!out) refuse(RefusalCode::claim_missing, name);
  return *out;
}

std::vector<std::string> Claims::audiences() const {
  const Json* value = any("aud");
  if (value == nullptr) refuse(RefusalCode::claim_missing, "aud");
  std::vector<std::string> out;
  if (!value->is_array()) {
    out.push_back(checked_text(*value, "aud"));
    return out;
  }
  if (value->empty() || value->size() > kMaxAudiences) refuse(RefusalCode::claim_malformed, "aud");
  for (const Json& one : *value) out.push_back(checked_text(one, "aud"));
  return out;
}

Identifier Claims::identifier(const char* name) const {
  const Json* value = any(name);
  if (value == nullptr) refuse(RefusalCode::claim_missing, name);
  if (!value->is_string()) refuse(RefusalCode::claim_malformed, name);
  return read_identifier(value->get_ref<const std::string&>());
}

}  // namespace remit::identity
