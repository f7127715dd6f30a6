// The hash tree of a log against what is stored of it and what was signed over it: nodes, the log's
// checkpoints, and those that the verifier kept. Fed with the leaves in order; see inspection.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/audit/inspection.h"
#include "engine/audit/tree.h"

namespace remit::audit {

class TreeInspection {
 public:
  explicit TreeInspection(Inspection& inspection);

  void append(const TreeHash& leaf);
  // A leaf is missing: no root from here on can be worked out, and all that follows are silent.
  void break_off() noexcept { whole_ = false; }
  // After the last leaf, `records` of them or, where some are missing, that many numbers.
  void finish(std::uint64_t records);

 private:
  // A checkpoint whose signature is right.
  struct Signed {
    Checkpoint checkpoint;
    bool stored = false;  // the log has it, too
    const char* whose = "";
  };

  void take_earlier(const std::string& note);
  void read_stored();
  void compare(const Signed& one);
  void reach(std::uint64_t size);
  void compare_node(unsigned level, std::uint64_t position, const TreeHash& hash);
  void find_extra_nodes();

  Inspection& inspection_;
  Tree tree_;
  bool whole_ = true;
  std::uint64_t agreed_ = 0;     // records under the largest checkpoint that fits
  std::uint64_t forked_ = 0;     // the smallest size at which one did not; 0: none
  std::vector<Signed> earlier_;  // by size
  std::size_t next_earlier_ = 0;

  Statement nodes_, checkpoints_;
  std::optional<Run> cursor_;
  std::optional<Signed> stored_;  // the next of the log's own, by size
};

}  // namespace remit::audit
