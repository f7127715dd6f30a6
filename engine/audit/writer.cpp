// See writer.h.
#include "engine/audit/writer.h"

#include <algorithm>
#include <new>

namespace remit::audit {
namespace {

using Kind = AuditEvent::Kind;

// Takes effect whether or not it can be recorded.
bool takes_effect(Kind kind) noexcept {
  return kind == Kind::revocation || kind == Kind::end || kind == Kind::commit ||
         kind == Kind::rollback;
}

}  // namespace

Writer::Writer(const AuditOptions& options)
    : mode_(options.mode),
      unrecorded_actions_(options.unrecorded_actions),
      keep_(options.keep),
      classes_(options.classes),
      on_checkpoint_(options.on_checkpoint),
      queue_(options.queue),
      ledger_(options) {}

Writer::~Writer() { close(); }

std::optional<Error> Writer::open(const std::string& path) {
  if (auto error = ledger_.open(path)) return error;
  base_ = records_ = ledger_.size();
  checkpointed_ = ledger_.checkpointed();
  if (auto error = syncer_.start(ledger_.wal(),
                                 [this](std::uint64_t commit, bool good) { synced(commit, good); }))
    return error;
  thread_ = std::thread([this] { run(); });
  return std::nullopt;
}

std::uint64_t Writer::write(const AuditEvent& event) noexcept {
  const bool durable = mode_ == AuditMode::durable;
  // While the file cannot be written, the queue is for what cannot be refused.
  if (!durable && failing_.load(std::memory_order_relaxed) && !takes_effect(event.kind))
    return refuse(event);
  if (has_gap() && queue_.size() < queue_.capacity() / 2) {
    offer_gap(event.time.time_since_epoch().count());
  }
  Waiter waiter;
  std::optional<std::uint64_t> position;
  try {
    Packer packed;
    pack(packed, event);
    position = enqueue(event.session, event.kind, OwnKind::none, event.time, packed,
                       durable ? &waiter : nullptr);
  } catch (...) {
    return refuse(event);
  }
  if (!position) return refuse(event);
  if (!durable) return base_ + *position + 1;
  std::unique_lock lock(mutex_);
  done_.wait(lock, [&] { return waiter.settled; });
  lock.unlock();
  return waiter.seq != 0 ? waiter.seq : refuse(event);
}

std::optional<std::uint64_t> Writer::enqueue(const std::shared_ptr<const AuditedSession>& session,
                                             Kind kind, OwnKind own, Time time,
                                             const Packer& packed, Waiter* waiter) noexcept {
  const std::string_view bytes = packed.bytes();
  std::unique_ptr<char[]> more;
  if (bytes.size() > QueuedEvent::kInside) {
    more.reset(new (std::nothrow) char[bytes.size()]);
    if (!more) return std::nullopt;
    std::copy(bytes.begin(), bytes.end(), more.get());
  }
  const auto position = queue_.push([&](QueuedEvent& event) {
    event.session = session;
    event.time = time.time_since_epoch().count();
    event.waiter = waiter;
    event.kind = kind;
    event.own = own;
    event.hold(bytes, std::move(more));
  });
  if (position) wake();
  return position;
}

bool Writer::may_go_unrecorded(const AuditEvent& event) const noexcept {
  return event.kind == Kind::decision && event.decision.allowed() &&
         std::find(unrecorded_actions_.begin(), unrecorded_actions_.end(), event.action) !=
             unrecorded_actions_.end();
}

std::uint64_t Writer::refuse(const AuditEvent& event) noexcept {
  const bool stands = may_go_unrecorded(event);
  (stands || takes_effect(event.kind) ? unrecorded_ : denied_)
      .fetch_add(1, std::memory_order_relaxed);
  return stands ? AuditSink::kUnrecorded : 0;
}

// Is there a gap, and does writing work so that it can be recorded?
bool Writer::has_gap() const noexcept {
  return denied_.load(std::memory_order_relaxed) + unrecorded_.load(std::memory_order_relaxed) !=
             0 &&
         !failing_.load(std::memory_order_relaxed);
}

// One gap record for all that was not recorded since the last.
void Writer::offer_gap(std::int64_t time) noexcept {
  const std::uint64_t unrecorded = unrecorded_.exchange(0, std::memory_order_relaxed),
                      denied = denied_.exchange(0, std::memory_order_relaxed);
  if (unrecorded + denied == 0) return;  // another thread was first
  try {
    Packer packed;
    pack(packed, OwnEvent{OwnKind::gap, unrecorded, denied, 0, kGapWhy});
    if (enqueue(nullptr, Kind::decision, OwnKind::gap, time_from_micros(time), packed, nullptr))
      return;
  } catch (...) {
    // Counted again below.
  }
  unrecorded_.fetch_add(unrecorded, std::memory_order_relaxed);
  denied_.fetch_add(denied, std::memory_order_relaxed);
}

void Writer::wake() noexcept {
  // Either the thread sees the event, or this sees it asleep (queue.h).
  if (!asleep_.load(std::memory_order_seq_cst)) return;
  const std::lock_guard lock(mutex_);
  asleep_.store(false, std::memory_order_relaxed);
  work_.notify_one();
}

bool Writer::flush() noexcept {
  const std::uint64_t target = queue_.accepted();
  std::unique_lock lock(mutex_);
  const std::uint64_t failures = failures_;
  if (!stopped_) {
    flush_wanted_ = true;
    work_.notify_one();
    done_.wait(lock, [&] {
      return stopped_ || broken_ || failures_ != failures ||
             (settled_ >= target && checkpointed_ == records_);
    });
  }
  if (settled_ < target || failures_ != failures) return false;
  const std::uint64_t commit = commits_;
  lock.unlock();
  syncer_.request(commit);
  lock.lock();
  done_.wait(lock, [&] { return broken_ || closed_ || synced_ >= commit; });
  return synced_ >= commit;
}

bool Writer::close() noexcept {
  queue_.close();
  const std::lock_guard closing(close_mutex_);
  if (thread_.joinable()) {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      work_.notify_one();
    }
    thread_.join();
    syncer_.request(commits_);
    syncer_.stop();
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      done_.notify_all();
    }
    const std::lock_guard lock(ledger_mutex_);
    ledger_.close();
  }
  const std::lock_guard lock(mutex_);
  return queue_.size() == 0 && !broken_;
}

