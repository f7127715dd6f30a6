// What a replay found, for people and for machines: what differs as it comes, and a table at the
// end. Covered by tests/audit_replay_test.py.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <tuple>

#include "tools/audit_replay.h"

namespace remit::tools {

class ReplayReport {
 public:
  // `with`: documents stood in for the recorded ones, so a difference is a change and no fault.
  ReplayReport(bool with, bool json) : with_(with), json_(json) {}

  // Counts one record; its line, where it has something to say.
  std::string add(const Json& record, const Replayed& replayed);
  // The table, or one JSON object on a line. Ends with a line end.
  std::string summary() const;
  std::size_t differences() const { return different_; }

 private:
  struct Row {
    std::size_t count = 0;
    std::string example;  // the first such request
  };
  std::string text_summary() const;
  std::string line_of(const Json& record, const Replayed& replayed) const;

  bool with_, json_;
  std::size_t total_ = 0, same_ = 0, different_ = 0, undecidable_ = 0;
  std::map<std::string, std::size_t> kinds_;
  // By recorded effect and reason, and by effect, reason and place as decided again.
  std::map<std::tuple<std::string, std::string, std::string, std::string, std::string>, Row>
      changes_;
  std::map<std::string, Row> lacking_;  // by what is lacking
};

}  // namespace remit::tools
