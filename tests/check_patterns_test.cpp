// Resources and patterns: escapes, quotes, wildcards, limits at the edge and one past it, and what
// is written reads back as what it was.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "engine/image/resource.h"
#include "lang/check/patterns.h"
#include "lang/check/resolved.h"
#include "lang/parse/parse.h"
#include "tests/generate/random.h"

using namespace remit;
using namespace remit::lang;
using namespace remit::lang::checker;
using generate::Random;

namespace {

// Wildcards as letters that no path here has: S star, Q question, D deep.
std::string shown(const PatternText& pattern) {
  if (!pattern.fault.ok()) return "! " + pattern.fault.code;
  std::string out = pattern.system + " ";
  for (const char c : pattern.path)
    out += c == kStar ? 'S' : c == kQuestion ? 'Q' : c == kDeep ? 'D' : c;
  return out;
}

std::string read(std::string_view written) { return shown(decode_pattern(written)); }

std::string repeat(std::string_view part, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += part;
  return out;
}

std::string extend(std::string_view base, std::string_view more) {
  return shown(extend_pattern(decode_pattern(base), more, "$x" + std::string(more)));
}

// The one resource of `read <written>`, as the parser cuts it out of the text; empty where it does
// not.
std::string parsed_alone(const std::string& written) {
  const Source source("x", "read " + written);
  Diagnostics diagnostics;
  const syntax::Document document = parse(source, diagnostics);
  if (diagnostics.has_errors() || document.rules.size() != 1 ||
      document.rules[0].subject.resources.size() != 1)
    return {};
  return std::string(document.rules[0].subject.resources[0].text);
}

// A path as Pattern::text has them, canonical but for its wildcards.
std::string random_path(Random& random) {
  static const std::vector<std::string> kPieces = {"a",
                                                   "B",
                                                   "7",
                                                   "-",
                                                   ".x",
                                                   "*",
                                                   "?",
                                                   " ",
                                                   ",",
                                                   ";",
                                                   "(",
                                                   ")",
                                                   "[",
                                                   "]",
                                                   "{",
                                                   "}",
                                                   "\"",
                                                   "#",
                                                   "$",
                                                   "%",
                                                   "%7",
                                                   "=",
                                                   "<",
                                                   "'",
                                                   "\xC3\xA9",
                                                   "\xE6\x9D\xB1",
                                                   "\xF0\x9F\x98\x80",
                                                   "\xC2\xA0",
                                                   std::string(1, kStar),
                                                   std::string(1, kQuestion)};
  std::string path(random.chance(70) ? "/" : "");
  for (std::size_t left = random.below(5); left > 0; --left) {
    std::string segment;
    if (random.chance(20)) {
      segment = kDeep;
    } else {
      do segment += random.pick(kPieces);
      while (random.chance(60));
    }
    // Two stars in a row are no pattern: `**` is a segment of its own.
    for (std::size_t at; (at = segment.find(std::string(2, kStar))) != std::string::npos;)
      segment.erase(at, 1);
    path += segment + (left > 1 ? "/" : "");
  }
  return path;
}

bool canonical(const std::string& path) {
  std::string literal;
  for (const char c : path) literal += c == kStar || c == kDeep ? '*' : c == kQuestion ? '?' : c;
  detail::ResourceParts parts;
  return path.empty() ||
         detail::scan_resource("lab:" + literal, parts) == detail::ResourceFault::none;
}

}  // namespace

