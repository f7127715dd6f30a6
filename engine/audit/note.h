// Signed notes (c2sp.org/signed-note): a text, an empty line, and signature lines
//
//   — audit.acme.example jU8qED0...
//
// each of a name and the base64 of four bytes of key hash and the signature. Read strictly: a note
// is a thing that several programs read, and it must say the same to all of them. The room throws
// BadNote; the doors of remit/audit_proof.h turn it into an Error.
// Covered by tests/audit_checkpoint_test.cpp and tests/audit_interop_test.py.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace remit::audit {

struct BadNote : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline constexpr std::size_t kMaxNote = std::size_t{64} << 10;
inline constexpr std::size_t kMaxSignatures = 100;
inline constexpr std::size_t kMaxKeyName = 256;

// Base64 of RFC 4648 section 4, with padding; the reader takes the one text of each byte string.
std::string to_base64(std::span<const std::uint8_t> bytes);
std::vector<std::uint8_t> from_base64(std::string_view text, std::string_view what);

// Refuses a name that a note cannot carry.
void check_key_name(std::string_view name);
// The first four bytes of SHA-256(name, line end, `key`), big-endian; `key` begins with its kind.
std::uint32_t key_hash(std::string_view name, std::span<const std::uint8_t> key);

struct NoteSignature {
  std::string_view name;
  std::uint32_t hash = 0;
  std::vector<std::uint8_t> bytes;  // without the hash
};

struct Note {
  std::string_view text;  // what is signed, its last line end included
  std::vector<NoteSignature> signatures;
};

// Takes a note apart, without a look at whether its signatures are right. Borrows from `note`.
Note split_note(std::string_view note);
std::string join_note(std::string_view text, std::string_view name, std::uint32_t hash,
                      std::span<const std::uint8_t> signature);

}  // namespace remit::audit
