// The names of enumerators: each has its own, and what no enumerator has, such as a host may have read from
// elsewhere, has a word of its own rather than another's.
#include <catch2/catch.hpp>

#include <set>
#include <string>

#include <remit/remit.h>

#include "engine/image/hash.h"

using namespace remit;

TEST_CASE("every type, kind and effect has a name, and a number beyond them a safe one") {
  std::set<std::string> types;
  for (int i = 0; i <= static_cast<int>(Type::list); ++i) types.insert(to_string(static_cast<Type>(i)));
  CHECK(types.size() == static_cast<std::size_t>(Type::list) + 1);
  CHECK(std::string(to_string(Type::any)) == "any type");
  CHECK(std::string(to_string(Type::list)) == "list");
  CHECK(std::string(to_string(static_cast<Type>(99))) == "unknown type");
  CHECK(std::string(to_string(static_cast<DocumentKind>(99))) == "unknown kind");
  CHECK(std::string(to_string(static_cast<Effect>(99))) == "deny");
  CHECK(std::string(to_string(Could::never)) == "never");
  CHECK(std::string(to_string(Could::maybe)) == "maybe");
  CHECK(std::string(to_string(Could::always)) == "always");
  CHECK(std::string(to_string(static_cast<Could>(99))) == "never");
  CHECK(std::string(to_string(BadHabit::none)) == "none");
  CHECK(std::string(to_string(BadHabit::unaccountable)) == "unaccountable");
  CHECK(std::string(to_string(static_cast<BadHabit>(99))) == "unknown");
}

TEST_CASE("a reason's name reads back as that reason, and no other text does") {
  for (int i = 0; i <= static_cast<int>(Reason::internal_error); ++i) {
    const auto reason = static_cast<Reason>(i);
    Reason read = reason == Reason::expired ? Reason::revoked : Reason::expired;
    REQUIRE(parse_reason(to_string(reason), read));
    CHECK(read == reason);
  }
  Reason untouched = Reason::expired;
  CHECK_FALSE(parse_reason("no_such_reason", untouched));
  CHECK_FALSE(parse_reason("", untouched));
  CHECK(untouched == Reason::expired);
}

// Names are compared in words that overlap; each length has its own way.
TEST_CASE("names of every length are equal only where every byte is") {
  for (std::size_t size = 0; size <= 40; ++size) {
    const std::string name(size, 'n');
    CHECK(image::same_name(name, std::string(size, 'n')));
    CHECK_FALSE(image::same_name(name, name + "n"));
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = name;
      other[at] = 'm';
      INFO(size << " bytes, another at " << at);
      CHECK_FALSE(image::same_name(name, other));
      CHECK_FALSE(image::same_name(other, name));
    }
  }
}
