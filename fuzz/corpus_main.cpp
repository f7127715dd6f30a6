// Runs a fuzz target over files and folders, for compilers without libFuzzer: the seeds, and each of
// them cut short and damaged a little, always in the same way.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
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

}  // namespace

int main(int count, char** arguments) {
  namespace fs = std::filesystem;
  std::vector<fs::path> files;
  for (int i = 1; i < count; ++i) {
    if (!fs::is_directory(arguments[i])) {
      files.emplace_back(arguments[i]);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(arguments[i])) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    std::ifstream in(file, std::ios::binary);
    run_with_damage({std::istreambuf_iterator<char>(in), {}});
  }
  std::printf("%zu seeds\n", files.size());
  return files.empty() ? 1 : 0;  // no seeds: nothing was tested
}
