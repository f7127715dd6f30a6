// Decides every recorded request again, with the recorded programs, facts, times and state, through
// the same interface that the host used, and compares. Limits, history, approvals, delegation and
// revocation come about again, in the order of the records. Covered by tests/audit_replay_test.py.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tools/recorded_session.h"

namespace remit::tools {

// What came of one record.
struct Replayed {
  enum class Verdict {
    same,
    differs,
    undecidable,  // the trail lacks something that the decision rested on: never taken for
                  // agreement
  } verdict = Verdict::same;
  std::string effect, reason,
      place;        // as decided again, where it was. Of an opening: the error's code
  std::string why;  // undecidable: what is lacking; differs: in what
};

struct ReplaySettings {
  // Documents in the place of recorded ones. Then only effects are compared.
  Substitutes with;
  // Only the tree of this session, by its identifier or the beginning of it; empty: all.
  std::string session;
};

class Replay {
 public:
  // Called once for each opening, refusal, delegation, decision and approval. Decisions that
  // several threads made at once may be reported a little later than they stand in the trail.
  using Report = std::function<void(const Json& record, const Replayed& replayed)>;

  Replay(const AuditTrail& trail, const ReplaySettings& settings, Report report);
  // Plays the whole trail; `progress` is told of every record. BadInput where it cannot be read.
  void run(const std::function<void(std::uint64_t seq)>& progress);

 private:
  // A decision that does not fit yet. Of requests that several threads make at once, the records
  // need not stand in the order in which they were decided.
  struct Waiting {
    Json record;
    std::uint64_t since = 0;  // of the tree's steps
    Replayed found;           // in its own place
  };
  struct Tree {
    // Why its limits, history and idle time may not be what they were; empty: they are.
    std::string unknown;
    std::vector<Waiting> waiting;
    std::uint64_t steps = 0;
  };
  // How many further decisions of its tree one may wait for.
  static constexpr std::uint64_t kPatience = 256;

  struct Asked {
    ApprovalId id;
    bool whole = false;  // with all attributes that it was asked with
  };
  // A decision on its way.
  struct Step;

  void take(const Json& record);
  void open(const Json& record);
  void refuse(const Json& record);
  void delegate(const Json& record);
  void decide(const Json& record);
  void approve(const Json& record);
  void settle(const Json& record);
  void revoke_or_end(const Json& record);
  void lose_all(const std::string& why);
  void opened(const Json& record, RecordedSession session);
  void find_tree();

  // Decides one again and reports it; unless it differs from the record: then that.
  std::optional<Replayed> attempt(const Json& record);
  Replayed judge(Step& step);
  Replayed judge_sealed(Step& step, const std::string& sealed);
  // Makes the request, so that the state goes on as it did. What differs after all, or nothing.
  std::string make(Step& step);
  bool granted_as_recorded(Step& step);
  // Decides for good what waits in the tree.
  void settle_waiting(Tree& tree);

  const AuditTrail& trail_;
  const ReplaySettings& settings_;
  Report report_;
  SessionOpener opener_;
  std::map<std::string, RecordedSession, std::less<>>
      sessions_;                                            // by recorded identifier, as all here
  std::map<std::string, std::size_t, std::less<>> layers_;  // how many a recorded session had
  std::map<std::string, Tree, std::less<>> trees_;          // by the outermost session's
  std::map<std::string, Asked, std::less<>> asks_;          // by the recorded approval
  std::set<std::string, std::less<>> rolled_back_;          // decisions that were given back
  std::map<std::string, Reservation, std::less<>> reservations_;  // those of them that wait for it
  std::set<std::string, std::less<>> followed_;                   // sessions of the tree asked for
};

}  // namespace remit::tools
