// The programs of a log. See inspection.h.
#include <span>

#include <remit/program.h>

#include "engine/audit/inspection.h"
#include "engine/audit/json_text.h"

namespace remit::audit {

void Programs::inspect(Inspection& inspection) {
  Statement statement;
  if (!inspection.prepare(statement, "SELECT digest, name, image FROM programs")) return;
  Run run(statement);
  while (inspection.next(run)) {
    const auto wrong = [&](std::string text) {
      inspection.find(FindingCode::program_differs, 0, std::move(text));
    };
    std::string_view digest, name, image;
    if (!run.read(0, digest) || !run.read(1, name) || !run.read_blob(2, image)) {
      wrong("a row of `programs` is of another type than a log's");
      continue;
    }
    named_.emplace(digest, false);
    ++inspection.report().programs;
    const auto program = Program::load(std::as_bytes(std::span(image)));
    if (!program.ok()) {
      if (program.error().code == ErrorCode::out_of_memory) throw std::bad_alloc();
      wrong("the program " + std::string(digest) + " is no program: " + program.error().text);
      continue;
    }
    std::string right;
    write_hex(right, program->digest());
    if (right.substr(1, right.size() - 2) != digest)
      wrong("the program " + std::string(digest) + " has the digest " + right);
    if (program->name() != name)
      wrong("the program " + std::string(digest) + " is not called " + std::string(name));
  }
}

bool Programs::named(std::string_view digest) {
  const auto found = named_.find(digest);
  if (found == named_.end()) return false;
  found->second = true;
  return true;
}

void Programs::inspect_unnamed(Inspection& inspection) const {
  if (inspection.report().removed != 0) return;
  for (const auto& [digest, named] : named_) {
    if (!named)
      inspection.find(FindingCode::program_extra, 0, "no record names the program " + digest);
  }
}

}  // namespace remit::audit
