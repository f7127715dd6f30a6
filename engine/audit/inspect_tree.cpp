// See inspect_tree.h.
#include "engine/audit/inspect_tree.h"

#include <algorithm>
#include <cstring>

namespace remit::audit {
namespace {

std::string number(std::uint64_t value) { return std::to_string(value); }

}  // namespace

TreeInspection::TreeInspection(Inspection& inspection) : inspection_(inspection) {
  for (const std::string& note : inspection.options().earlier) take_earlier(note);
  std::stable_sort(earlier_.begin(), earlier_.end(), [](const Signed& a, const Signed& b) {
    return a.checkpoint.size < b.checkpoint.size;
  });
  inspection.prepare(nodes_, "SELECT hash FROM nodes WHERE level = ?1 AND position = ?2");
  if (inspection.prepare(checkpoints_, "SELECT size, note FROM checkpoints ORDER BY size"))
    cursor_.emplace(checkpoints_);
  read_stored();
  reach(0);
}

void TreeInspection::take_earlier(const std::string& note) {
  const auto& key = inspection_.report().key;
  if (!key) {
    inspection_.find(FindingCode::checkpoint_wrong, 0,
                     "there is no key to judge the given checkpoint by: the log names none");
    return;
  }
  auto opened = open_checkpoint(note, *key);
  if (!opened.ok()) {
    inspection_.find(FindingCode::checkpoint_wrong, 0,
                     "the given checkpoint: " + opened.error().text);
    return;
  }
  earlier_.push_back({std::move(opened).value(), false, "the given checkpoint"});
}

// Moves on to the next stored checkpoint whose signature is right.
void TreeInspection::read_stored() {
  stored_.reset();
  while (cursor_ && !stored_) {
    if (!inspection_.next(*cursor_)) {
      cursor_.reset();
      return;
    }
    std::int64_t size = 0;
    std::string_view note;
    const auto& key = inspection_.report().key;
    const auto wrong = [&](const std::string& text) {
      inspection_.find(FindingCode::checkpoint_wrong, 0,
                       "the stored checkpoint of " + std::to_string(size) + " records: " + text);
    };
    if (!cursor_->read(0, size) || !cursor_->read(1, note)) {
      wrong("a column of it is of another type than a log's");
    } else if (!key) {
      wrong("there is no key to judge it by");
    } else if (auto opened = open_checkpoint(note, *key); !opened.ok()) {
      wrong(opened.error().text);
    } else if (size < 0 || opened->size != static_cast<std::uint64_t>(size)) {
      wrong("it says that it is of " + number(opened->size));
    } else {
      stored_ = Signed{std::move(opened).value(), true, "the stored checkpoint"};
    }
  }
}

void TreeInspection::compare(const Signed& one) {
  const std::uint64_t size = one.checkpoint.size;
  if (tree_.root() == one.checkpoint.root) {
    agreed_ = std::max(agreed_, size);
    VerifyReport& report = inspection_.report();
    if (one.stored) {
      ++report.checkpoints;
      report.checkpointed = std::max(report.checkpointed, size);
    } else {
      ++report.earlier;
    }
    return;
  }
  // What is wrong once is wrong in all that follow.
  if (forked_ != 0) return;
  forked_ = std::max<std::uint64_t>(size, 1);
  inspection_.find(FindingCode::forked, 0,
                   std::string(one.whose) + " of " + number(size) +
                       " records was signed over others: of the records " + number(agreed_ + 1) +
                       " to " + number(size) + " one was changed, inserted, removed or moved");
}

// All checkpoints of this size against the root as it is now.
void TreeInspection::reach(std::uint64_t size) {
  bool stored = false;
  while (stored_ && stored_->checkpoint.size == size) {
    compare(*stored_);
    stored = true;
    read_stored();
  }
  for (; next_earlier_ < earlier_.size() && earlier_[next_earlier_].checkpoint.size == size;
       ++next_earlier_) {
    compare(earlier_[next_earlier_]);
    if (!stored)
      inspection_.find(
          FindingCode::checkpoint_missing, 0,
          "the log does not have the given checkpoint of " + number(size) + " records");
  }
}

void TreeInspection::append(const TreeHash& leaf) {
  if (!whole_) return;
  tree_.append(leaf, [&](unsigned level, std::uint64_t position, const TreeHash& hash) {
    if (level > 0) compare_node(level, position, hash);  // leaves stand with their records
  });
  reach(tree_.size());
}

void TreeInspection::compare_node(unsigned level, std::uint64_t position, const TreeHash& hash) {
  if (!nodes_) return;
  Run run(nodes_);
  run.bind(1, static_cast<std::int64_t>(level));
  run.bind(2, static_cast<std::int64_t>(position));
  std::string_view stored;
  const bool there = inspection_.next(run) && run.read_blob(0, stored);
  if (there && stored.size() == hash.size() &&
      std::memcmp(stored.data(), hash.data(), hash.size()) == 0)
    return;
  const std::uint64_t first = (position << level) + 1, last = (position + 1) << level;
  inspection_.find(FindingCode::node_differs, 0,
                   std::string("the stored hash over the records ") + number(first) + " to " +
                       number(last) + (there ? " is another than theirs" : " is missing"));
}

void TreeInspection::find_extra_nodes() {
  Statement statement;
  if (!inspection_.prepare(statement,
                           "SELECT level, position FROM nodes WHERE level < 1 OR position < 0 OR "
                           "position >= (?1 >> level)"))
    return;
  Run run(statement);
  run.bind(1, static_cast<std::int64_t>(tree_.size()));
  while (inspection_.next(run)) {
    std::int64_t level = 0, position = 0;
    run.read(0, level);
    run.read(1, position);
    inspection_.find(FindingCode::node_differs, 0,
                     "there is a stored hash that no records go with: level " +
                         std::to_string(level) + ", position " + std::to_string(position));
  }
}

void TreeInspection::finish(std::uint64_t records) {
  if (!whole_) return;
  inspection_.report().root = tree_.root();
  find_extra_nodes();
  const auto beyond = [&](const Signed& one) {
    inspection_.find(FindingCode::rolled_back, 0,
                     std::string(one.whose) + " is of " + number(one.checkpoint.size) +
                         " records, and the log has " + number(records));
  };
  for (; stored_; read_stored()) beyond(*stored_);
  for (; next_earlier_ < earlier_.size(); ++next_earlier_) beyond(earlier_[next_earlier_]);
}

}  // namespace remit::audit
