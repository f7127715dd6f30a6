// The digest over what stays of removed records: it is in the record of their removal, so that it is
// as safe from changes as any record. Written by the ledger, compared by verify.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/image/sha256.h"

namespace remit::audit {

// Of one class, all that was ever removed, in the order of seq.
class RemovedDigest {
 public:
  void add(std::uint64_t seq, std::int64_t time, std::string_view kind) {
    std::string line = std::to_string(seq);
    line.append(" ").append(std::to_string(time)).append(" ").append(kind).append("\n");
    hash_.update(line.data(), line.size());
    ++count_;
  }
  std::uint64_t count() const noexcept { return count_; }
  // Ends the computation.
  image::Digest finish() noexcept { return hash_.finish(); }

 private:
  image::Sha256 hash_;
  std::uint64_t count_ = 0;
};

}  // namespace remit::audit
