// Bytes -> state. See saved.h. A tree is built beside everything else and handed out only when it is
// whole, so bytes that break off or contradict their programs change nothing.
#include <algorithm>
#include <cstring>

#include "engine/session/bytes.h"
#include "engine/session/record.h"
#include "engine/session/saved.h"
#include "engine/session/saved_format.h"

namespace remit {
namespace {

Error bad(const char* sentence) { return {ErrorCode::bad_state, std::string("the saved state is refused: ") + sentence}; }

// Header and checksum: the generation, or why the bytes are refused.
Result<std::uint64_t> read_header(std::span<const std::byte> bytes) {
  if (bytes.size() < kStateBodyAt || std::memcmp(bytes.data(), kStateMagic, sizeof kStateMagic) != 0) return bad("it does not begin as one does");
  ByteReader in(bytes.subspan(sizeof kStateMagic));
  const auto major = in.number<std::uint16_t>(), minor = in.number<std::uint16_t>();
  if (major != kStateMajor || minor > kStateMinor) {
    return Error{ErrorCode::unsupported_version, "the saved state has format " + std::to_string(major) + "." + std::to_string(minor) + "; this engine reads " +
                                                     std::to_string(kStateMajor) + ".0 to " + std::to_string(kStateMajor) + "." + std::to_string(kStateMinor)};
  }
  if (in.number<std::uint64_t>() != bytes.size()) return bad("it is cut short, or longer than it says");
  const auto generation = in.number<std::uint64_t>();
  if (in.number<std::uint64_t>() != (image::xxh3(bytes.subspan(kStateBodyAt)) ^ generation)) return bad("its checksum is wrong: it was damaged");
  return generation;
}

class Reader {
 public:
  Reader(std::span<const std::byte> body, std::span<const Program> programs) : in_(body), programs_(programs) {}

  Result<RestoredTree> run(std::uint64_t generation) {
    out_.tree = std::make_shared<Session::Tree>(in_.number<std::int64_t>());
    out_.tree->last_grant = in_.number<std::int64_t>();
    out_.tree->generation = generation;
    std::string_view last;
    for (std::uint32_t i = in_.count(5); i > 0 && in_.ok(); --i) {
      const std::string_view agent = in_.text();
      if (agent <= last) in_.fail();  // sorted, so that each is added at the end
      out_.tree->add_agent(agent);
      last = agent;
    }
    const std::uint32_t sessions = in_.count(kSmallestSession);
    for (std::uint32_t i = 0; i < sessions; ++i) {
      if (auto error = session(i)) return *std::move(error);
    }
    if (sessions == 0) return bad("it holds no session");
    asks();
    log();
    if (!in_.at_end()) return bad("its parts do not fit together");
    return std::move(out_);
  }

 private:
  // More approvals than people can have given within 15 minutes.
  static constexpr std::uint32_t kMostAsks = 8 * kMaxOpenAsks;
  // Id, parent, one program, times, flags: no session takes less.
  static constexpr std::size_t kSmallestSession = 16 + 4 + 2 + 32 + 16 + 3;
  // Asker, state, id, request, two times; the lengths of three texts and of the rules.
  static constexpr std::size_t kSmallestAsk = 4 + 1 + 16 + 32 + 8 + 8 + 3 * 4 + 4;

  std::optional<Error> session(std::uint32_t index) {
    const Id id = in_.id();
    const auto parent_index = in_.number<std::uint32_t>();
    const bool outermost = index == 0;
    if (outermost != (parent_index == kNoParent) || (!outermost && parent_index >= index)) return bad("a session's parent does not stand before it");
    const std::shared_ptr<Session::State> parent = outermost ? nullptr : out_.states[parent_index];

    std::vector<std::vector<Program>> groups(1);
    if (auto error = own_programs(groups[0])) return error;
    if (parent != nullptr) {
      for (std::size_t layer = 0; layer < parent->layers.size(); ++layer) {
        const std::size_t group = 1u + parent->linked().groups[layer];
        if (group == groups.size()) groups.emplace_back();
        groups[group].push_back(parent->layers.program(layer));
      }
    }
    Result<Layers> layers = Layers::link_groups(groups);
    if (!layers) return layers.error();
    auto state = std::make_shared<Session::State>(*out_.tree, parent, std::move(layers).value());
    state->id = id;
    state->own_layers = static_cast<std::uint16_t>(groups[0].size());
    if (parent != nullptr) state->depth = static_cast<std::uint16_t>(parent->depth + 1);
    facts(*state);
    state->make_memory();
    memory(*state);
    if (!in_.ok()) return bad("a session breaks off, or does not fit its programs");
    if (outermost) {
      out_.tree->outermost = state.get();
      out_.tree->delegates = state->task().head().delegate_levels != 0;
    } else {
      state->make_particulars().outer.emplace(state->facts).purpose = out_.tree->outermost->facts.purpose;
    }
    state->enlist();
    out_.states.push_back(std::move(state));
    return std::nullopt;
  }

