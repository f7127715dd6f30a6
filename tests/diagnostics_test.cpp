// Findings: their place and excerpt, how people see them on a terminal, how machines read them.
#include <catch2/catch.hpp>

#include <regex>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/image/unicode.h"
#include "lang/diagnostics/display.h"
#include "lang/syntax/source.h"
#include "tests/generate/random.h"

using namespace remit;
using namespace remit::lang;
using generate::Random;

namespace {

Diagnostic found(const std::string& text, std::uint32_t begin, std::uint32_t end,
                 std::string help = {}) {
  return Source("a.scope", text)
      .diagnose(Severity::error, "code", {begin, end}, "message", std::move(help));
}

std::string render(const Diagnostic& diagnostic, bool colour = false) {
  Diagnostics all;
  all.add(diagnostic);
  return all.render(colour);
}

// What a rendering shows: the line, and the columns beneath it that have carets.
struct Shown {
  std::string line;
  std::size_t indent = 0, carets = 0;
};

Shown shown(const Diagnostic& diagnostic) {
  const std::string text = render(diagnostic);
  const std::size_t first = text.find('\n') + 1, second = text.find('\n', first) + 1,
                    end = text.find('\n', second);
  const std::size_t margin = std::to_string(diagnostic.line).size() + 4;  // " 12 | "
  Shown out;
  out.line = text.substr(first + margin, second - first - margin - 1);
  const std::string carets = text.substr(second + margin, end - second - margin);
  out.indent = carets.find('^');
  out.carets = carets.size() - out.indent;
  REQUIRE(carets == std::string(out.indent, ' ') + std::string(out.carets, '^'));
  return out;
}

// A character, how it is shown, and how wide that is.
struct Piece {
  std::string bytes, shown;
  std::size_t width;
};
const std::vector<Piece> kPieces = {{"a", "a", 1},
                                    {"Z", "Z", 1},
                                    {"\xC3\xA9", "\xC3\xA9", 1},
                                    {"\xE6\x9D\xB1", "\xE6\x9D\xB1", 2},
                                    {"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80", 2},
                                    {"\xCC\x81", "\xCC\x81", 0},
                                    {"\t", "    ", 4},
                                    {"\xE2\x80\xAE", "\\u{202E}", 8},
                                    {"\x1b", "\\u{1B}", 6},
                                    {"\xE2\x80\x8B", "\\u{200B}", 8},
                                    {"\xFF", "\\xFF", 4},
                                    {" ", " ", 1}};

// Columns of a terminal before byte `size` of what is shown.
std::size_t width_before(const std::string& text, std::size_t size) {
  std::size_t width = 0;
  for (const Cell& cell : cells_of(text.substr(0, size))) width += cell.width;
  return width;
}

}  // namespace

TEST_CASE("a finding is shown with its place, its line and carets beneath", "[diagnostics]") {
  CHECK(render(found("expires 2h\nraed docs:/a\n", 11, 15, "write it right")) ==
        "a.scope:2:1: error[code]: message\n"
        " 2 | raed docs:/a\n"
        "   | ^^^^\n"
        "   help: write it right\n");
  // A range over several lines is underlined to the end of its first.
  CHECK(render(found("read docs:/a,\n  docs:/b\n", 5, 23)) ==
        "a.scope:1:6: error[code]: message\n"
        " 1 | read docs:/a,\n"
        "   |      ^^^^^^^^\n");
  // A place between characters, at the end of the text, in an empty text: one caret.
  CHECK(render(found("ab", 2, 2)) == "a.scope:1:3: error[code]: message\n 1 | ab\n   |   ^\n");
  CHECK(render(found("ab\n", 3, 3)) == "a.scope:2:1: error[code]: message\n 2 | \n   | ^\n");
  CHECK(render(found("", 0, 0)) == "a.scope:1:1: error[code]: message\n 1 | \n   | ^\n");
  // Byte-order marks and carriage returns count for nothing.
  CHECK(render(found("\xEF\xBB\xBFraed\r\nx", 3, 7)) ==
        "a.scope:1:1: error[code]: message\n 1 | raed\n   | ^^^^\n");
  CHECK(render(found("a\r\nb", 2, 3)) == "a.scope:1:2: error[code]: message\n 1 | a\n   |  ^\n");
}

