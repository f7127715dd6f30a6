// The verifier's rules about the index: groups, nodes, entries, shapes. See verify.h.
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

// Nodes and the slots that lead to them, in step: one slot for each node, in the order of the nodes.
const char* verify_group(View& view, const std::vector<std::uint8_t>& rules, const Group& group, std::size_t& at, std::uint32_t& next_shape) noexcept {
  if (group.first != at) return "a group does not begin where the one before it ends";
  if ((group.taken & (group.taken + 1u)) != 0 || group.taken >> kGroupSlots != 0) return "a group's slots are not taken one after the other";
  if (group.goes_on > 1 || group.behind > 1) return "a group has no known end";
  for (unsigned slot = 0; slot < kGroupSlots; ++slot) {
    if ((group.taken >> slot & 1) == 0) {
      if (group.tags[slot] != 0 || group.offsets[slot] != 0) return "a free slot is not empty";
      continue;
    }
    if (at - group.first != group.offsets[slot]) return "a slot does not lead to its node";
    if (view.nodes.size() - at < sizeof(Node) / 8) return "a node is cut short";
    const Node& node = view.node(static_cast<std::uint32_t>(at));
    const std::uint64_t units = View::node_units(node);
    if (units > view.nodes.size() - at) return "a node is cut short";
    if (const char* sentence = verify_node(view, rules, node, next_shape)) return sentence;
    note_depth(view, node);
    at += units;
  }
  return nullptr;
}

}  // namespace

const char* verify_index(View& view) {
  if (view.groups.empty() || view.groups[0].behind != 0) return "the index has no group that hashes belong to";
  const std::vector<std::uint8_t> rules = entry_bits_of_rules(view);
  std::size_t at = 0, run = 0, longest = 0;
  std::uint32_t next_shape = 0;
  for (const Group& group : view.groups) {
    if (group.behind == 0 && &group != &view.groups[view.homes]) return "a group that hashes belong to is behind one that they do not belong to";
    view.homes += group.behind == 0 ? 1 : 0;
    if (const char* sentence = verify_group(view, rules, group, at, next_shape)) return sentence;
    // A search goes on while groups say so, so the longest run of those bounds it.
    run = group.goes_on != 0 ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  if (run != 0) return "a search would go on behind the last group";
  if (at != view.nodes.size()) return "some nodes belong to no group";
  if (next_shape != view.shapes.size()) return "some shapes belong to no node";
  for (const Shape& shape : view.shapes) {
    if (shape.tail > 64) return "a shape has too long a tail";
  }
  view.longest_probe = static_cast<std::uint32_t>(longest + 1);
  return nullptr;
}

}  // namespace remit::image
