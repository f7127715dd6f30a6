// Files in and out; the doors are in files.h. Covered by tests/tools_test.py.
#include "tools/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "tools/errors.h"

namespace remit::tools {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& path, const char* what, int error) {
  throw BadInput(fmt::format("{}: {}: {}", shown_name(path), what, std::strerror(error)));
}

struct Close {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};
using File = std::unique_ptr<std::FILE, Close>;

struct Opened {
  File file;
  std::string first;  // what was read already
};

// A named pipe that nobody writes to would keep us for ever: its writer gets two seconds to come. That
// there is one shows only in reading.
std::string wait_for_writer(int descriptor, const std::string& path) {
  for (int round = 0; round < 200; ++round) {
    char byte = 0;
    const ssize_t got = ::read(descriptor, &byte, 1);
    if (got > 0) return {byte};
    if (got < 0) return {};  // there is a writer, who has not written yet
    ::usleep(10'000);
  }
  throw BadInput(fmt::format("{}: is a pipe that nobody writes to", path));
}

Opened open_for_reading(const std::string& path) {
  if (path == "-") return {File(stdin), {}};
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) fail(path, "cannot be read", errno);
  File file(::fdopen(descriptor, "rb"));
  if (!file) {
    ::close(descriptor);
    fail(path, "cannot be read", errno);
  }
  // A folder opens well and fails only at the first read, with a message that helps nobody.
  struct stat info{};
  std::string first;
  if (fstat(descriptor, &info) == 0) {
    if (S_ISDIR(info.st_mode)) throw BadInput(fmt::format("{}: is a folder, a file is needed", path));
    if (S_ISFIFO(info.st_mode)) first = wait_for_writer(descriptor, path);
  }
  if (::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) & ~O_NONBLOCK) != 0) fail(path, "cannot be read", errno);
  return {std::move(file), std::move(first)};
}

void write_all(int descriptor, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      fail(path, "cannot be written", errno);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

// What a new file would get: everything that the user's mask leaves.
mode_t default_mode() {
  const mode_t mask = umask(0);
  umask(mask);
  return static_cast<mode_t>(0666 & ~mask);
}

// Writes beside the target and renames; `unlink` in every path that does not reach the rename.
void replace_file(const std::string& target, mode_t mode, std::string_view bytes) {
  std::string temporary = target + ".XXXXXX";
  const int descriptor = mkstemp(temporary.data());
  if (descriptor < 0) fail(target, "cannot be written", errno);
  try {
    write_all(descriptor, bytes, target);
    if (fchmod(descriptor, mode) != 0 || fsync(descriptor) != 0) {
      fail(target, "cannot be written", errno);
    }
  } catch (...) {
    ::close(descriptor);
    ::unlink(temporary.c_str());
    throw;
  }
  ::close(descriptor);
  if (std::rename(temporary.c_str(), target.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    fail(target, "cannot be written", error);
  }
}

bool hidden(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.size() > 1 && name.front() == '.';
}

void find_below(const fs::path& folder, std::vector<std::string>& found) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    entries.push_back(it->path());
  }
  if (error)
    throw BadInput(fmt::format("{}: cannot be read: {}", folder.string(), error.message()));
  std::sort(entries.begin(), entries.end());
  for (const fs::path& entry : entries) {
    const fs::file_status status = fs::symlink_status(entry, error);
    if (fs::is_directory(status)) {
      if (!hidden(entry)) find_below(entry, found);
    } else if (entry.extension() == ".scope" && fs::is_regular_file(fs::status(entry, error))) {
      found.push_back(entry.string());
    }
  }
}

}  // namespace

std::string shown_name(const std::string& path) { return path == "-" ? "<stdin>" : path; }

