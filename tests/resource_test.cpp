// Judges engine/image/resource.h: every variant of the scanner must agree with the slow reader of
// resource_oracle.h on generated text. Texts are scanned in heap blocks of exactly their size, so
// that a build with AddressSanitizer sees any byte read outside of them.
#include "engine/image/resource.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/resource_oracle.h"
#include "tests/unicode_oracle.h"

using namespace remit::detail;
using namespace remit::resource_oracle;
using namespace remit::unicode_oracle;

namespace {

// All variants against the reference, for one text. Counts what was seen, so that a generator that
// makes only one kind of text is noticed.
void judge(const std::string& text, std::size_t* seen = nullptr) {
  const Reading wanted = read_plainly(text);
  if (seen != nullptr) ++seen[static_cast<std::size_t>(wanted.fault)];
  const std::unique_ptr<char[]> exact(new char[text.size()]);
  std::memcpy(exact.get(), text.data(), text.size());
  const std::string_view view(exact.get(), text.size());
  const auto one = [&](const char* name,
                       ResourceFault (*scan)(std::string_view, ResourceParts&) noexcept) {
    // Parts and a guard right behind them, without padding: writing eight places at a time must not
    // pass the last.
    struct {
      ResourceParts parts;
      std::uint16_t guard[17];
    } out;
    static_assert(sizeof out == sizeof out.parts + sizeof out.guard);
    std::memset(&out, 0xa5, sizeof out);
    const ResourceFault fault = scan(view, out.parts);
    bool fine = agrees(wanted, fault, out.parts, view);
    for (const auto word : out.guard) fine = fine && word == 0xa5a5u;
    if (!fine) {
      FAIL(name << " on " << shown(text) << ": " << describe(fault) << "; the reference says "
                << describe(wanted.fault));
    }
  };
  one("scan_resource", scan_resource);
  for (const ResourceScanner& scanner : resource_scanners()) one(scanner.name, scanner.scan);
}

ResourceFault fault_of(std::string_view text) {
  ResourceParts parts;
  return scan_resource(text, parts);
}

std::string repeated(std::string_view piece, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

// A plain rooted path of exactly `size` bytes with short segments.
std::string plain_path(std::size_t size, std::size_t segment) {
  std::string text = "docs:/";
  while (text.size() < size) text += (text.size() - 5) % (segment + 1) == 0 ? '/' : 'k';
  if (text.back() == '/') text.back() = 'k';
  text.resize(size);
  return text;
}

const std::vector<std::string>& nasty() {
  static const std::vector<std::string> pieces = {"/",
                                                  "/",
                                                  "/",
                                                  ".",
                                                  ".",
                                                  "..",
                                                  "a",
                                                  "a",
                                                  "A",
                                                  "b1",
                                                  "%",
                                                  "2",
                                                  "e",
                                                  "F",
                                                  "%2e",
                                                  "%2F",
                                                  "%20",
                                                  "%7e",
                                                  "%7F",
                                                  "%85",
                                                  "%c3",
                                                  "\\",
                                                  ":",
                                                  "*",
                                                  "?",
                                                  "~",
                                                  " ",
                                                  "0",
                                                  std::string(1, '\0'),
                                                  "\t",
                                                  "\r",
                                                  "\n",
                                                  "\x1f",
                                                  "\x7f",
                                                  "\x80",
                                                  "\xbf",
                                                  "\xc0\x80",
                                                  "\xc3",
                                                  "\xc2\x85",
                                                  "\xc2\xa0",
                                                  "\xc3\xa9",
                                                  "e\xcc\x81",
                                                  "\xcc\x81",
                                                  "\xcc\xa3",
                                                  "\xe1\xba\xb9",
                                                  "\xe2\x80\xa8",
                                                  "\xe2\x80\xa9",
                                                  "\xe2\x80\xae",
                                                  "\xe2\x81\xa6",
                                                  "\xe2\x81\xaa",
                                                  "\xef\xbb\xbf",
                                                  "\xed\xa0\x80",
                                                  "\xed\xbf\xbf",
                                                  "\xf0\x9f\x98\x80",
                                                  "\xf4\x90\x80\x80",
                                                  "\xe0\x80\xaf",
                                                  "\xf0\x82\x82\xac",
                                                  "\xff",
                                                  "\xe1\x84\x80",
                                                  "\xe1\x85\xa1",
                                                  "\xe1\x86\xa8",
                                                  "\xea\xb0\x80",
                                                  "\xe2\x84\xab"};
  return pieces;
}

}  // namespace

TEST_CASE("resources: examples from the language") {
  using F = ResourceFault;
  for (const char* good : {"docs:/", "docs:/a", "docs:/a/", "docs:a/", "mail:bob@acme.example",
                           "docs:/a/.b/..c/d./...", "x+1-y:/a", "docs:/a%20b/%zz/100%", "docs:/*/?",
                           "docs:/a:b", "docs:/%C3%A9/%82", "docs:/caf\xc3\xa9", "a:b"}) {
    INFO(good);
    CHECK(fault_of(good) == F::none);
  }
  const std::pair<const char*, F> bad[] = {{"", F::no_system},
                                           {"docs", F::no_system},
                                           {"/docs/a", F::no_system},
                                           {":/a", F::no_system},
                                           {"Docs:/a", F::bad_system_name},
                                           {"d_s:/a", F::bad_system_name},
                                           {"1d:/a", F::bad_system_name},
                                           {"/a:b", F::bad_system_name},
                                           {"docs:", F::empty_path},
                                           {"docs://", F::empty_segment},
                                           {"docs://a", F::empty_segment},
                                           {"docs:/a//b", F::empty_segment},
                                           {"docs:/a//", F::empty_segment},
                                           {"docs:.", F::dot_segment},
                                           {"docs:/..", F::dot_segment},
                                           {"docs:/a/./b", F::dot_segment},
                                           {"docs:/a/../", F::dot_segment},
                                           {"docs:/a\\b", F::backslash},
                                           {"docs:/%2e", F::percent_encoding},
                                           {"docs:/a%2Fb", F::percent_encoding},
                                           {"docs:/%68r", F::percent_encoding},
                                           {"docs:/%00", F::percent_encoding},
                                           {"docs:/%7f", F::percent_encoding},
                                           {"docs:/%25", F::percent_encoding},
                                           {"docs:/%%41", F::percent_encoding},
                                           {"docs:/a\tb", F::forbidden_character},
                                           {"docs:/a\n", F::forbidden_character},
                                           {"docs:/\x7f", F::forbidden_character},
                                           {"docs:/\xc2\x85", F::forbidden_character},
                                           {"docs:/\xe2\x80\xae", F::forbidden_character},
                                           {"docs:/\xff", F::invalid_utf8},
                                           {"docs:/\xed\xa0\x80", F::invalid_utf8},
                                           {"docs:/e\xcc\x81", F::not_nfc}};
  for (const auto& [text, fault] : bad) {
    INFO(text);
    CHECK(fault_of(text) == fault);
    judge(text);
  }
  CHECK(fault_of(std::string_view()) == F::no_system);
}

TEST_CASE("resources: each fault has a sentence of its own") {
  std::set<std::string> sentences;
  for (int i = 0; i <= static_cast<int>(ResourceFault::not_nfc); ++i)
    sentences.insert(describe(static_cast<ResourceFault>(i)));
  CHECK(sentences.size() == static_cast<std::size_t>(ResourceFault::not_nfc) + 1);
}

TEST_CASE("resources: the limits") {
  for (std::size_t size = 4090; size <= 4100; ++size) {
    for (const char* end : {"", "/", "//", "/.", "\xc3\xa9", "%2e"}) {
      for (const std::size_t segment : {70u, 100u, 250u}) judge(plain_path(size, segment) + end);
    }
  }
  CHECK(fault_of(plain_path(4095, 100) + "/") == ResourceFault::none);
  CHECK(fault_of(plain_path(4096, 100) + "/") == ResourceFault::too_long);
  for (const char* system :
       {"docs:/",
        "docs:", "a-system-with-a-name-of-some-length-which-is-longer-than-two-registers-are:/"}) {
    for (std::size_t segments = 50; segments < 70; ++segments) {
      for (std::size_t size = 1; size <= 62; ++size) {
        const std::string text = system + repeated(std::string(size, 'q') + "/", segments);
        judge(text);
        judge(text + "z");
        judge(text + std::string(130, 'z'));  // words without a slash, behind any number of them
        judge(text + "/");
      }
    }
  }
  CHECK(fault_of("docs:/" + repeated("a/", 64)) == ResourceFault::none);
  CHECK(fault_of("docs:/" + repeated("a/", 64) + "a") == ResourceFault::too_many_segments);
}

TEST_CASE("resources: all short paths of slashes, dots and letters, across every border") {
  std::vector<std::string> all = {""};
  for (std::size_t i = 0; all[i].size() < 6; ++i) {
    for (const char c : {'/', '.', 'a'}) all.push_back(all[i] + c);
  }
  for (const std::string& path : all) {
    for (const char* system : {"d:", "docs:", "a234567890123:", "a2345678901234:",
                               "a23456789012345:", "a234567890123456:"})
      judge(system + path);
    for (const std::size_t border : {16u, 32u, 48u, 64u, 128u}) {
      for (std::size_t before = 1; before <= 6; before += 1) {
        const std::string start = plain_path(border - before, 9);
        judge(start + path);
        if (before == 3) judge(start + path + plain_path(40, 9).substr(6));
      }
    }
  }
}

TEST_CASE("resources: every byte, and every nasty piece, in every place") {
  for (const std::size_t size :
       {5u, 8u, 15u, 16u, 17u, 31u, 32u, 33u, 47u, 48u, 49u, 63u, 64u, 65u, 127u, 128u, 129u}) {
    const std::string text = plain_path(size, 9);
    for (std::size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string other = text;
        other[at] = static_cast<char>(byte);
        judge(other);
      }
      for (const std::string& piece : nasty()) {
        std::string other = text;
        judge(other.replace(at, piece.size(), piece));
        judge(other.substr(0, size));
      }
    }
  }
  for (const std::size_t size : {4095u, 4096u, 4097u}) {
    const std::string text = plain_path(size, 80);
    for (std::size_t at = 0; at < size;
         at += at % 64 < 61 && at > 70 && at + 70 < size ? 61 - at % 64 : 1) {
      for (const char c : {'/', '.', '%', '\\', '\x7f', '\x80', '\0'}) {
        std::string other = text;
        other[at] = c;
        judge(other);
      }
    }
  }
}