TEST_CASE("patterns are read as the page writes them", "[patterns]") {
  for (const auto& [written, wanted] : std::vector<std::pair<const char*, const char*>>{
           {"docs:/clinical/A", "docs /clinical/A"},
           {"docs:/", "docs /"},
           {"docs:", "docs "},
           {"docs:/a/", "docs /a"},
           {"mail:bob@acme.example", "mail bob@acme.example"},
           {"s3+x-1:a", "s3+x-1 a"},
           {"docs:/*", "docs /S"},
           {"docs:/a*b?", "docs /aSbQ"},
           {"docs:/**/hr", "docs /D/hr"},
           {"docs:**", "docs D"},
           {"docs:/a/**/", "docs /a/D"},
           {"docs:/**/**", "docs /D/D"},
           {"docs:/a\\*b", "docs /a*b"},
           {"docs:/a\\?b", "docs /a?b"},
           {"docs:/a\\ b", "docs /a b"},
           {"docs:/\\*\\*", "docs /**"},
           {"docs:/*\\*", "docs /S*"},
           {"docs:\"/Trial A, 2024\"", "docs /Trial A, 2024"},
           {"docs:\"/a\\\"b\"", "docs /a\"b"},
           {"docs:\"/a\\*?\"", "docs /a*Q"},
           {"docs:\"/**/x y\"", "docs /D/x y"},
           {"docs:\"\"", "docs "},
           {"docs:\"/a#b\"", "docs /a#b"},
           {"docs:/a:b", "docs /a:b"},
           {"docs:/100%", "docs /100%"},
           {"docs:/a%zz%7g", "docs /a%zz%7g"},
           {"docs:/a%20b", "docs /a%20b"},
           {"docs:/...", "docs /..."}}) {
    INFO(written);
    CHECK(read(written) == wanted);
  }
}

TEST_CASE("what no resource can hold is no pattern", "[patterns]") {
  for (const auto& [written, code] :
       std::vector<std::pair<std::string, const char*>>{{"docs", "malformed-pattern"},
                                                        {":/a", "malformed-pattern"},
                                                        {"", "malformed-pattern"},
                                                        {"Docs:/a", "malformed-pattern"},
                                                        {"1docs:/a", "malformed-pattern"},
                                                        {"docs://", "malformed-pattern"},
                                                        {"docs:/a//b", "malformed-pattern"},
                                                        {"docs:/a//", "malformed-pattern"},
                                                        {"docs:/./a", "malformed-pattern"},
                                                        {"docs:/a/..", "malformed-pattern"},
                                                        {"docs:..", "malformed-pattern"},
                                                        {"docs:/a%2e", "malformed-pattern"},
                                                        {"docs:/a%2Fb", "malformed-pattern"},
                                                        {"docs:/%68", "malformed-pattern"},
                                                        {"docs:/%00", "malformed-pattern"},
                                                        {"docs:/%25", "malformed-pattern"},
                                                        {"docs:/e\xCC\x81", "malformed-pattern"},
                                                        {"docs:\"/a\tb\"", "malformed-pattern"},
                                                        {"docs:/a\x01", "malformed-pattern"},
                                                        {"docs:/a\x7F", "malformed-pattern"},
                                                        {"docs:/a\xFF", "malformed-pattern"},
                                                        {"docs:/\xE2\x80\xAE", "malformed-pattern"},
                                                        {"docs:/a**", "double-star"},
                                                        {"docs:/**a", "double-star"},
                                                        {"docs:/***", "double-star"},
                                                        {"docs:/a/b**/c", "double-star"},
                                                        {"docs:/a\\b", "bad-escape"},
                                                        {"docs:/a\\\\b", "bad-escape"},
                                                        {"docs:/a\\", "bad-escape"},
                                                        {"docs:\"/a\\ b\"", "bad-escape"},
                                                        {"docs:/a\\\"b", "bad-escape"},
                                                        {"docs:\"/a\\n\"", "bad-escape"}}) {
    INFO(written);
    CHECK(read(written) == std::string("! ") + code);
  }
}

