// The tree and its proofs against the published vectors of Certificate Transparency, and against
// the definitions of RFC 9162 section 2.1, written down here as they stand there, for every small
// tree.
#include <catch2/catch.hpp>

#include <map>
#include <random>

#include "engine/audit/tree.h"

using namespace remit;

namespace {

using Path = std::vector<TreeHash>;

TreeHash from_hex(std::string_view text) {
  TreeHash out{};
  REQUIRE(text.size() == 64);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<std::uint8_t>(std::stoul(std::string(text.substr(2 * i, 2)), nullptr, 16));
  return out;
}
Path path_of(std::initializer_list<std::string_view> texts) {
  Path out;
  for (const std::string_view text : texts) out.push_back(from_hex(text));
  return out;
}

// A tree with every complete subtree that it ever had, as a log stores them.
struct Stored {
  audit::Tree tree;
  std::map<std::pair<unsigned, std::uint64_t>, TreeHash> nodes;
  std::vector<TreeHash> leaves, roots{empty_root()};  // the root at each size

  void append(std::string_view record) {
    leaves.push_back(leaf_hash(record));
    tree.append(leaves.back(), [&](unsigned level, std::uint64_t position, const TreeHash& hash) {
      REQUIRE(nodes.emplace(std::pair(level, position), hash).second);  // each exactly once
    });
    roots.push_back(tree.root());
  }
  audit::NodeSource source() const {
    return [this](unsigned level, std::uint64_t position) -> std::optional<TreeHash> {
      const auto found = nodes.find({level, position});
      if (found == nodes.end()) return std::nullopt;
      return found->second;
    };
  }
};

Stored stored(std::size_t size) {
  Stored out;
  for (std::size_t i = 0; i < size; ++i) out.append("record " + std::to_string(i));
  return out;
}

using Leaves = std::span<const TreeHash>;
std::size_t split(std::size_t size) {
  std::size_t k = 1;
  while (2 * k < size) k *= 2;
  return k;
}
// RFC 9162 section 2.1.1: MTH.
TreeHash mth(Leaves d) {
  if (d.empty()) return empty_root();
  if (d.size() == 1) return d[0];
  return node_hash(mth(d.first(split(d.size()))), mth(d.subspan(split(d.size()))));
}
Path joined(Path path, const TreeHash& last) { return path.push_back(last), path; }
// Section 2.1.3.1: PATH(m, D_n).
Path path_to(std::size_t m, Leaves d) {
  if (d.size() == 1) return {};
  const std::size_t k = split(d.size());
  if (m < k) return joined(path_to(m, d.first(k)), mth(d.subspan(k)));
  return joined(path_to(m - k, d.subspan(k)), mth(d.first(k)));
}
// Section 2.1.4.1: SUBPROOF(m, D_n, b).
Path subproof(std::size_t m, Leaves d, bool whole) {
  if (m == d.size()) return whole ? Path{} : Path{mth(d)};
  const std::size_t k = split(d.size());
  if (m <= k) return joined(subproof(m, d.first(k), whole), mth(d.subspan(k)));
  return joined(subproof(m - k, d.subspan(k), false), mth(d.first(k)));
}

// Every way in which a path may be spoilt a little.
template <class Check>
void refuse_spoilt(const Path& path, const Check& holds) {
  for (std::size_t i = 0; i < path.size(); ++i) {
    Path changed = path, without = path, twice = path;
    changed[i][i % 32] = static_cast<std::uint8_t>(changed[i][i % 32] ^ 1);
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    twice.insert(twice.begin() + static_cast<std::ptrdiff_t>(i), path[i]);
    CHECK_FALSE(holds(changed));
    CHECK_FALSE(holds(without));
    CHECK_FALSE(holds(twice));
  }
  CHECK_FALSE(holds(joined(path, TreeHash{})));
}

}  // namespace

