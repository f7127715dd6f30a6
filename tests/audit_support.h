// Audit logs for tests: a file that goes away, a log on it, and what it says afterwards.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>
#include <remit/audit.h>
#include <remit/audit_proof.h>
#include <remit/audit_reader.h>

#include "tests/session_support.h"

namespace remit::test {

// A folder for one test's files.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "remit-audit-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

inline const std::string kOrigin = "audit.acme.example";
inline std::string fresh_key() { return SigningKey::generate(kOrigin)->to_pem().value(); }

inline AuditOptions options_of(AuditMode mode, std::string key = {}) {
  AuditOptions options;
  options.mode = mode;
  options.origin = kOrigin;
  options.key = std::move(key);
  return options;
}

inline std::vector<nlohmann::json> bodies(const AuditReader& reader, const AuditFilter& filter = {}) {
  std::vector<nlohmann::json> out;
  const Status read = reader.each(filter, [&](const AuditRecord& record) {
    out.push_back(record.body ? nlohmann::json::parse(*record.body) : nlohmann::json());
    return true;
  });
  REQUIRE(read.ok());
  return out;
}
inline std::vector<nlohmann::json> bodies(const std::string& path, const AuditFilter& filter = {}) { return bodies(AuditReader::open(path).value(), filter); }

// What must hold of any log: numbers without a gap, every leaf the hash of its body, every checkpoint the root of
// its first records. Gives how many records there are.
inline std::size_t require_whole(const std::string& path, const std::string& pem = {}) {
  const AuditReader reader = AuditReader::open(path).value();
  std::vector<TreeHash> leaves;
  const Status read = reader.each({}, [&](const AuditRecord& record) {
    REQUIRE(record.seq == leaves.size() + 1);
    if (record.body) REQUIRE(leaf_hash(*record.body) == record.leaf);
    leaves.push_back(record.leaf);
    return true;
  });
  REQUIRE(read.ok());
  if (pem.empty()) return leaves.size();
  const SigningKey key = SigningKey::from_pem(pem, kOrigin).value();
  const std::vector<AuditCheckpoint> checkpoints = reader.checkpoints().value();
  CHECK_FALSE(checkpoints.empty());
  for (const AuditCheckpoint& item : checkpoints) {
    const Checkpoint checkpoint = open_checkpoint(item.note, key.verifier()).value();
    REQUIRE(checkpoint.size == item.size);
    REQUIRE(checkpoint.size <= leaves.size());
    // The root by its definition (RFC 6962 section 2.1), not by the tree that is under test.
    const auto root = [&](auto&& self, std::size_t first, std::size_t last) -> TreeHash {
      if (last - first == 1) return leaves[first];
      std::size_t half = 1;
      while (half * 2 < last - first) half *= 2;
      return node_hash(self(self, first, first + half), self(self, first + half, last));
    };
    REQUIRE(checkpoint.root == root(root, 0, checkpoint.size));
  }
  return leaves.size();
}

}  // namespace remit::test