Result<std::uint64_t> Writer::remove_expired(Time now) {
  std::vector<RetentionClass> all = classes_;
  all.push_back({std::string(kStandardClass), {}, keep_});
  std::uint64_t before_all = 0;
  {
    const std::lock_guard lock(ledger_mutex_);
    before_all = ledger_.removed();
  }
  for (const RetentionClass& item : all) {
    const std::int64_t before = (now - item.keep).time_since_epoch().count();
    std::int64_t count = 0;
    {
      const std::lock_guard lock(ledger_mutex_);
      if (!ledger_.count_removable(item.name, before, count))
        return Error{ErrorCode::audit_unavailable,
                     "the audit log cannot be read: " + ledger_.file_fault()};
    }
    if (count == 0) continue;
    // The thread that writes removes them, in the transaction that records it: no crash parts the
    // two.
    Packer packed;
    pack(packed, OwnEvent{OwnKind::retention, 0, 0, before, item.name});
    if (!enqueue(nullptr, Kind::decision, OwnKind::retention, now, packed, nullptr) || !flush()) {
      return Error{ErrorCode::audit_unavailable,
                   "the removal of records could not be recorded, so it was not done"};
    }
  }
  const std::lock_guard lock(ledger_mutex_);
  const std::uint64_t removed = ledger_.removed() - before_all;
  if (removed != 0 && !ledger_.forget_removed())
    return Error{ErrorCode::audit_unavailable,
                 "what was removed could not be overwritten: " + ledger_.file_fault()};
  return removed;
}

AuditStatus Writer::status() const {
  AuditStatus out;
  out.queued = queue_.size();
  out.unrecorded = unrecorded_.load(std::memory_order_relaxed);
  out.denied = denied_.load(std::memory_order_relaxed);
  out.failing = failing_.load(std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  out.records = records_;
  out.checkpointed = ledger_.has_key() ? checkpointed_ : 0;
  if (out.failing) out.fault = fault_;
  return out;
}

}  // namespace remit::audit
