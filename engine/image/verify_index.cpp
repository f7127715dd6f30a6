// The verifier's rules about the index: nodes, entries, shapes, slots. See verify.h.
#include <algorithm>
#include <vector>

#include "engine/image/limits.h"
#include "engine/image/verify.h"

namespace remit::image {
namespace {

// What an entry says of its rule, in a byte: entries come by hash, and looking into the rules for each would wait
// for memory each time.
std::vector<std::uint8_t> entry_bits_of_rules(const View& view) {
  std::vector<std::uint8_t> bits(view.rules.size());
  for (std::size_t i = 0; i < bits.size(); ++i) {
    const Rule& rule = view.rules[i];
    bits[i] = static_cast<std::uint8_t>(static_cast<std::uint32_t>(entry_kind(rule.kind)) | (rule.code_length != 0 ? Entry::kGuarded : 0));
  }
  return bits;
}

const char* verify_entry(const View& view, const std::vector<std::uint8_t>& rules, const Entry& entry) noexcept {
  if ((entry.bits & Entry::kKindMask) > static_cast<std::uint32_t>(EntryKind::history)) return "an entry has no known kind";
  if (entry.pattern() > view.patterns.size()) return "an entry's pattern does not exist";
  if (entry.kind() == EntryKind::history) return entry.id < view.histories.size() ? nullptr : "an entry's history does not exist";
  if (entry.id >= rules.size()) return "an entry's rule does not exist";
  const std::uint32_t differ = rules[entry.id] ^ entry.bits;
  if ((differ & Entry::kKindMask) != 0) return "an entry and its rule are of different kinds";
  // An unguarded entry of a guarded rule would skip the guard.
  return (differ & Entry::kGuarded) == 0 ? nullptr : "an entry and its rule differ in being guarded";
}

const char* verify_node(const View& view, const std::vector<std::uint8_t>& rules, const Node& node, std::uint32_t& next_shape) noexcept {
  if (node.kind > NodeKind::star) return "a node has no known kind";
  if (node.key_length == 0 || node.key_length > kMaxKey) return "a node's key has an impossible length";
  if (node.first_shape != next_shape || node.shapes > view.shapes.size() - next_shape) return "a node's shapes are out of range";
  next_shape += node.shapes;
  if (node.kind == NodeKind::star ? node.star >= node.key_length : node.star != 0) return "a node's star is outside its key";
  if (node.kind == NodeKind::star && node.shapes != 0) return "a star node has shapes";
  for (const Entry& entry : View::entries(node)) {
    if (const char* sentence = verify_entry(view, rules, entry)) return sentence;
  }
  return nullptr;
}

// Where a decision meets the node: a path has a segment more than slashes behind `mail:` or `docs:/`. A key
// that is no path's is met nowhere.
void note_depth(View& view, const Node& node) noexcept {
  view.kinds |= 1u << static_cast<unsigned>(node.kind);
  if (node.kind != NodeKind::path) return;
  const char* const key = View::key(node);
  const char* const end = key + node.key_length;
  const char* const colon = std::find(key, end, ':');
  const bool rooted = end - colon > 1 && colon[1] == '/';
  const unsigned slashes = View::slashes(node) - (rooted ? 1 : 0);
  if (slashes > 63) return;
  view.depths |= std::uint64_t{1} << slashes;
}

const char* verify_slots(View& view, const std::vector<bool>& starts) noexcept {
  const std::size_t groups = view.groups.size();
  if (groups == 0 || (groups & (groups - 1)) != 0) return "the number of slot groups is not a power of two";
  for (std::size_t slot = 0; slot < groups * 8; ++slot) {
    const Group& group = view.groups[slot / 8];
    const std::uint8_t tag = static_cast<std::uint8_t>(group.tags >> slot % 8 * 8);
    const std::uint32_t node = group.slots[slot % 8];
    if ((tag == 0) != (node == kNone)) return "a slot and its tag disagree";
    if (tag != 0 && (node >= starts.size() || !starts[node])) return "a slot points at no node";
  }
  // A search goes on while groups are full, so the longest run of full groups bounds it.
  std::size_t run = 0, longest = 0;
  for (std::size_t i = 0; i < 2 * groups; ++i) {
    const std::uint64_t tags = view.groups[i & (groups - 1)].tags;
    const bool full = ((tags & 0x8080808080808080u) == 0x8080808080808080u);
    run = full ? run + 1 : 0;
    if (run >= groups) return "the index has no empty slot";
    longest = std::max(longest, run);
  }
  for (const Group& group : view.groups) {
    // A tag is 0 or has its top bit set; the search for empty slots relies on it.
    const std::uint64_t low = group.tags & 0x7f7f7f7f7f7f7f7fu, high = group.tags & 0x8080808080808080u;
    if (low & ~((high >> 7) * 0x7f)) return "a tag is malformed";
  }
  view.group_mask = static_cast<std::uint32_t>(groups - 1);
  view.longest_probe = static_cast<std::uint32_t>(longest + 1);
  return nullptr;
}

}  // namespace

const char* verify_index(View& view) {
  const std::vector<std::uint8_t> rules = entry_bits_of_rules(view);
  std::vector<bool> starts(view.nodes.size());
  std::uint32_t next_shape = 0;
  for (std::size_t at = 0; at < view.nodes.size();) {
    if (view.nodes.size() - at < sizeof(Node) / 8) return "a node is cut short";
    const Node& node = view.node(static_cast<std::uint32_t>(at));
    const std::uint64_t units = View::node_units(node);
    if (units > view.nodes.size() - at) return "a node is cut short";
    if (const char* sentence = verify_node(view, rules, node, next_shape)) return sentence;
    note_depth(view, node);
    starts[at] = true;
    at += units;
  }
  if (next_shape != view.shapes.size()) return "some shapes belong to no node";
  for (const Shape& shape : view.shapes) {
    if (shape.tail > 64) return "a shape has too long a tail";
  }
  return verify_slots(view, starts);
}

}  // namespace remit::image
