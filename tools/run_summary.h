// The table of `remit run --summary`: what was decided, why, and what a decision cost.
// Covered by tests/tools_run_test.py.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <remit/layers.h>
#include <remit/request.h>

namespace remit::tools {

class RunSummary {
 public:
  explicit RunSummary(const Layers& layers) : layers_(layers) {}

  void add(const Request& request, const Decision& decision);
  // Time that `decisions` decisions took together.
  void add_batch(std::size_t decisions, std::chrono::nanoseconds took);
  void add_error(bool refused_opening) { ++(refused_opening ? refused_ : errors_); }

  // The whole table, with a line end at its end.
  std::string text(std::size_t sessions) const;

 private:
  struct Row {
    std::size_t count = 0;
    std::string example;  // the first such request
  };
  using Outcome = std::tuple<Effect, Reason, std::uint16_t>;  // of the layer that decided
  void append_outcomes(std::string& out) const;
  void append_rules(std::string& out) const;

  Layers layers_;
  std::map<Outcome, Row> outcomes_;
  // Denials and asks of a rule, by layer and rule: what an author wants to look at.
  std::map<std::pair<std::uint16_t, std::uint32_t>, Row> rules_;
  std::vector<double> batch_costs_;  // nanoseconds a decision
  std::size_t total_ = 0, largest_batch_ = 0, refused_ = 0, errors_ = 0;
};

}  // namespace remit::tools
