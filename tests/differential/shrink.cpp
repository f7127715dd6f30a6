// Shrinking and writing down. See shrink.h.
#include "tests/differential/shrink.h"

#include <algorithm>
#include <set>

#include "tests/differential/duel.h"
#include "tests/reference/canonical.h"

namespace remit::differential {
namespace {

using generate::Draft;
using generate::Scenario;
using generate::Step;
using reference::CaseStep;

// Without the step at `gone`: later approvals that answer it go as well, others keep their ask.
std::vector<Step> without(const std::vector<Step>& steps, std::size_t gone) {
  std::vector<Step> result;
  std::vector<std::size_t> moved(steps.size(), steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    Step step = steps[i];
    if (i == gone) continue;
    if (step.call.kind == CaseStep::Kind::approve) {
      step.call.asked = moved[step.call.asked];
      if (step.call.asked == steps.size()) continue;
    }
    moved[i] = result.size();
    result.push_back(std::move(step));
  }
  return result;
}

class Shrinker {
 public:
  Shrinker(Scenario& scenario, std::vector<Step>& steps) : scenario_(scenario), steps_(steps) {}

  void shrink() {
    for (bool smaller = true; smaller;) {
      smaller = leave_out_steps();
      smaller = simplify_steps() || smaller;
      smaller = leave_out_attributes() || smaller;
      smaller = leave_out_layers() || smaller;
      for (Draft& draft : scenario_.world.documents) {
        generate::shrink(draft, [&](const Draft&) { return differs(); });
      }
      smaller = leave_out(scenario_.opening.named) || smaller;
      smaller = reset(scenario_.opening.purpose) || smaller;
      smaller = reset(scenario_.opening.trigger) || smaller;
      smaller = change(scenario_.host_refuses, false) || smaller;
    }
  }

 private:
  bool differs() const { return !replay(scenario_, steps_).empty(); }

  // Puts `value` in place of what is there, if the two then still differ.
  template <class T>
  bool change(T& place, T value) {
    if (place == value) return false;
    std::swap(place, value);
    if (differs()) return true;
    std::swap(place, value);
    return false;
  }

  template <class T>
  bool reset(std::optional<T>& place) {
    if (!place) return false;
    const T held = *place;
    place.reset();
    if (differs()) return true;
    place = held;
    return false;
  }

  template <class T>
  bool leave_out(std::vector<T>& items) {
    bool smaller = false;
    for (std::size_t i = items.size(); i-- > 0;) {
      std::vector<T> fewer = items;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
      smaller = change(items, fewer) || smaller;
    }
    return smaller;
  }

  bool leave_out_steps() {
    bool smaller = false;
    for (std::size_t i = steps_.size(); i-- > 0;) {
      if (i >= steps_.size()) continue;
      const std::vector<Step> all = steps_;
      steps_ = without(steps_, i);
      if (differs())
        smaller = true;
      else
        steps_ = all;
    }
    return smaller;
  }

  bool simplify_steps() {
    bool smaller = false;
    for (Step& step : steps_) {
      smaller = change(step.reload, false) || smaller;
      smaller = change(step.settle, Step::Settle::none) || smaller;
      smaller = change(step.call.now, scenario_.world.facts.opened) || smaller;
      smaller = leave_out(step.call.opening.named) || smaller;
      smaller = reset(step.call.opening.purpose) || smaller;
      smaller = reset(step.call.opening.trigger) || smaller;
      while (step.call.layers.size() > 1) {
        const std::size_t last = step.call.layers.back();
        step.call.layers.pop_back();
        if (differs()) {
          smaller = true;
        } else {
          step.call.layers.push_back(last);
          break;
        }
      }
    }
    return smaller;
  }

  // From all requests at once: an approval is for one and the same.
  bool leave_out_attributes() {
    std::set<std::string> names;
    for (const Step& step : steps_) {
      for (const auto& attribute : step.call.request.attributes) names.insert(attribute.first);
    }
    bool smaller = false;
    for (const std::string& name : names) {
      const std::vector<Step> all = steps_;
      for (Step& step : steps_) {
        auto& attributes = step.call.request.attributes;
        attributes.erase(std::remove_if(attributes.begin(), attributes.end(),
                                        [&](const auto& one) { return one.first == name; }),
                         attributes.end());
      }
      if (differs())
        smaller = true;
      else
        steps_ = all;
    }
    return smaller;
  }