TEST_CASE("a pattern has 4096 bytes with its system, and 64 segments", "[patterns]") {
  const std::string most = "docs:/" + std::string(4090, 'a');
  CHECK(decode_pattern(most).fault.ok());
  CHECK(read(most + "a") == "! pattern-too-long");
  CHECK(decode_resource_value(most).fault.ok());
  CHECK(shown(decode_resource_value(most + "a")) == "! pattern-too-long");
  // Quotes and escapes are not part of it; wildcards are as long as they look; a dropped slash
  // counts.
  CHECK(decode_pattern("docs:\"/" + repeat("\\*", 4090) + "\"").fault.ok());
  CHECK(read("docs:\"/" + repeat("\\*", 4091) + "\"") == "! pattern-too-long");
  CHECK(decode_pattern("docs:/**/" + std::string(4087, '?')).fault.ok());
  CHECK(read("docs:/**/" + std::string(4088, '?')) == "! pattern-too-long");
  CHECK(read(most + "/") == "! pattern-too-long");
  CHECK(extend("docs:/" + std::string(4000, 'a'), "/" + std::string(89, 'b')).substr(0, 6) ==
        "docs /");
  CHECK(extend("docs:/" + std::string(4000, 'a'), "/" + std::string(90, 'b')) ==
        "! pattern-too-long");

  CHECK(decode_pattern("docs:" + repeat("/a", 64)).fault.ok());
  CHECK(read("docs:" + repeat("/a", 65)) == "! too-many-segments");
  CHECK(decode_pattern("docs:" + repeat("/a", 64) + "/").fault.ok());
  CHECK(decode_pattern("docs:" + repeat("/**", 64)).fault.ok());
  CHECK(read("docs:" + repeat("/**", 65)) == "! too-many-segments");
  CHECK(decode_pattern("docs:a" + repeat("/a", 63)).fault.ok());
  CHECK(read("docs:a" + repeat("/a", 64)) == "! too-many-segments");
  CHECK(decode_resource_value("docs:" + repeat("/a", 64)).fault.ok());
  CHECK(shown(decode_resource_value("docs:" + repeat("/a", 65))) == "! too-many-segments");
  CHECK(extend("docs:" + repeat("/a", 63), "/b").substr(0, 6) == "docs /");
  CHECK(extend("docs:" + repeat("/a", 63), "/b/c") == "! too-many-segments");
}

TEST_CASE("variables are extended beneath what they name", "[patterns]") {
  CHECK(extend("docs:/a", "/hr/*") == "docs /a/hr/S");
  CHECK(extend("docs:/", "/hr") == "docs /hr");
  CHECK(extend("docs:", "/hr") == "docs /hr");
  CHECK(extend("mail:bob", "/inbox") == "mail bob/inbox");
  CHECK(extend("docs:/a", "/") == "docs /a");
  CHECK(extend("docs:/a", "/b/") == "docs /a/b");
  CHECK(extend("docs:/a", "/**/x\\ y") == "docs /a/D/x y");
  CHECK(extend("docs:/a", "/b**") == "! double-star");
  CHECK(extend("docs:/a", "//b") == "! malformed-pattern");
  CHECK(extend("docs:/a", "/../b") == "! malformed-pattern");
  CHECK(extend("docs:/a", "/\\q") == "! bad-escape");
}

TEST_CASE("an argument is one canonical resource and can never widen a pattern", "[patterns]") {
  CHECK(shown(decode_resource_value("docs:/a/")) == "docs /a");
  CHECK(shown(decode_resource_value("docs:/")) == "docs /");
  CHECK(shown(decode_resource_value("docs:a b,\"c\"")) == "docs a b,\"c\"");
  for (const char* wild : {"docs:/*", "docs:/a?", "docs:/**", "docs:*"})
    CHECK(shown(decode_resource_value(wild)) == "! wildcard-in-argument");
  for (const char* bad : {"", "docs", "docs:", ":", "docs:/a\\*", "docs:/\\*", "docs:/../x",
                          "docs:\"/a\"\n", "docs:/\x01", "docs:/\x03"})
    CHECK(shown(decode_resource_value(bad)) == "! malformed-pattern");
  Random random(24);
  for (int round = 0; round < 20'000; ++round) {
    std::string value = random.chance(90) ? "docs:" : "";
    for (std::size_t left = random.below(8); left > 0; --left)
      value += random.pick({std::string("/"), std::string("*"), std::string("?"), std::string("\\"),
                            std::string("a"), std::string("."), std::string("\x01"),
                            std::string("\x02"), std::string("\x03"), std::string(":")});
    const PatternText read = decode_resource_value(value);
    INFO(value);
    REQUIRE_FALSE(
        (read.fault.ok() && (read.wild() || read.path.find_first_of("*?") != std::string::npos)));
  }
}

