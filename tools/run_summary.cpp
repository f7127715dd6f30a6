// The table of a run; the door is in run_summary.h. Covered by tests/tools_run_test.py.
#include "tools/run_summary.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "lang/diagnostics/display.h"
#include "tools/decision_text.h"

namespace remit::tools {
namespace {

constexpr std::size_t kMostRules = 20;  // of the second table
constexpr std::size_t kExample = 60;    // bytes of an example

std::string example_of(const Request& request) {
  const std::string_view resource = request.resource.empty() ? "\"\"" : request.resource;
  std::string out = lang::visible(fmt::format("{} {}", request.action, resource));
  if (out.size() <= kExample) return out;
  std::size_t end = kExample - 3;
  while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0U) == 0x80U)
    --end;  // between characters
  return out.substr(0, end) + "...";
}

// Who decided so: an allow is every document's; what is malformed is no document's business.
std::string decider(const Layers& layers,
                    const std::tuple<Effect, Reason, std::uint16_t>& outcome) {
  const auto& [effect, reason, layer] = outcome;
  if (effect == Effect::allow) return "all documents";
  if (reason == Reason::malformed_resource || reason == Reason::malformed_request) return "-";
  const Program& program = layers.program(layer);
  return lang::visible(fmt::format("{}{}{}", to_string(program.kind()),
                                   program.name().empty() ? "" : " ", program.name()));
}

std::string cost_text(std::vector<double> costs, std::size_t largest_batch) {
  std::sort(costs.begin(), costs.end());
  return fmt::format(
      "median cost of a decision: {:.0f} ns (Session::check; {} batch{} of up to {} requests, each "
      "timed as a whole)\n",
      costs[costs.size() / 2], costs.size(), costs.size() == 1 ? "" : "es", largest_batch);
}

}  // namespace

void RunSummary::add(const Request& request, const Decision& decision) {
  ++total_;
  Row& outcome = outcomes_[{decision.effect, decision.reason, decision.layer}];
  if (outcome.count++ == 0) outcome.example = example_of(request);
  if (decision.allowed() || decision.rule == kNoRule) return;
  Row& rule = rules_[{decision.layer, decision.rule}];
  if (rule.count++ == 0) rule.example = example_of(request);
}

void RunSummary::add_batch(std::size_t decisions, std::chrono::nanoseconds took) {
  if (decisions == 0) return;
  largest_batch_ = std::max(largest_batch_, decisions);
  batch_costs_.push_back(static_cast<double>(took.count()) / static_cast<double>(decisions));
}

void RunSummary::append_outcomes(std::string& out) const {
  std::vector<std::pair<Outcome, Row>> rows(outcomes_.begin(), outcomes_.end());
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    const Effect one = std::get<Effect>(a.first), other = std::get<Effect>(b.first);
    return one != other ? one > other : a.second.count > b.second.count;  // allow, ask, deny
  });
  if (rows.empty()) return;
  const std::string heading = "decided by";
  std::size_t width = heading.size();
  for (const auto& [outcome, row] : rows) width = std::max(width, decider(layers_, outcome).size());
  const auto line = [&](auto count, const char* effect, const char* reason,
                        const std::string& document, std::string_view example) {
    out += fmt::format("{:>9}  {:<6}  {:<20}", count, effect, reason);
    if (layers_.size() > 1) out += fmt::format("  {:<{}}", document, width);
    out += fmt::format("  {}\n", example);
  };
  out += "\n";
  line("count", "effect", "reason", heading, "for example");
  for (const auto& [outcome, row] : rows) {
    line(row.count, to_string(std::get<Effect>(outcome)), to_string(std::get<Reason>(outcome)),
         decider(layers_, outcome), row.example);
  }
}

void RunSummary::append_rules(std::string& out) const {
  struct Line {
    const Row* row;
    std::size_t order;  // of the text, between equal counts
    std::string place, because;
  };
  std::vector<Line> lines;
  std::size_t width = 0;
  for (const auto& [key, row] : rules_) {
    const RuleInfo rule = layers_.program(key.first).rule(key.second);
    lines.push_back(
        {&row, lines.size(), place_text(rule), lang::visible(rule.because.value_or(""))});
    width = std::max(width, lines.back().place.size());
  }
  if (lines.empty()) return;
  std::sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
    return a.row->count != b.row->count ? a.row->count > b.row->count : a.order < b.order;
  });
  out += "\nrules that denied or asked\n";
  for (const Line& line : std::span(lines).first(std::min(lines.size(), kMostRules))) {
    out +=
        fmt::format("{:>9}  {:<{}}  {}\n", line.row->count, line.place, width, line.row->example);
    if (!line.because.empty())
      out += fmt::format("{:>9}  {:<{}}  because {}\n", "", "", width, line.because);
  }
  if (lines.size() > kMostRules)
    out += fmt::format("{:>9}  and {} more rules\n", "", lines.size() - kMostRules);
}

std::string RunSummary::text(std::size_t sessions) const {
  std::string out = fmt::format("{} decision{} in {} session{}\n", total_, total_ == 1 ? "" : "s",
                                sessions, sessions == 1 ? "" : "s");
  append_outcomes(out);
  append_rules(out);
  if (refused_ + errors_ > 0) out += "\n";
  if (refused_ > 0)
    out += fmt::format("{} opening{} refused\n", refused_, refused_ == 1 ? "" : "s");
  if (errors_ > 0)
    out += fmt::format("{} line{} without a decision\n", errors_, errors_ == 1 ? "" : "s");
  if (!batch_costs_.empty()) out += "\n" + cost_text(batch_costs_, largest_batch_);
  return out;
}

}  // namespace remit::tools