  // Guardrails and grants of the outermost session; then documents that nobody uses.
  bool leave_out_layers() {
    bool smaller = false;
    for (std::size_t i = scenario_.layers.size(); i-- > 1;) {
      std::vector<std::size_t> fewer = scenario_.layers;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
      smaller = change(scenario_.layers, fewer) || smaller;
    }
    for (std::size_t i = scenario_.world.documents.size(); i-- > 0;) smaller = drop(i) || smaller;
    return smaller;
  }

  bool drop(std::size_t document) {
    const auto uses = [&](const std::vector<std::size_t>& layers) {
      return std::find(layers.begin(), layers.end(), document) != layers.end();
    };
    const bool used = uses(scenario_.layers) ||
                      std::any_of(steps_.begin(), steps_.end(),
                                  [&](const Step& step) { return uses(step.call.layers); });
    if (used) return false;
    auto& documents = scenario_.world.documents;
    documents.erase(documents.begin() + static_cast<std::ptrdiff_t>(document));
    const auto renumber = [&](std::vector<std::size_t>& layers) {
      for (std::size_t& index : layers) index -= index > document ? 1 : 0;
    };
    renumber(scenario_.layers);
    for (Step& step : steps_) renumber(step.call.layers);
    scenario_.children.clear();
    return true;
  }

  Scenario& scenario_;
  std::vector<Step>& steps_;
};

bool is_text(const lang::Constant& value) {
  return reference::is_utf8(value.text) &&
         std::all_of(value.items.begin(), value.items.end(), is_text);
}

// JSON holds text, and one value for each name. (A resource may be given as bytes.)
bool has_json_form(const reference::HeldRequest& request) {
  std::set<std::string> names;
  return reference::is_utf8(request.action) &&
         std::all_of(request.attributes.begin(), request.attributes.end(), [&](const auto& one) {
           return names.insert(one.first).second && reference::is_utf8(one.first) &&
                  is_text(one.second);
         });
}

const char* kind_of(const Draft& draft) {
  switch (draft.kind) {
    case Draft::Kind::scope: return "scope";
    case Draft::Kind::guardrail: return "guardrail";
    default: return "grants";
  }
}

}  // namespace

std::string replay(const Scenario& scenario, const std::vector<Step>& steps) {
  std::string problem;
  const auto ground = prepare(scenario, problem);
  if (!ground) return {};
  Duel duel(scenario, *ground);
  if (!duel.opening_difference().empty()) return duel.opening_difference();
  if (!duel.opened()) return {};
  for (const Step& step : steps) {
    Report report;
    const std::string difference = duel.take(step, report);
    if (!difference.empty()) return difference;
  }
  return {};
}

void shrink(Scenario& scenario, std::vector<Step>& steps) { Shrinker(scenario, steps).shrink(); }

reference::Case case_of(const Scenario& scenario, const std::vector<Step>& steps,
                        const std::string& id) {
  reference::Case result;
  result.id = id;
  result.memory = true;
  for (const Draft& draft : scenario.world.documents)
    result.documents.push_back({kind_of(draft), draft.text(), draft.arguments});
  result.layers = scenario.layers;
  result.opening = scenario.opening;
  result.opened = scenario.world.facts.opened;
  std::vector<Step> kept = steps;
  for (std::size_t i = kept.size(); i-- > 0;) {
    if (i < kept.size() && !has_json_form(kept[i].call.request)) kept = without(kept, i);
  }
  for (const Step& step : kept) result.steps.push_back(step.call);
  reference::fill_in(result);
  return result;
}

std::string text_of(const Scenario& scenario, const std::vector<Step>& steps) {
  std::string result;
  for (std::size_t i = 0; i < scenario.world.documents.size(); ++i) {
    const Draft& draft = scenario.world.documents[i];
    result += "--- document " + std::to_string(i) + "\n" + draft.text();
    for (const lang::Argument& argument : draft.arguments)
      result += "# argument " + argument.name + " = " + reference::text_of(argument.value) + "\n";
  }
  result += "--- opened at " + std::to_string(scenario.world.facts.opened) + " with documents";
  for (const std::size_t index : scenario.layers) result += " " + std::to_string(index);
  result += ", " + reference::text_of(scenario.opening);
  if (scenario.host_refuses) result += ", and a host that refuses";
  result += "\n--- steps\n";
  for (std::size_t i = 0; i < steps.size(); ++i) {
    result += std::to_string(i) + ": " + reference::text_of(steps[i].call);
    if (steps[i].reload) result += ", reloaded before";
    if (steps[i].settle == Step::Settle::commit) result += ", reserved";
    if (steps[i].settle == Step::Settle::roll_back) result += ", rolled back";
    result += "\n";
  }
  return result;
}

}  // namespace remit::differential
