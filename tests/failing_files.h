// Files that fail when a test says so: the system calls of SQLite's own file layer are replaced (its
// xSetSystemCall is there for this), fsync and fdatasync for the whole test program. To be included by exactly
// one file of a program, because it defines those two.
#pragma once

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

namespace remit::test {

enum class FileFault : std::uint8_t {
  short_reads,   // every read gives half of what was asked for, as it may: nobody must notice
  short_writes,  // and every write takes half
  full,          // from the n-th write on there is no room
  write_error,   // the n-th write fails
  read_error,    // the n-th read fails
  sync_error,    // the n-th sync fails
  open_error,    // the n-th file cannot be opened
};

inline std::atomic<FileFault> g_fault{FileFault::short_reads};
// Calls of the faulty kind until one fails; negative: none does.
inline std::atomic<long> g_calls_left{-1};
inline std::atomic<bool> g_every_call_short{false};

inline bool fails_now(FileFault kind, int error) noexcept {
  const FileFault fault = g_fault.load();
  if (fault == FileFault::full && kind == FileFault::write_error) {
    if (g_calls_left.load() < 0 || (g_calls_left.load() > 0 && g_calls_left.fetch_sub(1) > 0)) return false;
    return errno = ENOSPC, true;  // stays at zero: full it is, until the test makes room
  }
  if (fault != kind || g_calls_left.load() < 0 || g_calls_left.fetch_sub(1) > 0) return false;
  return errno = error, true;
}
inline std::size_t length(FileFault kind, std::size_t size) noexcept { return g_every_call_short && g_fault == kind ? std::max<std::size_t>(size / 2, 1) : size; }

inline ssize_t failing_read(int file, void* to, std::size_t size) {
  return fails_now(FileFault::read_error, EIO) ? -1 : ::read(file, to, length(FileFault::short_reads, size));
}
inline ssize_t failing_pread(int file, void* to, std::size_t size, off_t at) {
  return fails_now(FileFault::read_error, EIO) ? -1 : ::pread(file, to, length(FileFault::short_reads, size), at);
}
inline ssize_t failing_write(int file, const void* from, std::size_t size) {
  return fails_now(FileFault::write_error, EIO) ? -1 : ::write(file, from, length(FileFault::short_writes, size));
}
inline ssize_t failing_pwrite(int file, const void* from, std::size_t size, off_t at) {
  return fails_now(FileFault::write_error, EIO) ? -1 : ::pwrite(file, from, length(FileFault::short_writes, size), at);
}
inline int failing_truncate(int file, off_t size) { return fails_now(FileFault::write_error, EIO) ? -1 : ::ftruncate(file, size); }
inline int failing_open(const char* path, int flags, int mode) { return fails_now(FileFault::open_error, EMFILE) ? -1 : ::open(path, flags, mode); }

inline void replace_file_calls() {
  static const bool done = [] {
    sqlite3_vfs* const files = sqlite3_vfs_find(nullptr);
    const auto set = [&](const char* name, auto* call) { files->xSetSystemCall(files, name, reinterpret_cast<sqlite3_syscall_ptr>(call)); };
    set("read", &failing_read);
    set("pread", &failing_pread), set("pread64", &failing_pread);
    set("write", &failing_write);
    set("pwrite", &failing_pwrite), set("pwrite64", &failing_pwrite);
    set("ftruncate", &failing_truncate);
    set("open", &failing_open);
    return true;
  }();
  static_cast<void>(done);
}

}  // namespace remit::test

// SQLite's and our own: the program's definitions go before the C library's.
extern "C" [[gnu::visibility("default")]] int fdatasync(int file) {
  if (remit::test::fails_now(remit::test::FileFault::sync_error, EIO)) return -1;
  return static_cast<int>(::syscall(SYS_fdatasync, file));
}
extern "C" [[gnu::visibility("default")]] int fsync(int file) {
  if (remit::test::fails_now(remit::test::FileFault::sync_error, EIO)) return -1;
  return static_cast<int>(::syscall(SYS_fsync, file));
}
