// Hashes of RFC 6962, and the two verifications of RFC 9162 as it words them. See
// remit/audit_proof.h. Covered by tests/audit_tree_test.cpp.
#include <openssl/evp.h>

#include <algorithm>
#include <bit>
#include <memory>

#include <remit/audit_proof.h>

#include "engine/image/sha256.h"

namespace remit {
namespace {

constexpr unsigned char kLeaf = 0, kNode = 1;  // RFC 6962 section 2.1

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// One for each thread: making a context costs more than hashing a node.
EVP_MD_CTX* context() {
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> one(EVP_MD_CTX_new());
  return one.get();
}

// SHA-256 of two texts after a prefix. OpenSSL uses what the processor has for it; where it refuses
// (no memory), the engine's own code gives the same, so that hashing cannot fail.
TreeHash hash(unsigned char prefix, std::string_view a, std::string_view b) noexcept {
  TreeHash out{};
  EVP_MD_CTX* const how = context();
  // Fetched once: looking the algorithm up takes a lock that all threads share.
  static EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  if (how != nullptr && sha256 != nullptr && EVP_DigestInit_ex2(how, sha256, nullptr) == 1 &&
      EVP_DigestUpdate(how, &prefix, 1) == 1 && EVP_DigestUpdate(how, a.data(), a.size()) == 1 &&
      EVP_DigestUpdate(how, b.data(), b.size()) == 1 &&
      EVP_DigestFinal_ex(how, out.data(), nullptr) == 1)
    return out;
  image::Sha256 own;
  own.update(&prefix, 1);
  own.update(a.data(), a.size());
  own.update(b.data(), b.size());
  return own.finish();
}

std::string_view text(const TreeHash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

}  // namespace

TreeHash leaf_hash(std::string_view record) noexcept { return hash(kLeaf, record, {}); }

TreeHash node_hash(const TreeHash& left, const TreeHash& right) noexcept {
  return hash(kNode, text(left), text(right));
}

TreeHash empty_root() noexcept { return image::sha256({}); }

bool verify_inclusion(const TreeHash& leaf, std::uint64_t index, std::uint64_t size,
                      std::span<const TreeHash> path, const TreeHash& root) noexcept {
  if (index >= size) return false;
  std::uint64_t node = index, last = size - 1;
  TreeHash hash = leaf;
  for (const TreeHash& sibling : path) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      hash = node_hash(sibling, hash);
      // A node at the right edge has no sibling until its level is odd.
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      hash = node_hash(hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && hash == root;
}

bool verify_consistency(std::uint64_t old_size, const TreeHash& old_root, std::uint64_t size,
                        const TreeHash& root, std::span<const TreeHash> path) noexcept {
  if (old_size > size) return false;
  if (old_size == size) return path.empty() && old_root == root;
  if (old_size == 0) return path.empty() && old_root == empty_root();
  // Where the old tree is one complete subtree of the new one, its root stands for itself.
  const bool complete = std::has_single_bit(old_size);
  if (!complete && path.empty()) return false;
  const TreeHash& start = complete ? old_root : path.front();
  if (!complete) path = path.subspan(1);

  std::uint64_t node = old_size - 1, last = size - 1;
  const int skipped = std::countr_one(node);
  node >>= skipped;
  last >>= skipped;
  TreeHash older = start, newer = start;
  for (const TreeHash& sibling : path) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      older = node_hash(sibling, older);
      newer = node_hash(sibling, newer);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      newer = node_hash(newer, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && older == old_root && newer == root;
}

}  // namespace remit
