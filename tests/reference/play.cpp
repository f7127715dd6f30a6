// Conformance cases, played by the reference. See cases.h.
#include <map>

#include "tests/reference/cases.h"
#include "tests/reference/checked.h"
#include "tests/reference/session.h"
#include "tests/reference/tests.h"

namespace remit::reference {
namespace {

std::string shown(bool value) { return value ? "ok" : "refused"; }
std::string shown(const std::string& value) { return value; }
std::string shown(std::size_t value) { return std::to_string(value); }
std::string shown(std::uint32_t value) { return std::to_string(value); }
template <class T>
std::string shown(const std::optional<T>& value) {
  return value ? shown(*value) : "none";
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// Plays a case and says what comes of each step, in the case's own terms.
class Player {
 public:
  explicit Player(const Case& one) : case_(one) {
    for (const CaseDocument& document : one.documents) {
      documents_.push_back(check_text(document.text, {document.arguments, {}, one.modules}));
      if (documents_.back().diagnostics.has_errors())
        problem_ += "does not compile:\n" + documents_.back().diagnostics.render();
    }
  }

  const std::string& problem() const { return problem_; }

  bool open() {
    tree_ = Tree::open(layers_of(case_.layers), case_.opening, case_.opened);
    names_["main"] = {0, case_.layers};
    return tree_.has_value();
  }

  // The step with its expectations as the reference has them. One about a session that does not
  // exist stays as it is.
  CaseStep take(const CaseStep& step) {
    CaseStep said = step;
    asks_.emplace_back();
    const auto found = names_.find(step.session);
    if (found == names_.end()) return said;
    const Named& named = found->second;
    switch (step.kind) {
      case CaseStep::Kind::check: check(named, said); break;
      case CaseStep::Kind::approve: {
        const auto& ask = asks_[step.asked];
        said.ok = ask && tree_->approve(named.session, *ask, step.approver, step.now);
        break;
      }
      case CaseStep::Kind::revoke: tree_->revoke(named.session, step.now); break;
      case CaseStep::Kind::end: tree_->end(named.session, step.now); break;
      case CaseStep::Kind::open_child: {
        const auto child =
            tree_->delegate(named.session, layers_of(step.layers), step.opening, step.now);
        said.ok = child.has_value();
        if (child) add_name(step, *child, named.documents);
      }
    }
    return said;
  }

 private:
  struct Named {
    std::size_t session = 0;
    std::vector<std::size_t> documents;  // of its layers, own first, then its parent's
  };

  std::vector<Layer> layers_of(const std::vector<std::size_t>& indexes) const {
    std::vector<Layer> result;
    for (const std::size_t index : indexes) result.push_back({&documents_[index].document});
    return result;
  }

  void add_name(const CaseStep& step, std::size_t session, std::vector<std::size_t> above) {
    above.insert(above.begin(), step.layers.begin(), step.layers.end());
    names_[step.as] = {session, std::move(above)};
  }

  void check(const Named& named, CaseStep& said) {
    const Loan loan(said.request);
    const Answer answer = tree_->check(named.session, loan.request(), said.now);
    asks_.back() = answer.ask;
    const Outcome& outcome = answer.outcome;
    said.effect = to_string(outcome.effect);
    said.reason = to_string(outcome.reason);
    said.layer = named.documents[outcome.layer];
    said.line = said.column = std::nullopt;
    said.because = said.file = std::nullopt;
    if (!outcome.rule) return;
    const lang::Resolved& document = documents_[said.layer].document;
    const lang::Rule& rule = document.rules[*outcome.rule];
    said.line = rule.place.line, said.column = rule.place.column;
    said.because = rule.because;
    if (rule.place.file != 0) said.file = document.files[rule.place.file];
  }

  const Case& case_;
  std::string problem_;
  std::vector<Checked> documents_;
  std::optional<Tree> tree_;
  std::map<std::string, Named> names_;
  std::vector<std::optional<std::size_t>> asks_;  // of each step
};

// What of `said` is not as `step` expects it.
std::vector<std::string> differences(const CaseStep& step, const CaseStep& said) {
  std::vector<std::string> result;
  const auto compare = [&](const char* what, const auto& expected, const auto& got) {
    if (expected != got)
      result.push_back(std::string(what) + " is " + shown(got) + ", the case says " +
                       shown(expected));
  };
  if (step.ok) compare("the answer", step.ok, said.ok);
  if (step.compares("effect")) compare("effect", step.effect, said.effect);
  if (step.compares("reason")) compare("reason", step.reason, said.reason);
  if (step.compares("layer")) compare("layer", step.layer, said.layer);
  if (!step.compares("rule")) return result;
  compare("line", step.line, said.line);
  compare("column", step.column, said.column);
  compare("because", step.because, said.because);
  // A module's file is a suffix of its path.
  const bool same_file = step.file ? said.file && ends_with(*said.file, *step.file) : !said.file;
  if (!same_file) compare("file", step.file, said.file);
  return result;
}

}  // namespace

std::vector<std::string> play(const Case& one, std::size_t& played) {
  std::vector<std::string> result;
  const auto report = [&](const std::string& what) { result.push_back(one.id + ": " + what); };
  Player player(one);
  if (!player.problem().empty()) {
    report(player.problem());
    return result;
  }
  for (const CaseTest& test : one.tests) {
    ++played;
    const std::string problem =
        run_document_test(one.documents[test.document].text, {{}, {}, one.modules}, test.name);
    if (problem.empty() != test.passes)
      report("test " + test.name + (test.passes ? " fails: " + problem : " passes"));
  }
  ++played;
  const bool opens = player.open();
  if (opens != one.opens) report("the opening is " + shown(opens));
  if (!opens) return result;
  for (std::size_t i = 0; i < one.steps.size(); ++i) {
    ++played;
    for (const std::string& what : differences(one.steps[i], player.take(one.steps[i])))
      report("step " + std::to_string(i) + " of " + one.steps[i].session + ": " + what);
  }
  return result;
}

void fill_in(Case& one) {
  const Case written = one;
  Player player(written);
  one.opens = player.problem().empty() && player.open();
  if (!one.opens) return one.steps.clear();
  for (CaseStep& step : one.steps) {
    step = player.take(step);
    if (step.kind == CaseStep::Kind::check) step.compare = {"effect", "reason", "rule", "layer"};
  }
}

std::string text_of(const CaseStep& step) {
  const std::string at = step.session + " at " + std::to_string(step.now) + ": ";
  switch (step.kind) {
    case CaseStep::Kind::check: return step.session + " " + step.request.text();
    case CaseStep::Kind::approve:
      return at + "approve step " + std::to_string(step.asked) + " by \"" + step.approver + '"';
    case CaseStep::Kind::revoke: return at + "revoke";
    case CaseStep::Kind::end: return at + "end";
    case CaseStep::Kind::open_child: break;
  }
  std::string result = at + "open " + step.as + " with documents";
  for (const std::size_t index : step.layers) result += " " + std::to_string(index);
  return result + ", " + text_of(step.opening);
}

}  // namespace remit::reference
