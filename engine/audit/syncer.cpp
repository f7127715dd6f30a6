// See syncer.h.
#include "engine/audit/syncer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace remit::audit {
namespace {

bool sync_file(int file) noexcept {
#if defined(__APPLE__)
  return ::fcntl(file, F_FULLFSYNC) == 0;  // fsync leaves it in the drive's cache
#else
  return ::fdatasync(file) == 0;
#endif
}

// So that the file's name survives, too.
bool sync_folder(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int file = ::open(folder.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool good = ::fsync(file) == 0;
  ::close(file);
  return good;
}

}  // namespace

std::optional<Error> Syncer::start(const std::string& path, Done done) {
  file_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file_ < 0 || !sync_file(file_) || !sync_folder(path)) {
    return Error{ErrorCode::audit_unavailable,
                 "the audit log cannot be synced: " + path + ": " + std::strerror(errno)};
  }
  done_ = std::move(done);
  for (std::thread& thread : threads_) thread = std::thread([this] { run(); });
  return std::nullopt;
}

void Syncer::request(std::uint64_t commit) noexcept {
  const std::lock_guard lock(mutex_);
  requested_ = std::max(requested_, commit);
  work_.notify_all();
}

void Syncer::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    work_.notify_all();
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  if (file_ >= 0) ::close(file_);
  file_ = -1;
}

void Syncer::run() noexcept {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_.wait(lock, [this] { return stopping_ || requested_ > started_; });
    if (requested_ <= started_) return;
    const std::uint64_t before = started_, commit = started_ = requested_;
    lock.unlock();
    const bool good = sync_file(file_);
    lock.lock();
    // The kernel reports a failure to one of those who sync, so no answer is given before those of
    // earlier syncs.
    work_.wait(lock, [&] { return answered_ == before; });
    failed_ = failed_ || !good;
    const bool failed = failed_;
    lock.unlock();
    done_(commit, !failed);
    lock.lock();
    answered_ = commit;
    work_.notify_all();
  }
}

}  // namespace remit::audit
