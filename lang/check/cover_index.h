// Which rules may cover a pattern: those with a pattern whose literal beginning is one of its own.
// Found by hash, so that a document of many rules is compared in linear time. Private to
// lang/check/warnings*.cpp.
#pragma once

#include <bit>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "lang/check/pattern_cover.h"

namespace remit::lang::checker {

class CoverIndex {
 public:
  // Rules are added last first: each list then has the earliest in front.
  void add(std::uint32_t rule, const Pattern& pattern) {
    const Hash key = key_of(pattern);
    present_[bit_of(key)] = true;
    const auto [at, added] = heads_.try_emplace(key, kEnd);
    entries_.push_back({rule, at->second});
    at->second = static_cast<std::uint32_t>(entries_.size() - 1);
  }
  void reserve(std::size_t patterns) {
    heads_.reserve(patterns);
    entries_.reserve(patterns);
    present_.resize(std::bit_ceil(patterns + 1) * 8);
  }

  // Calls `use` with rules, some of them perhaps twice, until it answers true. False where there
  // were more than could be tried.
  template <class Use>
  bool candidates(const Pattern& pattern, Use&& use) const {
    std::size_t tried = 0;
    beginnings(pattern, [&](Hash hash) {
      if (!present_[bit_of(hash)]) return false;
      const auto at = heads_.find(hash);
      if (at == heads_.end()) return false;
      for (std::uint32_t entry = at->second; entry != kEnd; entry = entries_[entry].next) {
        if (++tried > kMostTried || use(entries_[entry].rule)) return true;
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

  // FNV-1a. Two beginnings with one hash do no harm: every candidate is compared.
  static Hash step(Hash hash, char c) {
    return (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
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

  std::size_t bit_of(Hash hash) const { return hash & (present_.size() - 1); }

  struct Entry {
    std::uint32_t rule, next;
  };
  std::unordered_map<Hash, std::uint32_t> heads_;
  std::vector<bool> present_ = {false};  // for few of the hashes asked for is there a head: small enough to stay near, where the map is not
  std::vector<Entry> entries_;
  std::unordered_set<Hash> ways_;
};

}  // namespace remit::lang::checker
