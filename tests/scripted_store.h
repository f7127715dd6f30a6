// A store that does as a test tells it, and a small tree on it: what several tests of sessions on a store share.
#pragma once

#include <map>

#include "tests/session_support.h"

namespace remit::test {

class ScriptedStore final : public Store {
 public:
  // What the next calls answer instead of doing anything.
  bool load_fails = false, version_fails = false, replace_fails = false, always_conflicts = false;
  std::size_t versions_asked = 0, replaced = 0;
  std::map<std::string, StoredState> blocks;

  StoredState& block(const Id& tree) { return blocks[to_string(tree)]; }

  Result<StoredState> load(const Id& tree) noexcept override {
    if (load_fails) return Error{ErrorCode::store_unavailable, "told to fail"};
    const auto found = blocks.find(to_string(tree));
    if (found == blocks.end()) return Error{ErrorCode::unknown_session, "no such tree"};
    return found->second;
  }
  Result<std::uint64_t> replace(const Id& tree, std::uint64_t expected, std::span<const std::byte> bytes) noexcept override {
    if (replace_fails) return Error{ErrorCode::store_unavailable, "told to fail"};
    StoredState& at = block(tree);
    if (always_conflicts || at.version != expected) return Error{ErrorCode::store_conflict, "another version"};
    ++replaced;
    at = {{bytes.begin(), bytes.end()}, expected + 1};
    return at.version;
  }
  Result<std::uint64_t> version(const Id& tree) noexcept override {
    ++versions_asked;
    if (version_fails) return Error{ErrorCode::store_unavailable, "told to fail"};
    return block(tree).version;
  }
};

struct StoredWorld {
  Program task = scope("expires 9h\ndelegate\nread lab:/ at most 20 times\nlist lab:/ at most 7 times per 10m\nask write lab:/\ndeny update lab:/ after list lab:/secret\n");
  Program child = scope("expires 5h\nany lab:/\n");
  Layers layers = layers_of(task);
  std::vector<Program> programs{task, child};
  std::shared_ptr<ScriptedStore> store = std::make_shared<ScriptedStore>();

  Surroundings around(Duration refresh, std::uint32_t divisor = 0) const {
    Surroundings out;
    out.store = store;
    out.store_options = {divisor, refresh};
    return out;
  }
  std::vector<Session> resume(const Id& id, Duration refresh, std::uint32_t divisor = 0) const { return Session::resume(id, programs, around(refresh, divisor)).value(); }
};

inline constexpr Duration kAlways{0}, kNever = std::chrono::hours(5);

inline std::string code(const Result<std::vector<Session>>& result) { return result ? "ok" : to_string(result.error().code); }

}  // namespace remit::test
