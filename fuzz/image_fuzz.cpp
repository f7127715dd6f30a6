// Images, their header's seal put right so that the verifier looks at what is inside. Whatever it lets
// pass decides: the same through every door, by a rule that there is.
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <remit/lang/compile.h>
#include <remit/layers.h>

#include "engine/image/disassemble.h"
#include "engine/image/verify.h"
#include "fuzz/check.h"

namespace {

using namespace remit;

const Program& task() {
  static const Program program = *lang::compile("expires 2h\nallow any anything\n").program();
  return program;
}

void ask(const Layers& layers, std::string_view action, const std::string& resource) {
  const Value labels[] = {"a", "b"};
  const Attribute attributes[] = {{"size", bytes(5)}, {"region", "eu"}, {"n", 3}, {"flag", true}, {"labels", std::span<const Value>(labels)}};
  Facts facts;
  facts.agent = "spiffe://acme.example/agent/a";
  facts.purpose = "to see";
  const Request request(action, resource, attributes);
  const Time now = time_from_micros(1'700'000'000'000'000);
  const Decision decision = layers.decide(request, facts, now);
  const auto prepared = layers.prepare(action, resource);
  REMIT_FUZZ_CHECK(prepared.ok());
  const Decision other = layers.decide(prepared.value(), attributes, facts, now);
  REMIT_FUZZ_CHECK(decision.effect == other.effect && decision.reason == other.reason && decision.layer == other.layer && decision.rule == other.rule);
  REMIT_FUZZ_CHECK(decision.rule == kNoRule || decision.rule < layers.program(decision.layer).rule_count());
  std::vector<Decision> verdicts(layers.size());
  layers.verdicts(request, facts, now, verdicts);
  bool allowed = true;
  for (const Decision& verdict : verdicts) allowed = allowed && verdict.effect == Effect::allow;
  REMIT_FUZZ_CHECK(allowed == decision.allowed());
  (void)layers.rule(decision);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::byte> image(size);
  if (size != 0) std::memcpy(image.data(), data, size);
  if (size < sizeof(image::Header)) {
    REMIT_FUZZ_CHECK(!Program::load(image).ok());
    return 0;
  }
  image::Header header;
  std::memcpy(&header, image.data(), sizeof header);
  std::memcpy(header.magic, image::kMagic, sizeof header.magic);
  header.major = image::kFormatMajor;
  header.minor = image::kFormatMinor;
  header.header_size = sizeof header;
  header.size = size;
  std::memcpy(image.data(), &header, sizeof header);
  header.checksum = image::checksum(image);
  std::memcpy(image.data(), &header, sizeof header);

  const auto program = Program::load(image);
  if (!program) return 0;
  const Program& loaded = program.value();
  REMIT_FUZZ_CHECK(Program::load(loaded.image()).value().worst_case_steps() == loaded.worst_case_steps());
  (void)disassemble(loaded);
  const bool scope = loaded.kind() == DocumentKind::scope;
  const std::vector<Program> layer{loaded};
  const std::span<const Program> none;
  const auto layers = Layers::link(scope ? loaded : task(), loaded.kind() == DocumentKind::guardrail ? layer : none, loaded.kind() == DocumentKind::grants ? layer : none);
  if (!layers) return 0;
  // Names and keys are the image's own, so that requests meet its rules.
  const image::View& view = loaded.view();
  std::size_t asked = 0;
  for (const image::System& system : view.systems) {
    for (const image::Action& action : image::View::slice(view.actions, system.actions)) {
      for (std::size_t at = 0; at < view.nodes.size() && asked < 100; at += image::View::node_units(view.node(static_cast<std::uint32_t>(at)))) {
        const image::Node& node = view.node(static_cast<std::uint32_t>(at));
        ask(layers.value(), view.text(action.name), std::string(image::View::key(node), node.key_length) + (asked % 2 ? "/x" : ""));
        ++asked;
      }
      ask(layers.value(), view.text(action.name), std::string(view.text(system.name)) + ":/a/b");
      if (++asked > 150) return 0;
    }
  }
  return 0;
}
