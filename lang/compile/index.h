// Patterns -> the index of an image (engine/image/layout.h). One door: IndexBuilder.
// Covered by tests/emit_test.cpp and, in meaning, by the differential tests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lang/compile/builder.h"
#include "lang/compile/guards.h"

namespace remit::lang {

class IndexBuilder {
 public:
  explicit IndexBuilder(Builder& builder) : builder_(builder) {}

  // About how many patterns will be added.
  void expect(std::size_t patterns) { items_.reserve(patterns); }
  // One pattern (not `anything`) of a rule or history, for the actions in `actions`: bit i of word w
  // is action 64 * w + i of `system`, whose name is `system_name`.
  void add(std::string_view system_name, const Pattern& pattern, const std::vector<std::uint64_t>& actions,
           image::EntryKind kind, std::uint32_t id, bool guarded);
  // Every resource of a system.
  void add_system(std::string_view system_name, const std::vector<std::uint64_t>& actions, image::EntryKind kind,
                  std::uint32_t id, bool guarded);

  // There were too many patterns: adding more is pointless.
  bool full() const { return too_many_; }
  // Writes nodes, shapes and groups. Empty where that went well; else what is wrong, and the image is
  // not to be used.
  std::string finish();

  // The longest list of patterns tried one by one, and a rule in it.
  std::uint32_t longest_list() const { return longest_list_; }
  std::uint32_t longest_list_rule() const { return longest_list_rule_; }

 private:
  struct Item {
    std::uint64_t hash;
    std::uint32_t key, key_length;  // in keys_
    image::Entry entry;             // actions 0: only there so that the node exists
    std::uint16_t star, word;
    image::NodeKind kind;
  };
  struct Key {
    std::uint64_t hash = 0;
    std::string_view text;  // of the pattern being added
    image::NodeKind kind = image::NodeKind::path;
    std::uint16_t star = 0;
  };

  struct Placed {
    std::uint64_t hash;
    std::uint32_t offset;  // of the node
  };

  void put(const Key& key, std::uint32_t word, image::Entry entry);
  // Adds a form to those of the node under `hash`; false where it has too many.
  bool take_shape(std::uint64_t hash, const image::Shape& shape);
  void write_node(std::size_t first, std::size_t last);
  // Writes groups, so many that hashes belong to; false where some node would be too far from where it belongs.
  bool place(const std::vector<Placed>& nodes, std::size_t homes);
  std::string_view key_of(const Item& item) const { return std::string_view(keys_).substr(item.key, item.key_length); }

  Builder& builder_;
  std::string keys_;
  std::vector<Item> items_;
  std::unordered_map<std::uint64_t, std::vector<image::Shape>> shapes_;  // by the hash of their node
  std::vector<image::Entry> entries_, kept_;  // of the node that is written; here for their memory
  bool too_many_ = false;
  std::uint32_t longest_list_ = 0, longest_list_rule_ = 0;
};

}  // namespace remit::lang
