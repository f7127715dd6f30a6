// The readers of text below the scanner, called as its callers never call them: on nothing, on what is no
// UTF-8, and on faults that are none.
#include <catch2/catch.hpp>

#include <string>

#include "engine/image/disassemble.h"
#include "engine/image/printable.h"
#include "engine/image/resource.h"
#include "engine/image/resource_kernels.h"
#include "engine/image/unicode.h"
#include "tests/support.h"

using namespace remit;

TEST_CASE("of what is no UTF-8 one byte is taken at a time") {
  const std::string text = "\xff\xc3\xa9\xc3";
  const char *at = text.data(), *const end = at + text.size();
  CHECK(detail::decode_utf8(at, end) == 0xffffffff);
  CHECK(at == text.data() + 1);
  CHECK(detail::decode_utf8(at, end) == 0xe9);
  CHECK(at == text.data() + 3);
  CHECK(detail::decode_utf8(at, end) == 0xffffffff);
  CHECK(at == end);
}

TEST_CASE("the scanners are all that this processor has, the best first, the plainest last") {
  const detail::ResourceScanners scanners = detail::resource_scanners();
  CHECK(std::string(scanners.begin()[scanners.count - 1].name) == "bytewise");
  CHECK(std::string(scanners.begin()[scanners.count - 2].name) == "portable");
  // Bytes that a comparison of signed ones might take for letters.
  for (const detail::ResourceScanner& scanner : scanners) {
    detail::ResourceParts parts;
    for (int byte = 128; byte < 256; ++byte) CHECK(scanner.scan(std::string(2, static_cast<char>(byte)) + ":/a folder", parts) == detail::ResourceFault::bad_system_name);
  }
#if REMIT_RESOURCE_AVX2
  CHECK(scanners.count == (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt") ? 4u : 3u));
#endif
}

TEST_CASE("a mark composes with the letter before it, in a word of ASCII or alone") {
  for (const std::string& before : {std::string(), std::string("a"), std::string("1234567"), std::string("12345678"), std::string("0123456789abcdef")}) {
    INFO(before);
    CHECK(detail::is_nfc(before));
    CHECK_FALSE(detail::is_nfc(before + "e\xcc\x81"));
    CHECK(detail::is_nfc(before + "\xc3\xa9"));
    CHECK(detail::is_nfc(before + "q\xcc\x81"));
  }
  // The letter is the last of a word of eight.
  CHECK_FALSE(detail::is_nfc("1234567e\xcc\x81"));
  CHECK(detail::is_nfc("1234567q\xcc\x81"));
}

TEST_CASE("no text, no name of a system") {
  CHECK(detail::system_length_bytewise("") == 0);
  CHECK(detail::system_length_bytewise("k") == 0);
  CHECK(detail::system_length_bytewise("k:") == 1);
  detail::ResourceParts parts;
  CHECK(detail::scan_resource("", parts) == detail::ResourceFault::no_system);
  CHECK(std::string(detail::describe(static_cast<detail::ResourceFault>(99))) == "it is not canonical");
}

TEST_CASE("a text of some length at no address is no text") {
  const char* nowhere = nullptr;
  const std::string_view hollow(nowhere, 5);
  const Layers layers = Layers::link(test::compile_or_die("expires 1h\nread lab:/\n" + std::string(test::kLab))).value();
  const auto reason = [&](const Attribute& attribute) { return std::string(to_string(layers.decide(Request("read", "lab:/a", {attribute}), {}, Time{}).reason)); };
  CHECK(reason({"region", std::string_view(nowhere, 0)}) == "allowed_by_rule");
  CHECK(reason({"region", hollow}) == "malformed_request");
  CHECK(reason({hollow, "eu"}) == "malformed_request");
}

TEST_CASE("an except of anything is listed as such") {
  const Program program = test::compile_or_die("guardrail g\nsystem k { action read }\nallow read k:/ except anything\n");
  CHECK(disassemble(program).find("except anything") != std::string::npos);
}
