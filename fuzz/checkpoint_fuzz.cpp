// Everything of the audit room that a verifier reads from strangers. The first byte of an input
// says which door the rest goes to:
//
//   n  a signed note      c  the text of a checkpoint, also signed and opened again
//   k  a verifier key     p  a private key in PEM       i  an inclusion proof     g  a consistency
//   proof d  a database, to verify
//
// No input may crash; what is accepted says the same when it is written again; and no proof but the
// right one leads to the root of a small tree.
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <remit/audit.h>
#include <remit/lang/compile.h>
#include <remit/session.h>

#include "engine/audit/checkpoint.h"
#include "engine/audit/note.h"
#include "engine/audit/tree.h"
#include "engine/audit/verify.h"
#include "fuzz/check.h"

namespace {

using namespace remit;

const SigningKey& signer() {
  static const SigningKey one = SigningKey::generate("audit.acme.example").value();
  return one;
}

void note(const std::string& text) {
  const auto opened = open_checkpoint(text, signer().verifier());
  // The key is of this run: nobody signed with it.
  REMIT_FUZZ_CHECK(!opened.ok() && !opened.error().text.empty());
  try {
    const audit::Note split = audit::split_note(text);
    REMIT_FUZZ_CHECK(!split.signatures.empty() && split.text.ends_with('\n'));
  } catch (const audit::BadNote&) {
  }
}

void checkpoint(const std::string& text) {
  Checkpoint read;
  try {
    read = audit::parse_checkpoint(text);
  } catch (const audit::BadNote&) {
    return;
  }
  REMIT_FUZZ_CHECK(audit::checkpoint_text(read) == text);
  read.origin = signer().verifier().name();
  const auto made = signer().sign(read);
  REMIT_FUZZ_CHECK(made.ok());
  const auto opened = open_checkpoint(made.value(), signer().verifier());
  // Only what no note can carry is refused: a control character, or what is no UTF-8, in a line.
  if (opened.ok()) REMIT_FUZZ_CHECK(opened.value() == read);
}

void key(const std::string& text) {
  const auto read = VerifierKey::parse(text);
  if (read.ok()) REMIT_FUZZ_CHECK(read->text() == text);
}

void pem(const std::string& text) {
  const auto read = SigningKey::from_pem(text, "audit.acme.example");
  if (!read.ok()) return;
  const auto again = SigningKey::from_pem(read->to_pem().value(), "audit.acme.example");
  REMIT_FUZZ_CHECK(again.ok() && again->verifier().text() == read->verifier().text());
}

// A tree of 64 leaves, and which hashes a proof may be put together from.
struct Known {
  Known() {
    roots.push_back(empty_root());
    for (int i = 0; i < 64; ++i) {
      leaves.push_back(leaf_hash(std::to_string(i)));
      tree.append(leaves.back(), [&](unsigned level, std::uint64_t position, const TreeHash& hash) {
        nodes.resize(std::max<std::size_t>(nodes.size(), level + 1));
        nodes[level].resize(std::max<std::size_t>(nodes[level].size(), position + 1));
        nodes[level][position] = hash;
      });
      roots.push_back(tree.root());
    }
  }
  audit::NodeSource source() const {
    return [this](unsigned level, std::uint64_t position) -> std::optional<TreeHash> {
      return nodes.at(level).at(position);
    };
  }
  audit::Tree tree;
  std::vector<TreeHash> leaves, roots;
  std::vector<std::vector<TreeHash>> nodes;
};

// Two numbers, then bytes that each choose a stored hash (level, position) or, from 0x80 on, spoil
// one.
void proof(const std::uint8_t* data, std::size_t size, bool inclusion) {
  static const Known known;
  if (size < 2) return;
  const std::uint64_t a = data[0] % 66, b = data[1] % 65;
  std::vector<TreeHash> path;
  for (std::size_t i = 2; i + 1 < size && path.size() < 80; i += 2) {
    const auto& level = known.nodes[data[i] % known.nodes.size()];
    TreeHash hash = level[data[i + 1] % level.size()];
    if ((data[i] & 0x80) != 0)
      hash[data[i + 1] % 32] = static_cast<std::uint8_t>(hash[data[i + 1] % 32] ^ 1);
    path.push_back(hash);
  }
  if (inclusion) {
    const TreeHash& leaf = known.leaves[a % 64];
    if (!verify_inclusion(leaf, a, b, path, known.roots[b])) return;
    REMIT_FUZZ_CHECK(audit::inclusion_path(a, b, known.source()) == path);
  } else {
    const TreeHash& old = known.roots[a % 65];
    if (!verify_consistency(a, old, b, known.roots[b], path)) return;
    if (a != 0) REMIT_FUZZ_CHECK(audit::consistency_path(a, b, known.source()) == path);
  }
}

std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A log of a few records, as bytes.
std::string make_log(const std::string& path) {
  AuditOptions options;
  options.origin = signer().verifier().name();
  options.key = signer().to_pem().value();
  const auto log = AuditLog::open(path, options).value();
  Opening opening;
  opening.agent = "spiffe://acme.example/agent/one";
  opening.user = "mike@acme.example";
  opening.surroundings.audit = log;
  const auto compiled = lang::compile("system lab { action read }\nexpires 2h\nread lab:/a\n");
  opening.layers = Layers::link(compiled.program().value()).value();
  Session session = Session::open(opening, time_from_micros(0)).value();
  for (int i = 0; i < 20; ++i)
    (void)session.check({"read", i % 2 == 0 ? "lab:/a" : "lab:/b"}, time_from_micros(i));
  REMIT_FUZZ_CHECK(log->close().ok());
  return read_all(path);
}

// Four bytes for each byte of the file to change: where, and how.
void database(const std::uint8_t* data, std::size_t size) {
  static const std::string path = (std::filesystem::temp_directory_path() /
                                   ("remit-checkpoint-fuzz-" + std::to_string(::getpid())))
                                      .string();
  static const std::string log = make_log(path);
  std::string bytes = log;
  for (std::size_t i = 0; i + 3 < size; i += 4) {
    const std::size_t at = (std::size_t{data[i]} << 16 | std::size_t{data[i + 1]} << 8 | data[i + 2]) % bytes.size();
    bytes[at] = static_cast<char>(bytes[at] ^ data[i + 3]);
  }
  for (const char* beside : {"-wal", "-shm", "-journal", "-writer"})
    ::unlink((path + beside).c_str());
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  audit::VerifyOptions options;
  options.key = signer().verifier();
  const auto report = audit::verify_log(path, options);
  for (const char* beside : {"", "-wal", "-shm"}) ::unlink((path + beside).c_str());
  REMIT_FUZZ_CHECK(report.ok() && (bytes != log || report->verified()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'n': note(text); break;
    case 'c': checkpoint(text); break;
    case 'k': key(text); break;
    case 'p': pem(text); break;
    case 'i': proof(data + 1, size - 1, true); break;
    case 'g': proof(data + 1, size - 1, false); break;
    case 'd': database(data + 1, size - 1); break;
    default: break;
  }
  return 0;
}
