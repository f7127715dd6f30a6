// See remit/audit.h. Covered by tests/audit_log_test.cpp.
#include <remit/audit.h>

#include <new>

#include "engine/audit/writer.h"

namespace remit {

struct AuditLog::State {
  audit::Writer writer;

  explicit State(const AuditOptions& options) : writer(options) {}
};

namespace {

std::optional<Error> refuse_options(const AuditOptions& options) {
  if (options.queue < 2 || options.queue > (std::size_t{1} << 24))
    return Error{ErrorCode::bad_argument, "the queue holds 2 to 16777216 events"};
  if (!options.seal_key.empty() && options.seal_key.size() < 16)
    return Error{ErrorCode::bad_argument, "a key of sealed values has at least 16 bytes"};
  if (options.keep < Duration::zero())
    return Error{ErrorCode::bad_argument, "records cannot be kept for less than no time"};
  for (const RetentionClass& item : options.classes) {
    if (item.name.empty() || item.name == kStandardClass) {
      return Error{ErrorCode::bad_argument, "a retention class needs a name other than `" +
                                                std::string(kStandardClass) +
                                                "`, which is that of all other records"};
    }
    if (item.keep < Duration::zero())
      return Error{ErrorCode::bad_argument,
                   "records of class `" + item.name + "` cannot be kept for less than no time"};
  }
  return std::nullopt;
}

}  // namespace

AuditLog::AuditLog(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
AuditLog::~AuditLog() = default;

Result<std::shared_ptr<AuditLog>> AuditLog::open(std::string_view path,
                                                 const AuditOptions& options) noexcept {
  try {
    if (auto error = refuse_options(options)) return *std::move(error);
    auto state = std::make_unique<State>(options);
    if (auto error = state->writer.open(std::string(path))) return *std::move(error);
    return std::shared_ptr<AuditLog>(new AuditLog(std::move(state)));
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  } catch (...) {
    return Error{ErrorCode::audit_unavailable, "the audit log's thread cannot be started"};
  }
}

std::uint64_t AuditLog::write(const AuditEvent& event) noexcept {
  return state_->writer.write(event);
}

Status AuditLog::flush() noexcept {
  if (state_->writer.flush()) return {};
  return Error{ErrorCode::audit_unavailable, "the audit log could not be written"};
}

Status AuditLog::close() noexcept {
  if (state_->writer.close()) return {};
  try {
    const AuditStatus left = status();
    return Error{ErrorCode::audit_unavailable,
                 std::to_string(left.queued) +
                     " records could not be written to the audit log: " + left.fault};
  } catch (...) {
    return out_of_memory();
  }
}

Result<std::uint64_t> AuditLog::remove_expired(Time now) noexcept {
  try {
    return state_->writer.remove_expired(now);
  } catch (...) {
    return out_of_memory();
  }
}

AuditStatus AuditLog::status() const noexcept { return state_->writer.status(); }

}  // namespace remit
