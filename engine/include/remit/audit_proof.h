// What somebody needs who trusts neither the log's keeper nor this library: the hashes of RFC 6962
// (RFC 9162 section 2.1), proofs over them, and checkpoints in the form of
// c2sp.org/tlog-checkpoint, signed as c2sp.org/signed-note says. Public tools read the same.
//
//   auto key = remit::VerifierKey::parse("audit.acme.example+8d4f2a10+AVk...").value();
//   auto now = remit::open_checkpoint(note, key).value();
//   bool in = remit::verify_inclusion(remit::leaf_hash(body), index, now.size, path, now.root);
//   bool grew = remit::verify_consistency(then.size, then.root, now.size, now.root, path);
//
// Everything here is pure and may be called from any thread. Errors of the readers are
// `bad_argument`, with a sentence that says what was wrong and where.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <remit/result.h>

namespace remit {

using TreeHash = std::array<std::uint8_t, 32>;  // SHA-256

// SHA-256(0x00 || record), SHA-256(0x01 || left || right), and the root of a tree without leaves.
TreeHash leaf_hash(std::string_view record) noexcept;
TreeHash node_hash(const TreeHash& left, const TreeHash& right) noexcept;
TreeHash empty_root() noexcept;

// RFC 9162 section 2.1.3.2: the leaf at `index` (from 0) is in the tree of `size` leaves.
bool verify_inclusion(const TreeHash& leaf, std::uint64_t index, std::uint64_t size,
                      std::span<const TreeHash> path, const TreeHash& root) noexcept;
// RFC 9162 section 2.1.4.2: the tree of `size` leaves begins with the one of `old_size`. A tree
// without leaves is the beginning of every other, with no proof.
bool verify_consistency(std::uint64_t old_size, const TreeHash& old_root, std::uint64_t size,
                        const TreeHash& root, std::span<const TreeHash> path) noexcept;

struct Checkpoint {
  std::string origin;  // the log's name
  std::uint64_t size = 0;
  TreeHash root{};
  std::vector<std::string> extensions;  // further lines, as they are

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// Who signs a log's checkpoints: a name and an Ed25519 public key. A copyable value.
class VerifierKey {
 public:
  // Reads `name+hash+base64`, the one text that text() writes.
  static Result<VerifierKey> parse(std::string_view text) noexcept;

  const std::string& name() const noexcept { return name_; }
  std::uint32_t hash() const noexcept { return hash_; }  // tells keys of one name apart
  std::string text() const;                              // may throw std::bad_alloc
  const std::array<std::uint8_t, 32>& bytes() const noexcept { return bytes_; }

 private:
  friend class SigningKey;
  std::string name_;
  std::uint32_t hash_ = 0;
  std::array<std::uint8_t, 32> bytes_{};
};

// The checkpoint in a signed note that carries a right signature by `key`, whose name must be the
// origin. Signatures by others are passed over; a wrong one under this key's name and hash is an
// error. The log's name and size are to be believed as far as the key is.
Result<Checkpoint> open_checkpoint(std::string_view note, const VerifierKey& key) noexcept;

// The private half, for whoever writes a log. A copyable handle; the secret is wiped with the last.
class SigningKey {
 public:
  // A fresh one. `name`: at least one character, no white space, control character or `+`, no more
  // than 256 bytes; a URL without its scheme is customary. Errors: bad_argument, out_of_memory.
  static Result<SigningKey> generate(std::string_view name) noexcept;
  // From PKCS#8 in PEM, without a passphrase. The file holds no name.
  static Result<SigningKey> from_pem(std::string_view pem, std::string_view name) noexcept;

  Result<std::string> to_pem() const noexcept;
  const VerifierKey& verifier() const noexcept { return verifier_; }

  // The signed note over `checkpoint`, whose origin must be this key's name.
  Result<std::string> sign(const Checkpoint& checkpoint) const noexcept;

 private:
  struct Secret;
  SigningKey(std::shared_ptr<const Secret> secret, std::string_view name);
  VerifierKey verifier_;
  std::shared_ptr<const Secret> secret_;
};

}  // namespace remit
