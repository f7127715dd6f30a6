// Hostile images in bulk. Whatever the verifier lets pass must run without harm: linked, asked, printed.
// Run under the sanitizers (scripts/sanitize), which see what this test cannot.
#include <catch2/catch.hpp>

#include <cstring>
#include <vector>

#include "engine/image/disassemble.h"
#include "engine/image/verify.h"
#include "tests/generate/compiled.h"

namespace remit {
namespace {

using generate::Random;
using image::Header;

using Image = std::vector<std::byte>;

Header& header_of(Image& bytes) { return *reinterpret_cast<Header*>(bytes.data()); }
void seal(Image& bytes) { header_of(bytes).checksum = image::checksum(bytes); }

Image image_of(const Program& program) { return {program.image().begin(), program.image().end()}; }

// One change of the kinds that find holes: a bit, a byte, a number (small, large, or another one of the
// image), a section's place.
void damage(Image& bytes, Random& random) {
  const std::size_t body = sizeof(Header) + random.below(bytes.size() - sizeof(Header));
  std::uint32_t number = 0;
  switch (random.below(6)) {
    case 0: bytes[body] ^= std::byte{1} << static_cast<int>(random.below(8)); return;
    case 1: bytes[body] = static_cast<std::byte>(random.below(256)); return;
    case 2: number = static_cast<std::uint32_t>(random.below(12)); break;
    case 3: number = 0u - static_cast<std::uint32_t>(random.below(12)); break;
    case 4: std::memcpy(&number, bytes.data() + random.below(bytes.size() / 4) * 4, 4); break;
    default: {
      image::SectionRef& section = header_of(bytes).sections[random.below(image::kSectionCount)];
      if (random.chance(50)) section.count += static_cast<std::uint32_t>(random.between(-2, 2));
      if (random.chance(50)) section.offset += static_cast<std::uint32_t>(random.between(-3, 3) * 8);
      return;
    }
  }
  std::memcpy(bytes.data() + body / 4 * 4, &number, 4);
}

void run(const Program& program, const Layers& layers, const generate::World& world, const std::vector<reference::HeldRequest>& requests) {
  const reference::Loan facts(world.facts);
  for (const reference::HeldRequest& held : requests) {
    const reference::Loan loan(held);
    const Time now = time_from_micros(held.now);
    const Decision decision = layers.decide(loan.request(), facts.facts(), now);
    (void)layers.rule(decision);
    std::vector<Decision> verdicts(layers.size());
    layers.verdicts(loan.request(), facts.facts(), now, verdicts);
    const auto prepared = layers.prepare(held.action, held.resource);
    REQUIRE(prepared.ok());
    (void)layers.decide(prepared.value(), loan.attributes(), facts.facts(), now);
  }
  std::string read;  // every byte that a rule's place names
  for (std::uint32_t i = 0; i < program.rule_count(); ++i) {
    const RuleInfo info = program.rule(i);
    read.append(info.file).append(info.source).append(info.because.value_or(""));
  }
  CHECK_FALSE(disassemble(program).append(read).empty());
}

TEST_CASE("an image cut anywhere, or with any bit flipped, is refused") {
  Random random(7);
  std::string problem;
  const auto world = generate::compile_world(generate::make_world(random, generate::Size::middle), problem);
  REQUIRE(world);
  const Image good = image_of(*world->documents[0].program());
  for (std::size_t size = 0; size < good.size(); size += 1 + size / 64) {
    CHECK_FALSE(Program::load(std::span(good).first(size)).ok());
  }
  for (std::size_t bit = 0; bit < good.size() * 8; bit += 61) {
    Image copy = good;
    copy[bit / 8] ^= std::byte{1} << static_cast<int>(bit % 8);
    CHECK_FALSE(Program::load(copy).ok());
  }
}

TEST_CASE("resealed damage is refused or runs safely") {
  std::size_t accepted = 0, refused = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    Random random(seed);
    const generate::World world = generate::make_world(random, seed % 3 == 0 ? generate::Size::middle : generate::Size::tiny);
    std::string problem;
    const auto compiled = generate::compile_world(world, problem);
    if (!compiled) continue;
    const auto requests = generate::make_requests(random, world, compiled->resolved, 20);
    std::vector<Program> programs;
    for (const lang::Compiled& document : compiled->documents) programs.push_back(*document.program());
    for (int round = 0; round < 100; ++round) {
      const std::size_t victim = random.below(programs.size());
      Image copy = image_of(programs[victim]);
      for (std::size_t hits = 1 + random.below(3); hits > 0; --hits) damage(copy, random);
      seal(copy);
      const auto damaged = Program::load(copy);
      if (!damaged) {
        ++refused;
        continue;
      }
      ++accepted;
      std::vector<Program> guardrails, grants;
      for (std::size_t i = 1; i < programs.size(); ++i) {
        const Program& layer = i == victim ? damaged.value() : programs[i];
        (layer.kind() == DocumentKind::grants ? grants : guardrails).push_back(layer);
      }
      const auto layers = Layers::link(victim == 0 ? damaged.value() : programs[0], guardrails, grants);
      if (layers) run(damaged.value(), layers.value(), world, requests);
    }
  }
  // Otherwise the test would show nothing.
  CHECK(accepted > 1000);
  CHECK(refused > 1000);
}

TEST_CASE("random bytes are refused") {
  Random random(3);
  for (int round = 0; round < 2000; ++round) {
    Image bytes(random.below(4096));
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.below(256));
    CHECK_FALSE(Program::load(bytes).ok());
    if (bytes.size() < sizeof(Header)) continue;
    // As far as the sections, which are random.
    Header& header = header_of(bytes);
    std::memcpy(header.magic, image::kMagic, sizeof header.magic);
    header.major = image::kFormatMajor;
    header.minor = image::kFormatMinor;
    header.header_size = sizeof(Header);
    header.size = bytes.size();
    seal(bytes);
    CHECK_FALSE(Program::load(bytes).ok());
  }
}

}  // namespace
}  // namespace remit