TEST_CASE("resources: every percent sequence") {
  for (int high = 0; high < 256; ++high) {
    for (int low = 0; low < 128; ++low) {
      std::string text = "docs:/some/path%??";
      text[16] = static_cast<char>(high);
      text[17] = static_cast<char>(low);
      judge(text);
      if (high < 128) judge(text + "/and/more/of/it/%20/so/that/it/takes/two/words/or/more");
    }
  }
}

TEST_CASE("resources: bytes around the text do not matter") {
  std::mt19937 random(5);
  for (const char around : {'/', '.', '%', '\xff', 'a', ':', '\0'}) {
    for (std::size_t size = 3; size < 200; ++size) {
      const std::string text = plain_path(size, 1 + random() % 12);
      const std::string room = std::string(64, around) + text + std::string(64, around);
      for (const ResourceScanner& scanner : resource_scanners()) {
        ResourceParts parts;
        const ResourceFault fault = scanner.scan(std::string_view(room).substr(64, size), parts);
        if (!agrees(read_plainly(text), fault, parts, text))
          FAIL(scanner.name << " on " << shown(text) << " in " << shown({&around, 1}));
      }
    }
  }
}

TEST_CASE("resources: random text of nasty pieces") {
  std::mt19937_64 random(20240923);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const std::vector<std::string> starts = {"docs:/",
                                           "docs:/",
                                           "docs:",
                                           "d:",
                                           "s3:/",
                                           "a-b+c:/",
                                           "",
                                           "A:",
                                           "docs",
                                           "docs:/clinical/A/",
                                           "docs:/clinical/trial-0042/site-07/"};
  const std::vector<std::string> calm = {
      "/",  "a",  "b",   "cd",       "efg",          "/hi",
      ".j", "k.", "%20", "\xc3\xa9", "\xe1\xba\xb9", "\xea\xb0\x80"};
  std::size_t seen[static_cast<std::size_t>(ResourceFault::not_nfc) + 1] = {};
  for (int round = 0; round < 1'000'000; ++round) {
    std::string text = starts[below(starts.size())];
    const std::size_t pieces = below(round % 8 == 0 ? 40 : 10);
    const std::size_t calmness = below(8);  // out of 8
    for (std::size_t i = 0; i < pieces; ++i) {
      const auto& from = below(8) < calmness ? calm : nasty();
      text += from[below(from.size())];
    }
    judge(text, seen);
  }
  for (int fault = 0; fault <= static_cast<int>(ResourceFault::not_nfc); ++fault) {
    INFO(describe(static_cast<ResourceFault>(fault)));
    if (fault != static_cast<int>(ResourceFault::too_long) &&
        fault != static_cast<int>(ResourceFault::too_many_segments)) {
      CHECK(seen[fault] > 100);
    }
  }
}