TEST_CASE("places count code points, carets columns of the terminal", "[diagnostics]") {
  const Diagnostic finding = found("\tread docs:/\xE6\x9D\xB1\xE4\xBA\xAC/e\xCC\x81 x", 12, 18);
  CHECK(finding.column == 13);
  CHECK(finding.end_column == 15);
  CHECK(render(finding) ==
        "a.scope:1:13: error[code]: message\n 1 |     read "
        "docs:/\xE6\x9D\xB1\xE4\xBA\xAC/e\xCC\x81 x\n   |                ^^^^\n");
}

TEST_CASE("carets stand beneath what is meant, whatever the line holds", "[diagnostics]") {
  Random random(29);
  for (int round = 0; round < 3'000; ++round) {
    const bool is_long = random.chance(50);
    std::vector<Piece> line;
    for (std::size_t left = 1 + random.below(is_long ? 400 : 12); left > 0; --left)
      line.push_back(random.chance(is_long ? 70 : 30) ? kPieces[0] : random.pick(kPieces));
    const std::size_t first = random.below(line.size()),
                      last = first + 1 + random.below(line.size() - first);
    std::string text, before, whole;
    std::uint32_t begin = 0, end = 0;
    std::size_t indent = 0, carets = 0, width = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (i == first) begin = static_cast<std::uint32_t>(text.size());
      text += line[i].bytes;
      whole += line[i].shown;
      width += line[i].width;
      if (i < first) indent += line[i].width;
      if (i >= first && i < last) carets += line[i].width;
      if (i + 1 == last) end = static_cast<std::uint32_t>(text.size());
    }
    const Shown got = shown(found(text, begin, end));
    INFO(whole << "\n" << first << " to " << last);
    if (width <= 96) {
      REQUIRE(got.line == whole);
      REQUIRE(got.indent == indent);
      REQUIRE(got.carets == std::max<std::size_t>(carets, 1));
      continue;
    }
    // A long line is clamped: dots where something is missing, and the first caret beneath the same
    // text.
    REQUIRE(width_before(got.line, got.line.size()) <= 96 + 6);
    REQUIRE(got.indent + got.carets <= 96 + 3 + 1);
    bool beneath = false;
    for (std::size_t at = 0; at <= got.line.size(); ++at) {
      const bool here = got.line.compare(at, line[first].shown.size(), line[first].shown) == 0;
      beneath = beneath || (here && width_before(got.line, at) == got.indent);
    }
    REQUIRE(beneath);
  }
}

