// Files in and out: bounded reading, atomic writing, finding documents below a folder.
// Covered by tests/tools_test.py.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace remit::tools {

inline constexpr std::size_t kMaxDocument = std::size_t{16} << 20;  // language.md section 1
inline constexpr std::size_t kMaxImage = std::size_t{1} << 30;  // only to stop an endless stream
inline constexpr std::size_t kMaxLine = std::size_t{16} << 20;  // one line of JSON

// The whole file, or standard input for `-`. Reads no more than `most` bytes and one: a larger
// file, a folder or an unreadable file is BadInput, which names the file and why.
std::string read_file(const std::string& path, std::size_t most = kMaxDocument);
std::string read_image(const std::string& path);

// The name that diagnostics show for `path`: itself, or `<stdin>` for `-`.
std::string shown_name(const std::string& path);

// Replaces `path` with `bytes`: readers see the old content or the new, never a part. Follows a
// symbolic link to what it names and keeps that file's permissions; a device or pipe is written to.
void write_file(const std::string& path, std::string_view bytes);

// Each file as it is, and every *.scope below each folder, by name. Hidden folders and symbolic
// links to folders are passed over. BadInput where a path does not exist.
std::vector<std::string> find_documents(const std::vector<std::string>& paths);

// Lines of a file (or standard input for `-`), without their ends, each at most kMaxLine bytes.
class LineReader {
 public:
  explicit LineReader(const std::string& path);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  // The next line that is not blank; false at the end. `line` lives until the next call. A line
  // that is too long is dropped whole and comes out empty, with too_long() true.
  bool next(std::string_view& line);
  std::size_t number() const { return number_; }  // of that line, from 1
  bool too_long() const { return too_long_; }
  std::size_t bytes_read() const { return bytes_; }
  // Size of the file, 0 where it is not known: for progress.
  std::size_t size() const { return size_; }

 private:
  std::string path_, line_, buffer_;
  std::FILE* file_ = nullptr;
  std::size_t at_ = 0, filled_ = 0, number_ = 0, bytes_ = 0, size_ = 0;
  bool too_long_ = false;
};

}  // namespace remit::tools
