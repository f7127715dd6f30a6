// Remit inside a program: compiles the three documents of ../clinical-summary, opens a session for
// an agent that works for Mike, and asks before everything that the agent does.
//
//   embed_remit [folder of the documents]
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include <remit/lang/compile.h>
#include <remit/remit.h>

using Argument = remit::lang::Argument;

// Where a product loads compiled images instead (remit::Program::load), it needs no remit::lang.
remit::Program compile(const std::string& folder, const std::string& file,
                       const std::vector<Argument>& arguments = {}) {
  std::ifstream in(folder + "/" + file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto compiled = remit::lang::compile(text, {.file = file, .arguments = arguments});
  std::cerr << compiled.diagnostics().render();  // warnings too
  if (!compiled.program()) throw std::runtime_error(folder + "/" + file + " does not compile");
  return *compiled.program();
}

int main(int argc, char** argv) try {
  using namespace std::chrono_literals;
  const std::string folder = argc > 1 ? argv[1] : "examples/clinical-summary";

  // Once: programs, and layers that any number of sessions share.
  const auto task = compile(folder, "task.scope",
                            {Argument::written("folder", "docs:/clinical/A"),
                             Argument::written("project", "ws:/proj/B")});
  const auto policy = compile(folder, "acme_policy.scope");
  const auto access = compile(folder, "mikes_access.scope");
  const auto layers = remit::Layers::link(task, {policy}, {access}).value();

  // For each task: a session. The engine reads no clock; its host says what time it is.
  const remit::Time noon = remit::time_from_micros(1'795'521'600'000'000);
  auto session = remit::Session::open({.agent = "spiffe://acme.example/agent/summarizer",
                                       .user = "mike@acme.example",
                                       .layers = layers},
                                      noon);
  if (!session) throw std::runtime_error(session.error().text);

  // For each thing that the agent wants to do: a check, and nothing done without an allow.
  const auto check = [&](const remit::Request& request, remit::Duration after = 0s) {
    const remit::Decision decision = session->check(request, noon + after);
    std::cout << session->explain(request, decision) << "\n";
  };
  const std::string summary = "ws:/proj/B/summaries/w47.md";
  check({"read", "docs:/clinical/A/protocol.pdf", {{"classification", "internal"}}});
  check({"read", "docs:/clinical/AB/protocol.pdf", {{"classification", "internal"}}});
  check({"read", "docs:/clinical/A/hr/review.md", {{"classification", "internal"}}});
  check({"list", "docs:/clinical/A/unblinding"});
  check({"create",
         summary,
         {{"filename", "w47.md"}, {"size", remit::bytes(20'000)}, {"signed", false}}});
  check({"create",
         summary,
         {{"filename", "w47.md"}, {"size", 20'000}, {"signed", false}}});  // no size
  check({"send", "mail:bob@acme.example"});
  check({"read", "docs:/clinical/A/protocol.pdf", {{"classification", "internal"}}}, 4h);
} catch (const std::exception& problem) {
  std::cerr << "embed_remit: " << problem.what() << "\n";
  return 1;
}
