// Ids as text: 32 hexadecimal digits, there and back.
#include <catch2/catch.hpp>

#include <string>

#include <remit/id.h>

using namespace remit;

TEST_CASE("an id is written as its bytes and read back, in either case") {
  for (int byte = 0; byte < 256; ++byte) {
    for (const std::size_t at : {std::size_t{0}, std::size_t{1}, std::size_t{15}}) {
      Id id;
      id.bytes[at] = static_cast<std::uint8_t>(byte);
      CHECK(id.empty() == (byte == 0));
      std::string text = to_string(id);
      REQUIRE(text.size() == 32);
      CHECK(text[2 * at] == "0123456789abcdef"[byte / 16]);
      CHECK(text[2 * at + 1] == "0123456789abcdef"[byte % 16]);
      CHECK(text.find_first_not_of('0') >= (byte == 0 ? text.npos : 2 * at));
      Id read;
      REQUIRE(parse_id(text, read));
      CHECK(read == id);
      CHECK((read != Id{}) == (byte != 0));
      for (char& c : text) c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
      Id upper;
      REQUIRE(parse_id(text, upper));
      CHECK(upper == id);
    }
  }
}

TEST_CASE("what is not 32 hexadecimal digits is no id, and leaves the id as it was") {
  const std::string good(32, '7');
  Id kept;
  REQUIRE(parse_id(good, kept));
  const Id before = kept;
  for (const std::string& bad : {std::string(), good.substr(1), good + "7", good.substr(1) + ' '}) {
    CHECK_FALSE(parse_id(bad, kept));
    CHECK(kept == before);
  }
  for (int c = 0; c < 256; ++c) {
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    for (const std::size_t at : {std::size_t{0}, std::size_t{31}}) {
      std::string text = good;
      text[at] = static_cast<char>(c);
      Id out = before;
      CHECK(parse_id(text, out) == digit);
      if (!digit) CHECK(out == before);
    }
  }
}
