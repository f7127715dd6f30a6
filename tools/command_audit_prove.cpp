// `remit audit checkpoint` and `remit audit prove`: what an auditor takes along. Covered by
// tests/audit_command_test.py.
#include <charconv>
#include <memory>

#include <fmt/format.h>
#include <remit/audit_reader.h>

#include "engine/audit/checkpoint.h"
#include "engine/audit/note.h"
#include "engine/audit/tree.h"
#include "tools/command_audit.h"
#include "tools/files.h"

namespace remit::tools {
namespace {

struct Prove {
  std::string database, out;
  std::uint64_t seq = 0;
  bool json = false;
};

AuditCheckpoint latest(const AuditReader& reader, const std::string& database) {
  auto found = usable(reader.latest_checkpoint(), database);
  if (!found)
    throw BadInput(database +
                   ": there is no checkpoint: the log has no key, or nothing was written yet");
  return std::move(*found);
}

void give(const Prove& options, const std::string& text) {
  options.out.empty() ? print(text) : write_file(options.out, text);
}

int checkpoint(const Prove& options) {
  const AuditReader reader = usable(AuditReader::open(options.database), options.database);
  give(options, latest(reader, options.database).note);
  return kFine;
}

// The form of c2sp.org/tlog-proof: index, path, and the checkpoint that they lead to.
std::string proof_text(std::uint64_t index, const std::vector<TreeHash>& path,
                       const std::string& note) {
  std::string out = fmt::format("c2sp.org/tlog-proof@v1\nindex {}\n", index);
  for (const TreeHash& hash : path) out += audit::to_base64(hash) + "\n";
  return out + "\n" + note;
}

std::string proof_json(const Prove& options, const AuditReader& reader, std::uint64_t size,
                       const std::vector<TreeHash>& path, const std::string& note) {
  JsonOut out;
  out["seq"] = options.seq;
  (void)usable(reader.record(options.seq,
                             [&](const AuditRecord& record) {
                               out["leaf"] = audit::to_base64(record.leaf);
                               if (record.body) out["record"] = std::string(*record.body);
                               return true;
                             }),
               options.database);
  out["index"] = options.seq - 1;
  out["size"] = size;
  out["path"] = JsonOut::array();
  for (const TreeHash& hash : path) out["path"].push_back(audit::to_base64(hash));
  out["checkpoint"] = note;
  return to_text(out) + "\n";
}

int prove(const Prove& options) {
  const AuditReader reader = usable(AuditReader::open(options.database), options.database);
  const AuditCheckpoint last = latest(reader, options.database);
  if (options.seq < 1 || options.seq > last.size)
    throw BadInput(fmt::format("{}: the last checkpoint is of {} records: {} is not among them",
                               options.database, last.size, options.seq));
  const auto nodes = [&](unsigned level, std::uint64_t position) {
    return usable(reader.node(level, position), options.database);
  };
  const auto path = audit::inclusion_path(options.seq - 1, last.size, nodes);
  const auto leaf = nodes(0, options.seq - 1);
  // A proof that would not verify is none: better to say so here.
  const std::string_view text = std::string_view(last.note).substr(0, last.note.rfind("\n\n") + 1);
  if (!path || !leaf ||
      !verify_inclusion(*leaf, options.seq - 1, last.size, *path,
                        audit::parse_checkpoint(text).root))
    throw BadInput(options.database +
                   ": the stored hashes do not lead to the checkpoint: run `remit audit verify`");
  give(options, options.json ? proof_json(options, reader, last.size, *path, last.note)
                             : proof_text(options.seq - 1, *path, last.note));
  return kFine;
}

CLI::App* add(CLI::App& audit, const char* name, const char* what,
              const std::shared_ptr<Prove>& options) {
  CLI::App* command = audit.add_subcommand(name, what);
  command->add_option("DB", options->database, "the audit trail, an SQLite file")->required();
  command->add_option("-o,--output", options->out, "where it goes; standard output otherwise")
      ->type_name("FILE");
  return command;
}

}  // namespace

void add_audit_checkpoint(CLI::App& audit, Action& chosen) {
  auto options = std::make_shared<Prove>();
  CLI::App* command =
      add(audit, "checkpoint", "Print the latest signed checkpoint, to keep elsewhere", options);
  set_manual(*command, {"[-o FILE] DB",
                        "A signed note (c2sp.org/tlog-checkpoint): the log's name, how many "
                        "records it has, the hash over all of\n"
                        "them, and a signature. Whoever keeps it can tell later, with `remit audit "
                        "verify --checkpoint`, whether the\n"
                        "log still begins with the same records.",
                        "0 printed\n2 the log has none, or cannot be read",
                        "remit audit checkpoint trail.db -o monday.note"});
  command->callback([options, &chosen] { chosen = [options] { return checkpoint(*options); }; });
}

void add_audit_prove(CLI::App& audit, Action& chosen) {
  auto options = std::make_shared<Prove>();
  CLI::App* command = add(audit, "prove", "Prove to others that a record is in the trail", options);
  command->add_option("SEQ", options->seq, "the record's number")->required();
  command->add_flag("--json", options->json, "print one JSON object, with the record");
  set_manual(*command,
             {"[--json] [-o FILE] DB SEQ",
              "An inclusion proof of RFC 9162 up to the latest checkpoint, as c2sp.org/tlog-proof "
              "writes it: about 50 bytes\n"
              "for each doubling of the log. With the record itself and the log's verifier key, "
              "public tools can verify it\n"
              "without the log and without Remit.",
              "0 printed\n2 the log has no such record under a checkpoint, or cannot be read",
              "remit audit prove trail.db 17 -o record-17.tlog-proof"});
  command->callback([options, &chosen] { chosen = [options] { return prove(*options); }; });
}

}  // namespace remit::tools
