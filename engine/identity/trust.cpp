// The doors of remit/trust.h.
#include <remit/trust.h>

#include <algorithm>
#include <array>

#include "engine/identity/refuse.h"
#include "engine/identity/trust_state.h"

namespace remit {
namespace {

using identity::Configuration;
using identity::Issuer;

constexpr std::array<const char*, kTokenKinds> kKindNames = {
    "access_token", "on_behalf_of", "transaction", "jwt_svid", "workload", "workload_proof"};

std::string folder_of(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  return slash == std::string::npos ? "." : file.substr(0, slash + 1);
}

std::shared_ptr<const Configuration> configured(std::string_view json, const std::string& folder) {
  return std::make_shared<const Configuration>(identity::read_configuration(json, folder));
}

// Runs a change; what it throws is the answer.
template <class Change>
std::optional<Refusal> changed(const Change& change) noexcept {
  const Result<bool, Refusal> done = identity::guarded<bool>([&]() -> Result<bool, Refusal> {
    change();
    return true;
  });
  if (done.ok()) return std::nullopt;
  return done.error();
}

}  // namespace

const char* to_string(TokenKind kind) noexcept {
  return kKindNames[static_cast<std::size_t>(kind)];
}

std::optional<TokenKind> token_kind(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kKindNames.size(); ++i) {
    if (name == kKindNames[i]) return static_cast<TokenKind>(i);
  }
  return std::nullopt;
}

Result<Trust, Refusal> Trust::parse(std::string_view json, const std::string& folder) noexcept {
  return identity::guarded<Trust>([&]() -> Result<Trust, Refusal> {
    auto state = std::make_shared<State>();
    state->replace(configured(json, folder));
    return Trust(std::move(state));
  });
}

Result<Trust, Refusal> Trust::load(const std::string& file) noexcept {
  return identity::guarded<Trust>(
      [&] { return parse(identity::read_trust_file(file), folder_of(file)); });
}

std::optional<Refusal> Trust::reload(std::string_view json, const std::string& folder) noexcept {
  return changed([&] {
    const std::lock_guard<std::mutex> lock(state_->changing);
    state_->replace(configured(json, folder));
  });
}

std::optional<Refusal> Trust::reload_file(const std::string& file) noexcept {
  return changed([&] {
    const std::lock_guard<std::mutex> lock(state_->changing);
    state_->replace(configured(identity::read_trust_file(file), folder_of(file)));
  });
}

std::optional<Refusal> Trust::replace_keys(std::string_view issuer,
                                           std::string_view key_set) noexcept {
  return changed([&] {
    const std::lock_guard<std::mutex> lock(state_->changing);
    Configuration next = *state_->configuration();
    const auto found = std::find_if(next.issuers.begin(), next.issuers.end(),
                                    [&](const Issuer& one) { return one.name == issuer; });
    if (found == next.issuers.end()) identity::refuse(RefusalCode::issuer_unknown);
    found->keys =
        identity::read_key_set(identity::read_json(key_set), identity::only_rsa(found->algorithms));
    state_->replace(std::make_shared<const Configuration>(std::move(next)));
  });
}

}  // namespace remit
