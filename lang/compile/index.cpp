// See index.h. How a pattern is found:
//   literal (with or without `only`)   by the hash of its whole text
//   exactly one `*`                    by the hash of what stands before it, its form, and what stands after
//   anything else                      in the list of the node that is its longest literal prefix
#include "lang/compile/index.h"

#include <algorithm>
#include <bit>

#include "engine/image/hash.h"
#include "engine/image/limits.h"

namespace remit::lang {
namespace {

using image::Entry;
using image::EntryKind;
using image::NodeKind;

bool is_wild(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c == kStar || c == kQuestion || c == kDeep; });
}

// A pattern's text (without the system) cut into segments; offsets are into the whole key.
struct Segments {
  std::vector<std::pair<std::size_t, std::size_t>> spans;  // begin, end
};

Segments cut(std::string_view key, std::size_t first) {
  Segments result;
  result.spans.reserve(8);
  for (std::size_t begin = first; begin < key.size();) {
    const std::size_t slash = std::min(key.find('/', begin), key.size());
    result.spans.emplace_back(begin, slash);
    begin = slash + 1;
  }
  return result;
}

}  // namespace

void IndexBuilder::add_system(std::string_view system_name, const std::vector<std::uint64_t>& actions, EntryKind kind, std::uint32_t id, bool guarded) {
  Pattern whole;
  add(system_name, whole, actions, kind, id, guarded);
}

void IndexBuilder::add(std::string_view system_name, const Pattern& pattern, const std::vector<std::uint64_t>& actions, EntryKind kind, std::uint32_t id, bool guarded) {
  const NormalPattern normal = normalise(pattern);
  const std::uint32_t bits = static_cast<std::uint32_t>(kind) | (normal.exact ? Entry::kExact : 0) | (guarded ? Entry::kGuarded : 0);
  const std::string text = std::string(system_name).append(":").append(normal.text);
  const std::string_view whole = text;
  const std::uint64_t system_hash = image::hash_path(whole.substr(0, system_name.size() + 1));
  const auto each_word = [&](auto&& put_word) {
    for (std::uint32_t word = 0; word < actions.size(); ++word) {
      if (actions[word] != 0) put_word(word, Entry{actions[word], id, bits});
    }
  };
  const auto put_all = [&](const Key& key) {
    each_word([&](std::uint32_t word, const Entry& entry) { put(key, word, entry); });
  };
  const std::size_t colon = system_name.size() + 1;
  if (normal.text.empty()) {
    return put_all({system_hash, text, NodeKind::system, 0});
  }
  const bool rooted = normal.text[0] == '/';
  const std::size_t first = colon + (rooted ? 1 : 0);
  Segments segments = cut(text, first);
  // `docs:**` is every named resource, which is what the named root's node stands for.
  if (!rooted && normal.text.size() == 1 && normal.text[0] == kDeep) segments.spans.clear();

  // The longest literal prefix.
  std::size_t depth = 0;
  for (; depth < segments.spans.size(); ++depth) {
    const auto [begin, end] = segments.spans[depth];
    if (is_wild(whole.substr(begin, end - begin))) break;
  }
  Key key{image::hash_root(system_hash, rooted), whole.substr(0, first), NodeKind::root, 0};
  if (depth != 0) {
    key.text = whole.substr(0, segments.spans[depth - 1].second);
    key.hash = image::hash_path(key.text);
    key.kind = NodeKind::path;
  }
  if (depth == segments.spans.size()) return put_all(key);

  // In the node's list, for what is found in no other way.
  std::uint32_t listed = 0;
  const auto put_in_list = [&](std::uint32_t word, Entry entry) {
    if (listed == 0) {
      builder_.patterns.push_back({builder_.text(normal.text), pattern.system, normal.exact ? 1u : 0u});
      listed = static_cast<std::uint32_t>(builder_.patterns.size()) << Entry::kPatternShift;
    }
    entry.bits = (entry.bits & ~Entry::kExact) | listed;
    put(key, word, entry);
  };
  const std::size_t star = text.find(kStar, first);
  const bool one_star = star != std::string::npos && std::count(text.begin(), text.end(), kStar) == 1 &&
                        text.find(kQuestion) == std::string::npos && text.find(kDeep) == std::string::npos;
  if (one_star) {
    const auto [begin, end] = segments.spans[depth];
    const image::Shape shape{static_cast<std::uint16_t>(star - begin), static_cast<std::uint16_t>(end - star - 1),
                             static_cast<std::uint8_t>(segments.spans.size() - depth - 1), 0, 0};
    const Key found{image::hash_star(key.hash, whole.substr(begin, shape.before), whole.substr(star + 1)), text, NodeKind::star, static_cast<std::uint16_t>(star)};
    return each_word([&](std::uint32_t word, const Entry& entry) {
      if (!take_shape(image::with_word(key.hash, word), shape)) return put_in_list(word, entry);
      put(key, word, {});
      put(found, word, entry);
    });
  }
  each_word(put_in_list);
}

bool IndexBuilder::take_shape(std::uint64_t hash, const image::Shape& shape) {
  std::vector<image::Shape>& shapes = shapes_[hash];
  const auto same = [&](const image::Shape& s) { return s.before == shape.before && s.after == shape.after && s.tail == shape.tail; };
  if (std::any_of(shapes.begin(), shapes.end(), same)) return true;
  if (shapes.size() == image::kMaxShapes) return false;
  shapes.push_back(shape);
  return true;
}

