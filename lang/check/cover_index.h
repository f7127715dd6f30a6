// Which rules may cover a pattern: those with a pattern whose literal beginning is one of its own.
// Found by hash, so that a document of many rules is compared in linear time. Private to
// lang/check/warnings*.cpp.
#pragma once

#include <bit>
#include <cstdint>
#include <unordered_set>
#include <vector>

#include "lang/check/pattern_cover.h"

namespace remit::lang::checker {

class CoverIndex {
 public:
  // Before the first `add`: for all patterns of these rules.
  void make_room(const std::vector<Rule>& rules) {
    std::size_t patterns = 1;
    for (const Rule& rule : rules) patterns += rule.subject.resources.size();
    heads_.assign(std::bit_ceil(patterns) * 2, kEnd);
    present_.assign(heads_.size() * 4, false);
    entries_.reserve(patterns);
  }

  // Rules are added last first: each list then has the earliest in front.
  void add(std::uint32_t rule, const Pattern& pattern) {
    const Hash key = key_of(pattern);
    std::uint32_t& head = heads_[spread(key) & (heads_.size() - 1)];
    entries_.push_back({key, rule, head});
    head = static_cast<std::uint32_t>(entries_.size() - 1);
    present_[spread(key) & (present_.size() - 1)] = true;
  }

  // Calls `use` with rules, some of them perhaps twice, until it answers true. False where there
  // were more than could be tried.
  template <class Use>
  bool candidates(const Pattern& pattern, Use&& use) const {
    std::size_t tried = 0;
    beginnings(pattern, [&](Hash hash) {
      if (!present_[spread(hash) & (present_.size() - 1)]) return false;
      for (std::uint32_t at = heads_[spread(hash) & (heads_.size() - 1)]; at != kEnd; at = entries_[at].next) {
        if (++tried > kMostTried || (entries_[at].hash == hash && use(entries_[at].rule))) return true;
      }
      return false;
    });
    return tried <= kMostTried;
  }

  // Remembers the way to a pattern, for `leads_on`.
  void add_way(const Pattern& pattern) {
    const Hash key = key_of(pattern);
    beginnings(pattern, [&](Hash hash) {
      if (hash != key) ways_.insert(hash);
      return false;
    });
  }
  // Does the literal beginning of some way go on beyond the one of `pattern`?
  bool leads_on(const Pattern& pattern) const { return ways_.count(key_of(pattern)) != 0; }

 private:
  using Hash = std::uint64_t;
  static constexpr std::uint32_t kEnd = 0xFFFFFFFFU;
  static constexpr Hash kAnything = 0;
  // Beyond that many rules that begin alike, the rest is not looked at: no warning, rather than
  // time that grows with the square of the document.
  static constexpr std::size_t kMostTried = 256;

  // Times 33, without a multiplication to wait for: every character of every pattern comes by here, and two
  // beginnings with one hash do no harm, for every candidate is compared.
  static Hash step(Hash hash, char c) { return hash + (hash << 5) + static_cast<unsigned char>(c); }
  static Hash start(std::uint32_t system) {
    return (0xcbf29ce484222325U ^ (Hash{system} + 1)) * 0x9e3779b97f4a7c15U;
  }
  static Hash key_of(const Pattern& pattern) {
    if (pattern.anything) return kAnything;
    Hash hash = start(pattern.system);
    for (const char c : literal_beginning(pattern)) hash = step(hash, c);
    return hash;
  }

  // Calls `use` with the hash of `anything`, of the system, and of all that the pattern's literal
  // beginning begins with, itself included, until it answers true.
  template <class Use>
  static void beginnings(const Pattern& pattern, Use&& use) {
    if (use(kAnything) || pattern.anything) return;
    Hash hash = start(pattern.system);
    if (use(hash)) return;
    const std::string_view beginning = literal_beginning(pattern);
    for (std::size_t i = 0; i < beginning.size(); ++i) {
      if (beginning[i] == '/' && i > 0 && use(hash)) return;
      hash = step(hash, beginning[i]);
      if (i == 0 && beginning[i] == '/' && beginning.size() > 1 && use(hash)) return;  // the root
    }
    if (!beginning.empty()) use(hash);
  }

  static std::size_t spread(Hash hash) { return hash * 0x9e3779b97f4a7c15U >> 32; }

  struct Entry {
    Hash hash;
    std::uint32_t rule, next;
  };
  std::vector<std::uint32_t> heads_{kEnd};  // of lists in entries_
  std::vector<bool> present_{false};        // few of the hashes that are asked for have a head; this is small enough to stay near
  std::vector<Entry> entries_;
  std::unordered_set<Hash> ways_;
};

}  // namespace remit::lang::checker
