// A recorded session, opened again: from the records of its opening or delegation and the programs
// that the trail keeps. What replay (audit_replay.h) decides with. Covered by
// tests/audit_replay_test.py.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <remit/session.h>

#include "tools/audit_trail.h"
#include "tools/json.h"
#include "tools/values.h"

namespace remit::tools {

// Adds one recorded value. False where the record has not the value itself but only its hash.
bool add_recorded(AttributeSet& set, const std::string& name, const Json& value);
// All members of a record's object; the names of those whose values are not there come back.
std::set<std::string> add_all_recorded(AttributeSet& set, const Json& record, const char* member);

// A session of the trail. One that could not be opened again has none, and `refused` or `lost` says
// why.
struct RecordedSession {
  std::optional<Session> session;
  std::string refused;  // the engine's code: the documents do not let it open
  std::string lost;     // what the trail lacks for it to be opened as it was
  std::string root;     // the outermost session's id
  // Attributes and facts that its documents speak of: all that a decision can depend on.
  std::set<std::string, std::less<>> spoken;
};

// Documents that stand in for recorded ones (`replay --with`): a scope for the task scope, a
// guardrail or grants for the document of its kind and name; a guardrail or grants that has none to
// stand in for is one more layer of every outermost session.
class Substitutes {
 public:
  Substitutes() = default;
  explicit Substitutes(const std::vector<Program>& programs);

  bool any() const { return !programs_.empty(); }
  // The programs of one session's own layers with the substitutes in their places.
  std::vector<Program> apply(std::vector<Program> own, bool outermost) const;

 private:
  bool stands_in(const Program& substitute, const Program& recorded) const;
  std::vector<Program> programs_;
};

// Opens sessions again. Programs are loaded once each.
class SessionOpener {
 public:
  SessionOpener(const AuditTrail& trail, const Substitutes& substitutes)
      : trail_(trail), substitutes_(substitutes) {}

  // An opening, or one that was refused, at its recorded time.
  RecordedSession open(const Json& record);
  // A delegation by `parent`, whose recorded layers were `inherited` many.
  RecordedSession delegate(const Json& record, RecordedSession& parent, std::size_t inherited);

 private:
  std::optional<std::vector<Program>> programs_of(const Json& record, std::size_t count,
                                                  std::string& lost);
  const AuditTrail& trail_;
  const Substitutes& substitutes_;
  std::map<std::string, Program> programs_;
};

}  // namespace remit::tools
