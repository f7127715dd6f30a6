// AuditLines: see remit/audit.h. Covered by tests/audit_record_test.cpp.
#include <errno.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <new>

#include <remit/audit.h>

#include "engine/audit/render.h"

namespace remit {

struct AuditLines::State {
  State(Take to, const AuditOptions& options) : take(std::move(to)), renderer(options) {}

  std::mutex mutex;
  Take take;
  audit::Renderer renderer;
  std::uint64_t seq = 0;
  std::int64_t latest = INT64_MIN;
};

AuditLines::AuditLines(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
AuditLines::~AuditLines() = default;

Result<std::shared_ptr<AuditLines>> AuditLines::to(Take take,
                                                   const AuditOptions& options) noexcept {
  try {
    if (!take) return Error{ErrorCode::bad_argument, "there is nothing to give the lines to"};
    if (!options.seal_key.empty() && options.seal_key.size() < 16)
      return Error{ErrorCode::bad_argument, "a key of sealed values has at least 16 bytes"};
    return std::shared_ptr<AuditLines>(
        new AuditLines(std::make_unique<State>(std::move(take), options)));
  } catch (...) {
    return out_of_memory();
  }
}

Result<std::shared_ptr<AuditLines>> AuditLines::to_descriptor(
    int descriptor, const AuditOptions& options) noexcept {
  try {
    // What was cut off must not be gone on from: the next line would be taken for its end.
    const auto put = [descriptor, whole = true,
                      text = std::string()](std::string_view line) mutable {
      if (!whole) return false;
      text.assign(line).push_back('\n');
      for (std::string_view rest = text; !rest.empty();) {
        const ssize_t written = ::write(descriptor, rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
          whole = rest.size() == text.size();
          return false;
        }
        rest.remove_prefix(static_cast<std::size_t>(written));
      }
      return true;
    };
    return to(put, options);
  } catch (...) {
    return out_of_memory();
  }
}

std::uint64_t AuditLines::write(const AuditEvent& event) noexcept {
  try {
    audit::Packer packed;
    audit::pack(packed, event);
    audit::QueuedEvent copy;
    copy.session = event.session;
    copy.time = event.time.time_since_epoch().count();
    copy.kind = event.kind;
    std::unique_ptr<char[]> more;
    if (packed.bytes().size() > audit::QueuedEvent::kInside) {
      more.reset(new char[packed.bytes().size()]);
      std::copy(packed.bytes().begin(), packed.bytes().end(), more.get());
    }
    copy.hold(packed.bytes(), std::move(more));
    const std::lock_guard lock(state_->mutex);
    bool fresh = false;
    const audit::Rendered& record =
        state_->renderer.render(copy, state_->seq + 1, state_->latest, fresh);
    if (!state_->take(record.body)) return 0;
    state_->latest = std::max(state_->latest, copy.time);
    return ++state_->seq;
  } catch (...) {
    return 0;
  }
}

}  // namespace remit
