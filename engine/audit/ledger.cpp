// See ledger.h.
#include "engine/audit/ledger.h"

#include <algorithm>
#include <exception>

#include "engine/audit/json_text.h"

namespace remit::audit {
namespace {

// SQLite could not do what it was asked; undone where the batch is.
struct WriteFailed {};

void require(bool good) {
  if (!good) throw WriteFailed{};
}

Error contradiction(const char* what) {
  return {ErrorCode::audit_unavailable, std::string("the audit log was damaged or changed: ") +
                                            what + "; `remit audit verify` says more"};
}

}  // namespace

Ledger::Ledger(const AuditOptions& options)
    : origin_(options.origin), pem_(options.key), renderer_(options) {}

std::optional<Error> Ledger::open(const std::string& path) {
  LogFile::Name name{origin_, {}};
  if (!pem_.empty()) {
    auto key = SigningKey::from_pem(pem_, origin_);
    if (!key) return key.error();
    name.verifier_key = key->verifier().text();
    key_ = std::move(key).value();
  }
  if (auto error = file_.open(path, name)) return error;
  LogFile::End end;
  if (auto error = file_.read_end(end)) return error;
  std::optional<Tree> tree = Tree::restore(
      end.size,
      [this](unsigned level, std::uint64_t position) { return file_.node(level, position); });
  if (!tree) return contradiction("nodes of its tree are missing");
  tree_ = std::move(*tree);
  latest_ = end.latest;
  checkpointed_ = key_ ? end.checkpointed : end.size;
  checkpoint_at_ = Clock::now();
  return check_end(end);
}

// What was written last must be the beginning of what is there: going on from anything else would
// hide it.
std::optional<Error> Ledger::check_end(const LogFile::End& end) {
  if (end.note.empty() || !key_) return std::nullopt;
  const Result<Checkpoint> latest = open_checkpoint(end.note, key_->verifier());
  if (!latest || latest->size != end.checkpointed)
    return contradiction("its latest checkpoint is not signed by its key");
  if (latest->size > tree_.size())
    return contradiction("records under its latest checkpoint are missing");
  const std::optional<TreeHash> root = root_of(
      latest->size,
      [this](unsigned level, std::uint64_t position) { return file_.node(level, position); });
  if (!root || *root != latest->root)
    return contradiction("its records are not those of its latest checkpoint");
  return std::nullopt;
}

bool Ledger::append(std::size_t count,
                    const std::function<const QueuedEvent&(std::size_t)>& event_at,
                    bool insist) noexcept {
  std::optional<Before> before;
  try {
    before = Before{tree_, latest_, checkpointed_};
    removing_ = 0;
    require(file_.begin());
    note_.clear();
    marked_ = false;
    for (std::size_t i = 0; i < count; ++i) {
      append_one(event_at(i));
      if (tree_.size() - checkpointed_ >= kCheckpointRecords) checkpoint();
    }
    if (tree_.size() != checkpointed_ &&
        (insist || Clock::now() - checkpoint_at_ >= kCheckpointAge))
      checkpoint();
    require(file_.commit());
    removed_ += removing_;
    return true;
  } catch (const std::exception&) {
    undo(before, "not enough memory");
  } catch (...) {
    undo(before, nullptr);
  }
  return false;
}

void Ledger::undo(std::optional<Before>& before, const char* why) noexcept {
  try {
    fault_ = why != nullptr ? why : file_.fault();
  } catch (...) {
    fault_.clear();  // for people; that it failed is known
  }
  file_.rollback();
  if (before) {
    tree_ = std::move(before->tree);
    latest_ = before->latest;
    checkpointed_ = before->checkpointed;
  }
  note_.clear();
  marked_ = false;
  stored_.clear();
  renderer_.forget();
}

void Ledger::append_one(const QueuedEvent& event) {
  bool fresh = false;
  Removed removed;
  if (event.own == OwnKind::retention) {
    const OwnEvent own = unpack_own(event.bytes(), event.own);
    require(file_.remove(own.text, own.before, removed));
    removing_ += removed.count;
  }
  const Rendered& record = renderer_.render(event, tree_.size() + 1, latest_, fresh, removed);
  if (fresh) store_programs(*event.session);
  const TreeHash leaf = leaf_hash(record.body);
  require(file_.insert(tree_.size() + 1, leaf, record));
  tree_.append(leaf, [this](unsigned level, std::uint64_t position, const TreeHash& hash) {
    if (level != 0) require(file_.insert_node(level, position, hash));
  });
  latest_ = std::max(latest_, record.time);
}

void Ledger::store_programs(const AuditedSession& session) {
  if (!session.layers) return;
  for (std::size_t i = 0; i < session.layers->size(); ++i) {
    const Program& program = session.layers->program(i);
    std::string digest;
    write_hex(digest, program.digest());
    if (!stored_.insert(digest).second) continue;
    require(file_.insert_program(std::string_view(digest).substr(1, 64), program.name(),
                                 program.image()));
  }
}

void Ledger::checkpoint() {
  if (key_) {
    Result<std::string> note = key_->sign({origin_, tree_.size(), tree_.root(), {}});
    require(note.ok());
    note_ = std::move(note).value();
    require(file_.insert_checkpoint(tree_.size(), note_));
  }
  marked_ = true;
  checkpointed_ = tree_.size();
  checkpoint_at_ = Clock::now();
}

std::optional<Ledger::Clock::time_point> Ledger::checkpoint_due() const noexcept {
  if (tree_.size() == checkpointed_) return std::nullopt;
  return checkpoint_at_ + kCheckpointAge;
}

}  // namespace remit::audit