  std::optional<Error> own_programs(std::vector<Program>& out) {
    const auto count = in_.number<std::uint16_t>();
    if (count == 0 || count > kMaxLayers) return bad("a session has an impossible number of layers");
    for (std::uint16_t i = 0; i < count && in_.ok(); ++i) {
      image::Digest digest;
      digest.fill(0);
      in_.raw(digest.data(), digest.size());
      const auto found = std::find_if(programs_.begin(), programs_.end(), [&](const Program& program) { return program.view().digest() == digest; });
      if (found == programs_.end()) return Error{ErrorCode::missing_program, "a program that the state was saved with is not among those given"};
      out.push_back(*found);
    }
    if (!in_.ok()) return bad("a session breaks off");
    if (out.front().kind() != DocumentKind::scope) return bad("a session does not begin with a task scope");
    return std::nullopt;
  }

  void facts(Session::State& state) {
    const std::int64_t opened = in_.number<std::int64_t>();
    Provenance& provenance = state.make_particulars().provenance.emplace();
    provenance.ends = in_.number<std::int64_t>();
    state.over = in_.below<std::uint8_t>((Session::State::kRevoked | Session::State::kEnded) + 1);
    provenance.habit = static_cast<BadHabit>(in_.below<std::uint8_t>(3));
    if (in_.below<std::uint8_t>(2) == 1) {
      const std::string by(in_.text()), why(in_.text());
      state.revocation = std::make_unique<Revocation>(Revocation{by, why});
    }
    std::optional<std::string_view> texts[std::size(kTextFacts)];
    std::size_t size = 0;
    for (auto& text : texts) {
      if (in_.below<std::uint8_t>(2) == 1) text = in_.text();
      size += text ? text->size() : 0;
    }
    state.texts.reset(new char[size + 1]);  // facts point into it
    char* at = state.texts.get();
    for (std::size_t i = 0; i < std::size(kTextFacts); ++i) {
      if (!texts[i]) continue;
      if (!texts[i]->empty()) std::memcpy(at, texts[i]->data(), texts[i]->size());
      state.facts.*kTextFacts[i] = std::string_view(at, texts[i]->size());
      at += texts[i]->size();
    }
    OwnedFacts& named = state.particulars->named;
    for (std::uint32_t i = in_.count(5); i > 0 && in_.ok(); --i) {
      const std::string_view name = in_.text();
      items_.clear();
      named.keep({name, value()});
    }
    state.facts.named = named.named;
    state.facts.opened = time_from_micros(opened);
    for (std::uint32_t i = in_.count(4); i > 0 && in_.ok(); --i) provenance.chain.emplace_back(in_.text());
  }

  // Borrows from the bytes and from items_.
  Value value() {
    const auto type = static_cast<Type>(in_.below<std::uint8_t>(static_cast<std::uint8_t>(Type::list) + 1));
    if (type != Type::list) return scalar(type);
    for (std::uint32_t i = in_.count(5); i > 0 && in_.ok(); --i) {
      items_.push_back(scalar(static_cast<Type>(in_.below<std::uint8_t>(static_cast<std::uint8_t>(Type::list)))));
    }
    return std::span<const Value>(items_);
  }

  Value scalar(Type type) {
    if (type == Type::string) return in_.text();
    if (type == Type::resource) return ResourceName{in_.text()};
    const auto number = in_.number<std::int64_t>();
    switch (type) {
      case Type::boolean: return number != 0;
      case Type::size: return Bytes{number};
      case Type::duration: return Duration(number);
      case Type::time: return time_from_micros(number);
      case Type::integer: return number;
      default: in_.fail(); return {};
    }
  }

