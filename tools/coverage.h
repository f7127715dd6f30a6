// Which rules of a document its tests reach, for `remit test --coverage` (language.md section 12).
// Covered by tests/tools_run_test.py.
#pragma once

#include <string_view>
#include <vector>

#include <remit/decision.h>
#include <remit/lang/compile.h>

namespace remit::tools {

// A rule is reached where it decides a request; a limit, or the `at most` of a rule, where it has
// no room. Matching is not enough: a rule that only ever stands behind another could go, and no
// test would notice. Rules of modules are not asked about: their modules have tests of their own.
class Coverage {
 public:
  // `decision` of a session whose only layer is the document.
  void note(const Decision& decision);

  // A warning for each rule that nothing reached, in text order, but for those that are silenced.
  lang::Diagnostics untested(std::string_view text, const lang::Compiled& document) const;

 private:
  bool reached(std::size_t rule) const { return rule < reached_.size() && reached_[rule]; }

  std::vector<bool> reached_;  // by index of the document's rules
};

}  // namespace remit::tools