std::string read_file(const std::string& path, std::size_t most) {
  auto [file, text] = open_for_reading(path);
  char chunk[1 << 16];
  while (text.size() <= most) {
    const std::size_t want = std::min(sizeof chunk, most + 1 - text.size());
    const std::size_t got = std::fread(chunk, 1, want, file.get());
    text.append(chunk, got);
    if (got < want) break;
  }
  if (std::ferror(file.get())) fail(path, "cannot be read", errno);
  if (text.size() > most) {
    throw BadInput(fmt::format("{}: is larger than {} MiB, the most that a file may have",
                               shown_name(path), most >> 20));
  }
  return text;
}

std::string read_image(const std::string& path) { return read_file(path, kMaxImage); }

void write_file(const std::string& path, std::string_view bytes) {
  struct stat info{};
  const bool exists = ::stat(path.c_str(), &info) == 0;
  if (exists && S_ISDIR(info.st_mode)) throw BadInput(fmt::format("{}: is a folder", path));
  if (exists && !S_ISREG(info.st_mode)) {
    // Renaming over /dev/null would put a plain file in its place.
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) fail(path, "cannot be written", errno);
    try {
      write_all(descriptor, bytes, path);
    } catch (...) {
      ::close(descriptor);
      throw;
    }
    ::close(descriptor);
    return;
  }
  std::error_code error;
  const fs::path target = exists ? fs::canonical(path, error) : fs::path(path);
  replace_file(error ? path : target.string(),
               exists ? static_cast<mode_t>(info.st_mode & 07777) : default_mode(), bytes);
}

std::vector<std::string> find_documents(const std::vector<std::string>& paths) {
  std::vector<std::string> found;
  for (const std::string& path : paths) {
    std::error_code error;
    if (path != "-" && fs::is_directory(path, error)) {
      find_below(path, found);
    } else if (path == "-" || fs::exists(path, error)) {
      found.push_back(path);
    } else {
      throw BadInput(fmt::format("{}: no such file or folder", path));
    }
  }
  return found;
}

LineReader::LineReader(const std::string& path) : path_(path), buffer_(1 << 16, '\0') {
  Opened opened = open_for_reading(path);
  file_ = opened.file.release();
  filled_ = opened.first.copy(buffer_.data(), buffer_.size());
  struct stat info{};
  if (fstat(fileno(file_), &info) == 0 && S_ISREG(info.st_mode)) {
    size_ = static_cast<std::size_t>(info.st_size);
  }
}

LineReader::~LineReader() { Close()(file_); }

bool LineReader::next(std::string_view& line) {
  line_.clear();
  too_long_ = false;
  bool any = false;
  for (;;) {
    if (at_ == filled_) {
      // read(2) rather than fread: a program that feeds us line by line gets each answer at once.
      ssize_t got = 0;
      do {
        got = ::read(fileno(file_), buffer_.data(), buffer_.size());
      } while (got < 0 && errno == EINTR);
      if (got < 0) fail(path_, "cannot be read", errno);
      at_ = 0;
      filled_ = static_cast<std::size_t>(got);
      bytes_ += filled_;
      if (filled_ == 0 && !any) return false;
    }
    const char* begin = buffer_.data() + at_;
    const void* newline = filled_ == 0 ? nullptr : std::memchr(begin, '\n', filled_ - at_);
    const std::size_t length =
        newline ? static_cast<std::size_t>(static_cast<const char*>(newline) - begin)
                : filled_ - at_;
    any = any || length > 0 || newline != nullptr;
    if (line_.size() + length > kMaxLine) {
      too_long_ = true;
      line_.clear();
    }
    if (!too_long_) line_.append(begin, length);
    at_ += length + (newline ? 1 : 0);
    if (!newline && filled_ != 0) continue;
    ++number_;
    if (!line_.empty() && line_.back() == '\r') line_.pop_back();
    if (too_long_ || line_.find_first_not_of(" \t") != std::string::npos) {
      line = line_;
      return true;
    }
    if (filled_ == 0) return false;
    line_.clear();
    any = false;
  }
}

}  // namespace remit::tools