  void memory(Session::State& state) {
    std::size_t limits = 0, histories = 0;
    for (std::size_t layer = 0; layer < state.own_layers; ++layer) {
      limits += state.linked().views[layer]->limits.size();
      histories += state.linked().views[layer]->histories.size();
    }
    if (in_.count(4) != limits) in_.fail();
    for (std::size_t i = 0; i < limits && in_.ok(); ++i) {
      for (std::uint32_t buckets = in_.count(16); buckets > 0 && in_.ok(); --buckets) {
        Meter::Bucket bucket;
        bucket.index = in_.number<std::int64_t>();
        bucket.amount = in_.number<std::int64_t>();
        if (in_.ok() && !state.meters[i].restore(bucket)) in_.fail();
      }
    }
    if (in_.count(1) != histories) in_.fail();
    for (std::size_t i = 0; i < histories && in_.ok(); ++i) state.histories[i] = in_.below<std::uint8_t>(3);
    state.log_seen = static_cast<std::size_t>(in_.number<std::uint64_t>());
  }

  void asks() {
    const std::uint32_t count = in_.count(kSmallestAsk);
    if (count > kMostAsks) in_.fail();
    if (count == 0 || !in_.ok()) return;
    out_.tree->asks = std::make_unique<Asks>();
    for (std::uint32_t i = 0; i < count && in_.ok(); ++i) {
      Ask ask;
      const std::uint32_t asker = in_.below<std::uint32_t>(static_cast<std::uint32_t>(out_.states.size()));
      const Session::State& state = *out_.states[asker];  // the first, where that failed: there is one
      ask.session = state.id;
      ask.state = static_cast<Ask::State>(in_.below<std::uint8_t>(static_cast<std::uint8_t>(Ask::State::used) + 1));
      if (ask.state == Ask::State::approving) in_.fail();
      ask.id = in_.id();
      in_.raw(ask.request.data(), ask.request.size());
      ask.asked = in_.number<std::int64_t>();
      ask.approved = in_.number<std::int64_t>();
      ask.action = in_.text();
      ask.resource = in_.text();
      ask.approver = in_.text();
      for (std::uint32_t rules = in_.count(6); rules > 0 && in_.ok(); --rules) {
        vm::RuleMatch rule{};
        rule.layer = in_.below<std::uint16_t>(static_cast<std::uint16_t>(state.layers.size()));
        rule.rule = in_.number<std::uint32_t>();
        if (rule.rule >= state.layers.program(rule.layer).rule_count()) in_.fail();
        ask.rules.push_back(rule);
      }
      if (!std::is_sorted(ask.rules.begin(), ask.rules.end())) in_.fail();
      // An ask from the future would outlive its 15 minutes.
      const std::int64_t now = out_.tree->now.load(std::memory_order_relaxed);
      if (ask.asked > now || (ask.state != Ask::State::open && ask.approved > now)) in_.fail();
      if (in_.ok()) out_.tree->asks->add(std::move(ask));
    }
  }

  void log() {
    const bool overflowed = in_.below<std::uint8_t>(2) == 1;
    const std::uint32_t count = in_.count(8);
    if ((overflowed || count != 0) && out_.tree->log() == nullptr) return in_.fail();
    for (std::uint32_t i = 0; i < count && in_.ok(); ++i) {
      const std::string_view action = in_.text(), resource = in_.text();
      out_.tree->log()->add(action, resource);
    }
    if (overflowed) out_.tree->log()->overflow();
    for (const auto& state : out_.states) {
      if (state->log_seen > count) in_.fail();
    }
  }

  ByteReader in_;
  std::span<const Program> programs_;
  RestoredTree out_;
  std::vector<Value> items_;
};

}  // namespace

Result<RestoredTree> read_tree(std::span<const std::byte> bytes, std::uint64_t least_generation, std::span<const Program> programs) {
  const Result<std::uint64_t> generation = read_header(bytes);
  if (!generation) return generation.error();
  if (generation.value() < least_generation) {
    return Error{ErrorCode::stale_state, "the saved state is of generation " + std::to_string(generation.value()) + ", and at least " + std::to_string(least_generation) + " is asked for"};
  }
  return Reader(bytes.subspan(kStateBodyAt), programs).run(generation.value());
}

Result<std::vector<Session>> Session::restore(std::span<const std::byte> bytes, std::uint64_t least_generation, std::span<const Program> programs,
                                              const Surroundings& surroundings) noexcept {
  try {
    Result<RestoredTree> read = read_tree(bytes, least_generation, programs);
    if (!read) return read.error();
    read->tree->surroundings = std::make_unique<const Surroundings>(surroundings);
    std::vector<Session> out;
    out.reserve(read->states.size());
    for (const auto& state : read->states) {
      join_trail(*state);
      out.emplace_back(read->tree, state);
    }
    return out;
  } catch (...) {
    return out_of_memory();
  }
}

}  // namespace remit
