// Runs a fuzz target without libFuzzer, for compilers that have none.
//
//   TARGET FILE_OR_FOLDER...                                the seeds, and each of them cut short and damaged a little, always in
//                                                           the same way: an ordinary test
//   TARGET --seconds N DICTIONARY LAST FILE_OR_FOLDER...    random changes of the seeds for N seconds, with words of the dictionary;
//                                                           LAST holds the input that is being tried, for when it crashes
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void run(const std::string& bytes) { LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()); }

void run_with_damage(const std::string& seed) {
  run(seed);
  std::uint64_t state = seed.size();
  const auto below = [&](std::size_t count) { return static_cast<std::size_t>((state = state * 6364136223846793005u + 1442695040888963407u) >> 33) % count; };
  for (int round = 0; round < 20 && !seed.empty(); ++round) {
    run(seed.substr(0, below(seed.size())));
    std::string damaged = seed;
    damaged[below(damaged.size())] = static_cast<char>(below(256));
    const std::size_t from = below(damaged.size());
    damaged.insert(below(damaged.size()), damaged.substr(from, below(32)));
    run(damaged);
  }
}

std::string contents(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The words of a libFuzzer dictionary: one in quotes on each line, with \", \\ and \xHH.
std::vector<std::string> words_of(const std::string& file) {
  std::vector<std::string> words;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const std::size_t begin = line.find('"'), end = line.rfind('"');
    if (line.empty() || line[0] == '#' || begin == end) continue;
    std::string word;
    for (std::size_t i = begin + 1; i < end; ++i) {
      if (line[i] == '\\' && i + 3 < end && line[i + 1] == 'x') {
        word += static_cast<char>(std::stoi(line.substr(i + 2, 2), nullptr, 16));
        i += 3;
      } else {
        word += line[i] == '\\' ? line[++i] : line[i];
      }
    }
    words.push_back(std::move(word));
  }
  return words;
}

// Random changes, a few at a time, one upon the other now and then.
class Changes {
 public:
  Changes(std::vector<std::string> seeds, std::vector<std::string> words) : seeds_(std::move(seeds)), words_(std::move(words)), random_(std::random_device()()) {}

  const std::string& next() {
    if (below(4) != 0 || input_.size() > kLongest) input_ = seeds_[below(seeds_.size())];
    for (std::size_t changes = 1 + below(5); changes > 0; --changes) change();
    return input_;
  }

 private:
  static constexpr std::size_t kLongest = 1u << 16;

  std::size_t below(std::size_t count) { return static_cast<std::size_t>(random_() % count); }
  void change() {
    const std::size_t at = below(input_.size() + 1);
    switch (below(7)) {
      case 0: if (at < input_.size()) input_[at] = static_cast<char>(below(256)); break;
      case 1: if (at < input_.size()) input_[at] = static_cast<char>(input_[at] ^ 1 << below(8)); break;
      case 2: input_.erase(at, 1 + below(16)); break;
      case 3: input_.insert(at, input_.substr(below(input_.size() + 1), 1 + below(64))); break;
      case 4: if (!words_.empty()) input_.insert(at, words_[below(words_.size())]); break;
      case 5: if (!words_.empty()) { const std::string& word = words_[below(words_.size())]; input_.replace(at, word.size(), word); } break;
      default: {
        const std::string& other = seeds_[below(seeds_.size())];
        input_ = input_.substr(0, at) + other.substr(below(other.size() + 1));
      }
    }
  }

  std::vector<std::string> seeds_, words_;
  std::mt19937_64 random_;
  std::string input_;
};

}  // namespace

int main(int count, char** arguments) {
  namespace fs = std::filesystem;
  const bool at_random = count > 4 && std::string_view(arguments[1]) == "--seconds";
  std::vector<fs::path> files;
  for (int i = at_random ? 5 : 1; i < count; ++i) {
    if (!fs::is_directory(arguments[i])) {
      files.emplace_back(arguments[i]);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(arguments[i])) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) return std::puts("0 seeds: nothing was tested"), 1;
  if (!at_random) {
    for (const fs::path& file : files) run_with_damage(contents(file));
    std::printf("%zu seeds\n", files.size());
    return 0;
  }
  std::vector<std::string> seeds;
  for (const fs::path& file : files) seeds.push_back(contents(file));
  Changes changes(std::move(seeds), words_of(arguments[3]));
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(std::atoi(arguments[2]));
  // Kept open: making it anew each time would wait for the disk.
  const int last = ::open(arguments[4], O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
  if (last < 0) return std::perror(arguments[4]), 1;
  std::uint64_t runs = 0;
  for (; std::chrono::steady_clock::now() < until; ++runs) {
    const std::string& input = changes.next();
    if (::pwrite(last, input.data(), input.size(), 0) < 0 || ::ftruncate(last, static_cast<off_t>(input.size())) != 0) return std::perror(arguments[4]), 1;
    run(input);
  }
  std::printf("%llu runs, nothing found\n", static_cast<unsigned long long>(runs));
  return 0;
}
