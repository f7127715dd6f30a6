// Conformance cases, played by the reference. See cases.h.
#include <map>

#include "tests/reference/cases.h"
#include "tests/reference/checked.h"
#include "tests/reference/session.h"
#include "tests/reference/tests.h"

namespace remit::reference {
namespace {

template <class T>
std::string text_of(const std::optional<T>& value) {
  if (!value) return "none";
  if constexpr (std::is_same_v<T, std::string>)
    return '"' + *value + '"';
  else
    return std::to_string(*value);
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

class Player {
 public:
  Player(const Case& one, std::size_t& played) : case_(one), played_(played) {}

  std::vector<std::string> play() {
    for (const CaseDocument& document : case_.documents) {
      documents_.push_back(check_text(document.text, {document.arguments, {}, case_.modules}));
      if (documents_.back().diagnostics.has_errors())
        report("does not compile:\n" + documents_.back().diagnostics.render());
    }
    if (!found_.empty()) return found_;
    for (const CaseTest& test : case_.tests) run(test);
    ++played_;
    tree_ = Tree::open(layers_of(case_.layers), case_.opening, case_.opened);
    compare("opening", case_.opens, tree_.has_value());
    if (!tree_) return found_;
    // A session's documents, own first, then its parent's: what a layer of its decisions means.
    names_["main"] = {0, case_.layers};
    for (std::size_t i = 0; i < case_.steps.size(); ++i) {
      step_ = "step " + std::to_string(i) + " of session " + case_.steps[i].session;
      take(case_.steps[i]);
    }
    return found_;
  }

 private:
  struct Named {
    std::size_t session = 0;
    std::vector<std::size_t> documents;
  };

  void report(const std::string& what) { found_.push_back(case_.id + " " + step_ + ": " + what); }

  template <class A, class B>
  void compare(const std::string& what, const A& expected, const B& got) {
    if (expected == got) return;
    report(what + " is " + text_of(std::optional(got)) + ", the case says " +
           text_of(std::optional(expected)));
  }

  std::vector<Layer> layers_of(const std::vector<std::size_t>& indexes) const {
    std::vector<Layer> result;
    for (const std::size_t index : indexes) result.push_back({&documents_[index].document});
    return result;
  }

  void run(const CaseTest& test) {
    ++played_;
    const std::string problem =
        run_document_test(case_.documents[test.document].text, {{}, {}, case_.modules}, test.name);
    if (problem.empty() != test.passes)
      report("test " + test.name + (test.passes ? " fails: " + problem : " passes"));
  }

  void take(const CaseStep& step) {
    const auto named = names_.find(step.session);
    if (named == names_.end()) return report("there is no such session");
    const std::size_t session = named->second.session;
    ++played_;
    asks_.emplace_back();
    switch (step.kind) {
      case CaseStep::Kind::check: return check(step, named->second);
      case CaseStep::Kind::approve: {
        const auto& ask = asks_[step.asked];
        const bool ok = ask && tree_->approve(session, *ask, step.approver, step.now);
        if (step.ok) compare("approve", *step.ok, ok);
        return;
      }
      case CaseStep::Kind::revoke: return tree_->revoke(session, step.now);
      case CaseStep::Kind::end: return tree_->end(session, step.now);
      case CaseStep::Kind::open_child: {
        const auto child = tree_->delegate(session, layers_of(step.layers), step.opening, step.now);
        if (step.ok) compare("open_child", *step.ok, child.has_value());
        if (!child) return;
        Named& name = names_[step.as];
        name.session = *child;
        name.documents = step.layers;
        const auto& above = names_[step.session].documents;
        name.documents.insert(name.documents.end(), above.begin(), above.end());
      }
    }
  }

  void check(const CaseStep& step, const Named& named) {
    const Loan loan(step.request);
    const Answer answer = tree_->check(named.session, loan.request(), step.now);
    asks_.back() = answer.ask;
    const Outcome& outcome = answer.outcome;
    const std::size_t layer = named.documents[outcome.layer];
    if (step.compares("effect"))
      compare("effect", step.effect, std::string(to_string(outcome.effect)));
    if (step.compares("reason"))
      compare("reason", step.reason, std::string(to_string(outcome.reason)));
    if (step.compares("layer")) compare("layer", step.layer, layer);
    if (!step.compares("rule")) return;
    std::optional<std::uint32_t> line, column;
    std::optional<std::string> because;
    if (outcome.rule) {
      const lang::Resolved& document = documents_[layer].document;
      const lang::Rule& rule = document.rules[*outcome.rule];
      line = rule.place.line, column = rule.place.column, because = rule.because;
      const bool same_file =
          step.file ? ends_with(document.files[rule.place.file], *step.file) : rule.place.file == 0;
      if (!same_file) report("the rule is in file " + document.files[rule.place.file]);
    }
    if (line != step.line) report("line is " + text_of(line) + ", not " + text_of(step.line));
    if (column != step.column)
      report("column is " + text_of(column) + ", not " + text_of(step.column));
    if (because != step.because)
      report("because is " + text_of(because) + ", not " + text_of(step.because));
  }

  const Case& case_;
  std::size_t& played_;
  std::vector<Checked> documents_;
  std::optional<Tree> tree_;
  std::map<std::string, Named> names_;
  std::vector<std::optional<std::size_t>> asks_;  // of each step
  std::string step_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> play(const Case& one, std::size_t& played) {
  return Player(one, played).play();
}

}  // namespace remit::reference