TEST_CASE("excerpts of endless lines are cut between characters", "[diagnostics]") {
  for (const char* character : {"a", "\xC3\xA9", "\xE6\x9D\xB1", "\xF0\x9F\x98\x80"}) {
    std::string text;
    for (int i = 0; i < 5'000; ++i) text += character;
    const auto size = static_cast<std::uint32_t>(std::string(character).size());
    for (const std::uint32_t at : {0u, 1u, 511u, 512u, 513u, 2'500u, 4'999u}) {
      const Diagnostic finding = found(text, at * size, (at + 1) * size);
      CHECK(finding.column == at + 1);
      CHECK(finding.excerpt.size() <= 1'100);
      CHECK(detail::valid_utf8_prefix(finding.excerpt) == finding.excerpt.size());
      CHECK(text.compare((finding.excerpt_column - 1) * size, finding.excerpt.size(),
                         finding.excerpt) == 0);
      const Shown got = shown(finding);
      CHECK(got.line.size() < 500);
      CHECK(got.carets == width_before(character, size));
      CHECK((got.line.substr(0, 3) == "...") == (finding.column > 96));
    }
  }
}

TEST_CASE("nothing that is shown can act on a terminal", "[diagnostics]") {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  for (const char* more : {"\xC2\x9B", "\xE2\x80\xAE", "\xE2\x81\xA6", "\xEF\xBB\xBF"}) all += more;
  Diagnostic finding;
  finding.code = finding.file = finding.message = finding.help = finding.excerpt = all;
  finding.end_column = 5;
  const std::string text = render(finding);
  CHECK(detail::valid_utf8_prefix(text) == text.size());
  for (const char* at = text.data(); at < text.data() + text.size();) {
    const char32_t c = detail::decode_utf8(at, text.data() + text.size());
    CHECK((c == '\n' || (!detail::is_forbidden(c) && c != '\r' && c != 0xFEFF)));
  }
  CHECK(std::count(text.begin(), text.end(), '\n') == 4);
}

TEST_CASE("colours only add to the text", "[diagnostics]") {
  Diagnostics all;
  all.add(found("raed docs:/a", 0, 4, "help"));
  all.add(Source("b.scope", "x").diagnose(Severity::warning, "unused-let", {0, 1}, "w"));
  const std::string coloured = all.render(true);
  CHECK(coloured.find("\x1b[1;31m") != std::string::npos);
  CHECK(coloured.find("\x1b[1;33m") != std::string::npos);
  CHECK(std::regex_replace(coloured, std::regex("\x1b\\[[0-9;]*m"), "") == all.render());
  CHECK(all.render().find("b.scope:1:1: warning[unused-let]: w\n") != std::string::npos);
}

TEST_CASE("JSON says all of it, whatever the text holds", "[diagnostics]") {
  CHECK(Diagnostics().to_json() == R"({"diagnostics":[]})");
  Diagnostics one;
  one.add(found("raed docs:/a", 0, 4));
  CHECK(
      one.to_json() ==
      R"({"diagnostics":[{"severity":"error","code":"code","file":"a.scope","line":1,"column":1,"end_line":1,"end_column":5,"message":"message","help":""}]})");
  for (int byte = 0; byte < 256; ++byte) {
    Diagnostic finding;
    finding.severity = Severity::warning;
    finding.message = std::string("a") + static_cast<char>(byte) + "\"\\b";
    Diagnostics all;
    all.add(finding);
    const auto back = nlohmann::json::parse(all.to_json()).at("diagnostics").at(0);
    const std::string wanted = byte < 0x80 ? finding.message : "a\xEF\xBF\xBD\"\\b";
    CHECK(back.at("message").get<std::string>() == wanted);
    CHECK(back.at("severity") == "warning");
  }
}

TEST_CASE("twenty errors are kept, and every warning", "[diagnostics]") {
  Diagnostics all;
  for (int i = 0; i < 30; ++i) {
    all.add(found("x", 0, 1));
    all.add(Source("a", "x").diagnose(Severity::warning, "w", {0, 1}, "w"));
    CHECK(all.full() == (i >= 19));
  }
  CHECK(all.all().size() == kMaxErrors + 30);
  CHECK(all.has_errors());
}

TEST_CASE("findings are in the order of the text, files as met, errors before warnings",
          "[diagnostics]") {
  Random random(30);
  for (int round = 0; round < 300; ++round) {
    Diagnostics all;
    for (std::size_t left = random.below(18); left > 0; --left) {
      Diagnostic finding;
      finding.severity = random.chance(50) ? Severity::error : Severity::warning;
      finding.file = random.chance(50) ? "z" : "a";
      finding.line = static_cast<std::uint32_t>(random.below(3));
      finding.column = static_cast<std::uint32_t>(random.below(3));
      finding.message = std::to_string(left);  // counts down: the order of arrival
      all.add(finding);
    }
    const std::string first = all.all().empty() ? "" : all.all().front().file;
    const std::size_t size = all.all().size();
    all.sort();
    REQUIRE(all.all().size() == size);
    const auto key = [&](const Diagnostic& d) {
      return std::make_tuple(d.file != first, d.line, d.column, d.severity, -std::stoi(d.message));
    };
    for (std::size_t i = 1; i < size; ++i) REQUIRE(key(all.all()[i - 1]) < key(all.all()[i]));
  }
}

TEST_CASE("lines and places of a text, at its edges and beyond", "[diagnostics]") {
  const Source marked("a.scope", "\xEF\xBB\xBF" "read\n\nx\r\n");
  CHECK(marked.line_at(0) == "read");  // a place inside the byte-order mark is the start
  CHECK(marked.position(1).column == 1);
  CHECK(marked.line_at(8).empty());
  CHECK(marked.position(8).line == 2);
  CHECK(marked.line_at(9) == "x");
  CHECK(marked.line_at(12).empty());
  for (const char* text : {"", "a", "a\n", "a\nb"}) {
    const Source source("a.scope", text);
    const auto end = static_cast<std::uint32_t>(source.text().size());
    CHECK(source.position(end + 100).line == source.position(end).line);
    CHECK(source.position(end + 100).column == source.position(end).column);
  }
}

TEST_CASE("an excerpt that begins inside its line says so even where all of it is shown", "[diagnostics]") {
  std::string accents = "x";
  for (int i = 0; i < 1'000; ++i) accents += "\xCC\x81";  // of no width
  const auto at = static_cast<std::uint32_t>(accents.size());
  const Shown got = shown(found(accents + "yz", at, at + 1));
  CHECK(got.line.substr(0, 3) == "...");
  CHECK(got.line.substr(got.line.size() - 2) == "yz");
  CHECK(got.indent == 3);
  CHECK(got.carets == 1);
}