void IndexBuilder::put(const Key& key, std::uint32_t word, Entry entry) {
  if (items_.size() == image::kMaxEntries || keys_.size() + key.text.size() > UINT32_MAX) {
    too_many_ = true;
    return;
  }
  Item item{};
  item.hash = image::with_word(key.hash, word);
  item.key = static_cast<std::uint32_t>(keys_.size());
  item.key_length = static_cast<std::uint32_t>(key.text.size());
  keys_ += key.text;
  item.entry = entry;
  item.star = key.star;
  item.word = static_cast<std::uint16_t>(word);
  item.kind = key.kind;
  items_.push_back(item);
}

// Items [first, last) are one node's.
void IndexBuilder::write_node(std::size_t first, std::size_t last) {
  entries_.clear();
  for (std::size_t i = first; i < last; ++i) {
    if (items_[i].entry.actions != 0) entries_.push_back(items_[i].entry);
  }
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return std::make_tuple(a.kind(), a.id, a.bits) < std::make_tuple(b.kind(), b.id, b.bits);
  });
  // The same pattern twice in one rule; and what an earlier rule always decides first. (An ask is
  // kept even so: an approval names every ask that matched.)
  kept_.clear();
  std::uint64_t decided = 0, decided_exact = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    Entry entry = entries_[i];
    if (i > 0 && entries_[i - 1].kind() != entry.kind()) decided = decided_exact = 0;
    if (i > 0 && entries_[i - 1].id == entry.id && entries_[i - 1].bits == entry.bits) continue;
    if (entry.kind() == EntryKind::deny || entry.kind() == EntryKind::allow) {
      entry.actions &= ~(entry.exact() ? decided | decided_exact : decided);
      if (!entry.guarded() && entry.pattern() == 0) (entry.exact() ? decided_exact : decided) |= entry.actions;
    }
    if (entry.actions != 0) kept_.push_back(entry);
  }
  std::uint32_t listed = 0;
  for (const Entry& entry : kept_) {
    if (entry.pattern() != 0 && ++listed > longest_list_) {
      longest_list_ = listed;
      if (entry.kind() != EntryKind::history) longest_list_rule_ = entry.id;
    }
  }

  const Item& item = items_[first];
  image::Node node{};
  node.entries = static_cast<std::uint32_t>(kept_.size());
  node.first_shape = static_cast<std::uint32_t>(builder_.shapes.size());
  node.key_length = static_cast<std::uint16_t>(item.key_length);
  node.star = item.star;
  node.word = item.word;
  node.kind = item.kind;
  if (const auto shapes = shapes_.find(item.hash); shapes != shapes_.end() && item.kind != NodeKind::star) {
    node.shapes = static_cast<std::uint8_t>(shapes->second.size());
    builder_.shapes.insert(builder_.shapes.end(), shapes->second.begin(), shapes->second.end());
  }
  const std::size_t at = builder_.nodes.size();
  builder_.nodes.resize(at + image::View::node_units(node));
  char* out = reinterpret_cast<char*>(builder_.nodes.data() + at);
  std::memcpy(out, &node, sizeof node);
  if (!kept_.empty()) std::memcpy(out + sizeof node, kept_.data(), kept_.size() * sizeof(Entry));
  std::memcpy(out + sizeof node + kept_.size() * sizeof(Entry), keys_.data() + item.key, item.key_length);
}

std::string IndexBuilder::finish() {
  if (too_many_) return "the document has too many rules and patterns, each counted for every system that it speaks of";
  std::sort(items_.begin(), items_.end(), [&](const Item& a, const Item& b) {
    if (a.hash != b.hash) return a.hash < b.hash;
    if (a.kind != b.kind) return a.kind < b.kind;
    if (a.word != b.word) return a.word < b.word;
    return key_of(a) < key_of(b);
  });
  std::vector<Placed> placed;
  placed.reserve(items_.size());
  builder_.nodes.reserve((items_.size() * (sizeof(image::Node) + sizeof(Entry) + 8) + keys_.size()) / 8);
  for (std::size_t first = 0; first < items_.size();) {
    std::size_t last = first + 1;
    while (last < items_.size() && items_[last].hash == items_[first].hash && items_[last].kind == items_[first].kind &&
           items_[last].word == items_[first].word && key_of(items_[last]) == key_of(items_[first])) ++last;
    placed.push_back({items_[first].hash, static_cast<std::uint32_t>(builder_.nodes.size())});
    write_node(first, last);
    first = last;
  }
  // Seven nodes a group, so that few have no room where they belong; more groups where nodes are so large that few fit.
  for (std::size_t homes = placed.size() / 7 + 1; homes <= 4 * placed.size() + 4; homes *= 2) {
    if (place(placed, homes)) return {};
  }
  return "too many resources of the document share a hash; rename some";
}

bool IndexBuilder::place(const std::vector<Placed>& nodes, std::size_t homes) {
  std::vector<image::Group>& out = builder_.groups;
  out.clear();
  out.reserve(homes);
  const auto open = [&](std::size_t first) {
    const bool behind = out.size() >= homes;
    out.emplace_back();
    out.back().first = static_cast<std::uint32_t>(first);
    out.back().behind = behind ? 1 : 0;
  };
  open(0);
  for (const Placed& node : nodes) {
    const std::size_t home = image::hash_group(node.hash, homes);
    while (out.size() <= home) open(node.offset);
    if (out.back().taken >> (image::kGroupSlots - 1) != 0 || node.offset - out.back().first > UINT8_MAX) {
      if (out.size() - home > image::kMaxProbe) return false;
      out.back().goes_on = 1;
      open(node.offset);
    }
    image::Group& group = out.back();
    const auto slot = static_cast<unsigned>(std::popcount(group.taken));
    group.tags[slot] = image::hash_tag(node.hash);
    group.offsets[slot] = static_cast<std::uint8_t>(node.offset - group.first);
    group.taken = static_cast<std::uint16_t>(group.taken << 1 | 1);
  }
  while (out.size() < homes) open(builder_.nodes.size());
  return true;
}

}  // namespace remit::lang
