// An image as text: whatever its names and strings hold, nothing of it can act on a terminal or
// forge a line. What a listing looks like is pinned by the golden dumps.
#include <catch2/catch.hpp>

#include <string>

#include "engine/image/disassemble.h"
#include "engine/image/unicode.h"
#include "lang/compile/emit.h"
#include "tests/support.h"

using namespace remit;

TEST_CASE("a listing is printable text, whatever stands in the image", "[image]") {
  std::string nasty;
  for (int byte = 0; byte < 256; ++byte) nasty += static_cast<char>(byte);
  for (const char* more : {"\xC3\xA9", "\xC2\x9B", "\xE2\x80\xAE", "\xE2\x81\xA9", "\xE2\x80"})
    nasty += more;

  lang::Resolved document;
  document.complete = true;
  document.name = nasty;
  document.files = {nasty};
  document.texts = {""};
  document.lifetime.expires_after = test::kHour;
  document.lifetime.purpose = document.lifetime.sponsor = nasty;
  document.lifetime.agents = document.lifetime.users = {nasty};
  document.systems = {{nasty, nasty, {{nasty, {0}}}, {{nasty, Type::string, Type::any}}}};
  lang::Rule rule;
  rule.subject.any = true;
  rule.subject.resources.resize(1);
  rule.subject.resources[0].text = "/a";
  rule.because = nasty;
  lang::Condition condition;
  condition.kind = lang::Condition::Kind::like;
  condition.left.is_attribute = true;
  condition.left.attribute = {nasty, lang::Fact::none, Type::string, Type::any};
  condition.glob = nasty;
  rule.guard.conditions.push_back({condition, false, {}});
  document.rules = {rule};

  const auto program = Program::load(lang::emit(document).bytes);
  std::string text;
  if (program) {
    text = disassemble(program.value());
  } else {
    // Where names are verified, what hosts choose is left: the file's name, and the document's
    // strings.
    lang::CompileOptions options;
    options.file = nasty;
    text = disassemble(test::compile_or_die(
        "expires 1h\nread docs:/a when user like \"\\\\\\u{1B}\\u{202E}\\u{9B}\"\n", options));
  }
  CHECK(detail::valid_utf8_prefix(text) == text.size());
  for (const char *at = text.data(), *const end = at + text.size(); at < end;) {
    const char32_t c = detail::decode_utf8(at, end);
    REQUIRE((c == '\n' || (c != '\r' && c != '\t' && !detail::is_forbidden(c))));
  }
  CHECK(text.find("\\x1b") != std::string::npos);
  CHECK(text.find("\"\\\\") != std::string::npos);
  CHECK(text.find("rule 0: allow at ") != std::string::npos);
}