TEST_CASE("what is written reads back as the pattern that it was", "[patterns]") {
  Random random(25);
  std::size_t tried = 0, quoted = 0;
  while (tried < 20'000) {
    const std::string path = random_path(random);
    if (!canonical(path)) continue;
    ++tried;
    const std::string written = write_pattern("lab", path);
    quoted += written.find('"') != std::string::npos ? 1 : 0;
    const PatternText back = decode_pattern(written);
    INFO(written);
    REQUIRE(back.fault.ok());
    REQUIRE(back.system == "lab");
    REQUIRE(back.path == path);
    // In a document it is one resource, from its first to its last byte.
    REQUIRE(parsed_alone(written) == written);
    // And what is no pattern can be asked for as it is written.
    if (!back.wild()) REQUIRE(decode_request(written) == "lab:" + path);
  }
  CHECK(quoted > tried / 10);
  CHECK(quoted < tried * 9 / 10);
}

TEST_CASE("whatever stands in a document, what is read of it is a pattern or an error",
          "[patterns]") {
  Random random(26);
  static const std::vector<std::string> kPieces = {
      "docs", ":", "/", "*",        "?",        "\\",   "\"",   " ",    "a",  ".", "%",
      "2",    "f", "e", "\xC3\xA9", "\xCC\x81", "\xFF", "\x01", "\x03", "\n", "#", "{"};
  std::size_t good = 0;
  for (int round = 0; round < 50'000; ++round) {
    std::string written = random.chance(80) ? "docs:/" : "";
    for (std::size_t left = random.below(10); left > 0; --left) written += random.pick(kPieces);
    const PatternText first = decode_pattern(written);
    static_cast<void>(decode_request(written));
    INFO(written);
    if (!first.fault.ok()) {
      REQUIRE_FALSE(first.fault.message.empty());
      continue;
    }
    ++good;
    REQUIRE(canonical(first.path));
    const PatternText again = decode_pattern(write_pattern(first.system, first.path));
    REQUIRE(again.fault.ok());
    REQUIRE(again.path == first.path);
  }
  CHECK(good > 5'000);
}

TEST_CASE("requests of tests are taken as they are", "[patterns]") {
  CHECK(decode_request("docs:/a/*") == "docs:/a/*");
  CHECK(decode_request("docs:/a\\*b\\ c") == "docs:/a*b c");
  CHECK(decode_request("docs:\"/a \\\"b\\\" \\*\"") == "docs:/a \"b\" *");
  CHECK(decode_request("docs:/a\\b") == "docs:/a\\b");
  CHECK(decode_request("docs:/a\\") == "docs:/a\\");
  CHECK(decode_request("docs:/../x/") == "docs:/../x/");
  CHECK(decode_request("docs") == "docs");
  // One quote makes no quotes, and a backslash before the last one escapes nothing.
  CHECK(decode_request("docs:a\"") == "docs:a\"");
  CHECK(decode_request("docs:\"a") == "docs:\"a");
  CHECK(decode_request("docs:\"") == "docs:\"");
  CHECK(decode_request("docs:\"/a\\\"") == "docs:/a\\");
  CHECK(decode_pattern("docs:a\"").path == "a\"");
  CHECK(decode_pattern("docs:\"a").path == "\"a");
  CHECK(decode_pattern("docs:\"").path == "\"");
}

TEST_CASE("globs hold any text but the markers", "[patterns]") {
  std::string out;
  CHECK(decode_glob("*.md?", out).ok());
  CHECK(out == std::string{kStar} + ".md" + kQuestion);
  CHECK(decode_glob("", out).ok());
  CHECK(out.empty());
  CHECK(decode_glob("a\x04**", out).ok());
  for (const char* bad : {"a\x01", "\x02", "*\x03"})
    CHECK(decode_glob(bad, out).code == "bad-glob");
}

TEST_CASE("identifier patterns", "[patterns]") {
  for (const char* good :
       {"a", "*", "**", "spiffe://acme.example/agent/*", "spiffe://acme.example/**", "**/x",
        "a*b*c", "bob@acme.example", "a b", "a//b"})
    CHECK(check_identifier_pattern(good).ok());
  for (const char* bad : {"a**", "**a", "spiffe://a/x**/y", "***"})
    CHECK(check_identifier_pattern(bad).code == "double-star");
  for (const char* bad : {"", "a\nb", "a\tb", "a\x01", "a\xE2\x80\xAE", "\r\n"})
    CHECK(check_identifier_pattern(bad).code == "bad-identifier");
  CHECK(check_identifier_pattern(std::string(4096, 'a')).ok());
  CHECK(check_identifier_pattern(std::string(4097, 'a')).code == "bad-identifier");
}
