// `remit audit key`: make the key that signs a log's checkpoints, or show the public half of one.
// Covered by tests/audit_command_test.py.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "tools/command_audit.h"
#include "tools/files.h"

namespace remit::tools {
namespace {

constexpr std::size_t kMaxKeyFile = std::size_t{16} << 10;

struct Key {
  std::string name, out, file;
  bool json = false;
};

// A new file that only its owner can read. A key that is there is never replaced: checkpoints that
// it signed could no longer be told from forged ones.
void write_new(const std::string& path, const std::string& bytes) {
  const int file = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) throw BadInput(fmt::format("{}: {}", path, std::strerror(errno)));
  const bool written =
      ::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) &&
      ::fsync(file) == 0;
  const int fault = errno;
  ::close(file);
  if (written) return;
  ::unlink(path.c_str());
  throw BadInput(fmt::format("{}: cannot be written: {}", path, std::strerror(fault)));
}

int key(const Key& options) {
  if (options.out.empty() == options.file.empty())
    throw BadInput("give -o FILE to make a key, or --of FILE to show the public half of one");
  const bool make = !options.out.empty();
  const SigningKey signer =
      make ? usable(SigningKey::generate(options.name), "--name")
           : usable(SigningKey::from_pem(read_file(options.file, kMaxKeyFile), options.name),
                    options.file);
  if (make) write_new(options.out, usable(signer.to_pem(), options.out));
  if (options.json) {
    JsonOut out;
    out["name"] = options.name;
    out["verifier"] = signer.verifier().text();
    if (make) out["file"] = options.out;
    print(to_text(out) + "\n");
  } else {
    print(signer.verifier().text() + "\n");
  }
  return kFine;
}

}  // namespace

VerifierKey read_verifier_key(const std::string& written) {
  auto direct = VerifierKey::parse(written);
  if (direct.ok()) return std::move(direct).value();
  std::error_code ignored;
  if (!std::filesystem::exists(written, ignored)) throw BadInput("--key: " + direct.error().text);
  std::string text = read_file(written, kMaxKeyFile);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return usable(VerifierKey::parse(text), written);
}

void add_audit_key(CLI::App& audit, Action& chosen) {
  auto options = std::make_shared<Key>();
  CLI::App* command =
      audit.add_subcommand("key", "Make the key that signs checkpoints, or show it");
  command->add_option("--name", options->name, "the log's name, such as audit.acme.example/crm")
      ->required()
      ->type_name("NAME");
  command->add_option("-o,--output", options->out, "make a key and write it here; never replaces")
      ->type_name("FILE");
  command->add_option("--of", options->file, "show the public half of this key")->type_name("FILE");
  command->add_flag("--json", options->json, "print one JSON object");
  set_manual(*command,
             {"--name NAME -o FILE | --name NAME --of FILE",
              "The private key (Ed25519, PKCS#8 in PEM) goes to a file that only its owner can "
              "read; keep it where\nagents cannot. What is printed is the verifier key, which "
              "whoever verifies the log has to get by\nanother way than from the log: it has the "
              "form of c2sp.org/signed-note, which public tools read.",
              "0 made or shown\n2 it was not, and why",
              "remit audit key --name audit.acme.example -o log.pem > log.vkey"});
  command->callback([options, &chosen] { chosen = [options] { return key(*options); }; });
}

}  // namespace remit::tools
