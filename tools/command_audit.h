// What the files of `remit audit` share.
#pragma once

#include <string>
#include <utility>

#include <remit/audit_proof.h>

#include "tools/command.h"
#include "tools/errors.h"

namespace remit::tools {

void add_audit_key(CLI::App& audit, Action& chosen);
void add_audit_show(CLI::App& audit, Action& chosen);
void add_audit_export(CLI::App& audit, Action& chosen);
void add_audit_replay(CLI::App& audit, Action& chosen);
void add_audit_verify(CLI::App& audit, Action& chosen);
void add_audit_checkpoint(CLI::App& audit, Action& chosen);
void add_audit_prove(CLI::App& audit, Action& chosen);
void add_audit_report(CLI::App& audit, Action& chosen);

// A signed note is small; a larger file is none.
inline constexpr std::size_t kMaxNoteFile = std::size_t{64} << 10;

// Reads a key: itself, or from the file that is named. BadInput where it is none.
VerifierKey read_verifier_key(const std::string& written);

// The value, or BadInput with `what` before the error's sentence.
template <class T>
T usable(Result<T> result, const std::string& what) {
  if (!result.ok()) throw BadInput(what + ": " + result.error().text);
  return std::move(result).value();
}

}  // namespace remit::tools