TEST_CASE("the vectors of Certificate Transparency") {
  using namespace std::string_view_literals;
  const std::string_view records[] = {
      ""sv,
      "\0"sv,
      "\x10"sv,
      "\x20\x21"sv,
      "\x30\x31"sv,
      "\x40\x41\x42\x43"sv,
      "\x50\x51\x52\x53\x54\x55\x56\x57"sv,
      "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"sv};
  const std::string_view roots[] = {
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  Stored log;
  CHECK(log.tree.root() == from_hex(roots[0]));
  for (std::size_t i = 0; i < 8; ++i) {
    log.append(records[i]);
    CHECK(log.tree.root() == from_hex(roots[i + 1]));
  }
  const auto nodes = log.source();
  CHECK(audit::inclusion_path(0, 8, nodes) ==
        path_of({"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                 "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                 "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}));
  CHECK(audit::inclusion_path(5, 8, nodes) ==
        path_of({"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                 "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                 "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}));
  CHECK(audit::inclusion_path(2, 3, nodes) ==
        path_of({"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}));
  CHECK(audit::consistency_path(1, 8, nodes) == audit::inclusion_path(0, 8, nodes));
  CHECK(audit::consistency_path(6, 8, nodes) ==
        path_of({"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                 "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                 "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}));
  CHECK(audit::consistency_path(2, 5, nodes) ==
        path_of({"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                 "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}));
}

TEST_CASE("every proof of every tree of up to 40 leaves is as RFC 9162 defines it, and no other") {
  constexpr std::size_t kMost = 40;
  const Stored log = stored(kMost);
  const auto nodes = log.source();
  for (std::size_t size = 0; size <= kMost; ++size) {
    const Leaves leaves = Leaves(log.leaves).first(size);
    const TreeHash root = mth(leaves);
    REQUIRE(log.roots[size] == root);
    REQUIRE(audit::root_of(size, nodes) == root);
    for (std::size_t index = 0; index < size; ++index) {
      const auto path = audit::inclusion_path(index, size, nodes);
      REQUIRE(path == path_to(index, leaves));
      const auto holds = [&](const Path& p) {
        return verify_inclusion(log.leaves[index], index, size, p, root);
      };
      REQUIRE(holds(*path));
      refuse_spoilt(*path, holds);
      // The path says which leaf it is, and of how many: no other index or size goes with it.
      for (std::size_t other = 0; other < size; ++other)
        CHECK(verify_inclusion(log.leaves[index], other, size, *path, root) == (other == index));
      CHECK_FALSE(verify_inclusion(log.leaves[index], index, size, *path, TreeHash{}));
    }
    CHECK_FALSE(audit::inclusion_path(size, size, nodes));
    for (std::size_t old = 1; old <= size; ++old) {
      const auto path = audit::consistency_path(old, size, nodes);
      REQUIRE(path == (old == size ? Path{} : subproof(old, leaves, true)));
      const auto holds = [&](const Path& p) {
        return verify_consistency(old, log.roots[old], size, root, p);
      };
      REQUIRE(holds(*path));
      refuse_spoilt(*path, holds);
      CHECK_FALSE(verify_consistency(old, TreeHash{}, size, root, *path));
      CHECK_FALSE(verify_consistency(old, log.roots[old], size, TreeHash{}, *path));
      CHECK_FALSE(verify_consistency(old - 1, log.roots[old], size, root, *path));
    }
    CHECK(verify_consistency(0, empty_root(), size, root, {}));
    CHECK_FALSE(verify_consistency(0, TreeHash{}, size, root, {}));
    CHECK_FALSE(audit::consistency_path(size + 1, size, nodes));
    CHECK_FALSE(verify_consistency(size + 1, root, size, root, {}));
  }
}

TEST_CASE("a restored tree goes on as the one that was never left, and a missing node is noticed") {
  const Stored log = stored(300);
  std::mt19937 random(7);
  for (std::size_t size = 0; size < 300; size += 1 + random() % 7) {
    auto tree = audit::Tree::restore(size, log.source());
    REQUIRE(tree);
    CHECK(tree->root() == log.roots[size]);
    for (std::size_t i = size; i < 300; ++i) tree->append(log.leaves[i]);
    CHECK(tree->root() == log.roots[300]);
    CHECK(tree->size() == 300);
  }
  Stored holed = stored(100);
  holed.nodes.erase({5, 2});  // leaves 64 to 95
  CHECK_FALSE(audit::Tree::restore(100, holed.source()));
  CHECK_FALSE(audit::root_of(100, holed.source()));
  CHECK_FALSE(audit::inclusion_path(3, 100, holed.source()));
  CHECK_FALSE(audit::consistency_path(64, 100, holed.source()));
}

TEST_CASE("proofs at sizes near 2^64 end") {
  const Path path(64);
  const std::uint64_t most = ~std::uint64_t{0};
  CHECK_FALSE(verify_inclusion({}, most - 1, most, path, {}));
  CHECK_FALSE(verify_inclusion({}, most, most, path, {}));
  CHECK_FALSE(verify_consistency(most - 1, {}, most, {}, path));
  CHECK_FALSE(verify_consistency(std::uint64_t{1} << 63, {}, most, {}, path));
}
