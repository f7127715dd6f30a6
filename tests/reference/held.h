// Requests and facts that own what they hold, and the loan of one to the engine, whose own types
// borrow. For generators, conformance cases and shrinking.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <remit/lang/constant.h>
#include <remit/request.h>

namespace remit::reference {

using NamedValue = std::pair<std::string, lang::Constant>;

struct HeldFacts {
  std::optional<std::string> agent, user, sponsor, purpose, trigger;
  std::vector<NamedValue> named;
  std::int64_t opened = 0;  // microseconds
};

struct HeldRequest {
  std::string action, resource;
  std::vector<NamedValue> attributes;
  std::int64_t now = 0;  // when it is asked, microseconds

  std::string text() const;  // one line, for people
};

// What a host says when a session opens, or (agent, `agent.NAME` and what concerns a standing
// authorization) when one delegates.
struct HeldOpening {
  std::optional<std::string> agent, user, purpose;
  std::vector<NamedValue> named;
  std::optional<std::int64_t> last_review;
  bool sponsor_revoked = false;
  std::optional<std::pair<std::string, std::string>> trigger;  // kind, text
};

std::string text_of(const lang::Constant& value);
std::string text_of(const HeldFacts& facts);
std::string text_of(const HeldOpening& opening);

// Views of held values; valid while both the loan and what it was made from live and do not change.
class Loan {
 public:
  explicit Loan(const HeldRequest& request);
  explicit Loan(const HeldFacts& facts);
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;

  Request request() const { return {action_, resource_, std::span<const Attribute>(attributes_)}; }
  Facts facts() const;
  std::span<const Attribute> attributes() const { return attributes_; }

 private:
  Value lend(const lang::Constant& value);
  void lend_all(const std::vector<NamedValue>& values);
  std::string_view action_, resource_;
  const HeldFacts* facts_ = nullptr;
  std::vector<Attribute> attributes_;
  std::deque<std::vector<Value>> lists_;  // a deque: what is lent must not move
};

}  // namespace remit::reference
