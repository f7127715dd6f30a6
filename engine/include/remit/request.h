// One request: which action on which resource, with what attributes. It borrows everything.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include <remit/id.h>
#include <remit/value.h>

namespace remit {

// Limits of a request (architecture.md); beyond them the answer is deny `malformed_request`.
inline constexpr std::size_t kMaxAttributes = 64;
inline constexpr std::size_t kMaxAttributeName = 64;      // bytes
inline constexpr std::size_t kMaxAttributeString = 4096;  // bytes, also of each list item
inline constexpr std::size_t kMaxListItems = 256;

// Where a request comes from: W3C trace context, and a host's own transaction. For the audit trail alone:
// nothing is decided by it.
struct TraceContext {
  Id trace = {};                           // trace-id; empty: none
  std::array<std::uint8_t, 8> span = {};   // parent-id
  std::string_view txn = {};               // of a transaction token (`txn`), say
};

struct Request {
  std::string_view action;    // one action name, without the language's quotes
  std::string_view resource;  // canonical form, language.md section 3; `*` and `?` are ordinary bytes
  std::span<const Attribute> attributes;
  const TraceContext* trace = nullptr;  // null: the session's

  constexpr Request(std::string_view action_, std::string_view resource_,
                    std::span<const Attribute> attributes_) noexcept
      : action(action_), resource(resource_), attributes(attributes_) {}
  // For attributes written in place: `check({"read", "docs:/a", {{"size", bytes(5)}}}, now)`. The
  // list lives until the end of the full expression, so do not keep a Request made this way.
  constexpr Request(std::string_view action_, std::string_view resource_,
                    std::initializer_list<Attribute> attributes_ = {}) noexcept
      : action(action_), resource(resource_), attributes(attributes_.begin(), attributes_.size()) {}
};

// Facts about the session (language.md section 4), readable as attributes in every system. An absent
// fact is nullopt, not an empty string.
struct Facts {
  std::optional<std::string_view> agent = {}, user = {}, sponsor = {}, purpose = {}, trigger = {};
  std::span<const Attribute> named = {};  // `user.NAME` and `agent.NAME`, whole names
  Time opened = {};                       // when the session opened: relative `expires` count from here
};

}  // namespace remit
