// Malformed requests. See spoil.h.
#include "tests/generate/spoil.h"

#include <algorithm>

#include "tests/generate/vocabulary.h"

namespace remit::generate {

using lang::Constant;
using reference::HeldRequest;

Constant make_any_value(Random& random) {
  static constexpr Type kTypes[] = {Type::boolean, Type::integer, Type::size,     Type::duration,
                                    Type::time,    Type::string,  Type::resource, Type::list};
  const Type type = random.pick(kTypes);
  return make_literal(random, type, random.chance(50) ? Type::string : Type::integer).value;
}

std::string spoil_resource(Random& random, const std::string& resource) {
  static const std::vector<std::string> bits = {"//",
                                                "/../x",
                                                "/./x",
                                                "/..",
                                                "/.",
                                                "/..a",
                                                "%2e",
                                                "%2F",
                                                "%68",
                                                "%zz",
                                                "%25",
                                                "%5C",
                                                "%5c",
                                                "%C3",
                                                "%20",
                                                "%7F",
                                                "%1f",
                                                "%",
                                                "%4",
                                                "\\",
                                                "\n",
                                                "\t",
                                                std::string(1, '\0'),
                                                "\x7f",
                                                "\xc2\x85",
                                                "\xe2\x80\xa8",
                                                "\xe2\x80\xae",
                                                "\xe2\x81\xa6",
                                                "e\xcc\x81",
                                                "\xcc\x81",
                                                "\xef\xac\x81",
                                                "\xe1\x84\x80\xe1\x85\xa1",
                                                "\xea\xb0\x80",
                                                "\xff",
                                                "\xc3",
                                                "\xed\xa0\x80",
                                                "\xf4\x90\x80\x80",
                                                "\xc0\xaf",
                                                "\xe2\x84\xab",
                                                "\xef\xbb\xbf",
                                                " ",
                                                "*",
                                                "?",
                                                ":",
                                                "a\xcc\xa3\xcc\x87",
                                                "a\xcc\x87\xcc\xa3",
                                                "\xf0\x9d\x85\x9e"};
  const auto colon = resource.find(':');
  switch (random.below(8)) {
    case 0:
      return random.pick({"", ":", "lab", "lab:", "lab://", "lab:/", ":/a", "Lab:/a", "l_b:/a",
                          "9a:/b", " lab:/a"});
    case 1: {  // 63 to 66 segments
      std::string result = resource.substr(0, colon) + ":/a";
      for (std::size_t i = 62 + random.below(4); i > 0; --i) result += "/b";
      return result;
    }
    case 2:
      return resource + "/" +
             std::string(4090 - std::min<std::size_t>(4000, resource.size()) + random.below(10),
                         'x');
    case 3: return resource.substr(0, colon + 1) + random.pick(bits) + resource.substr(colon + 1);
    default: {
      const std::size_t at = colon + 1 + random.below(resource.size() - colon);
      return resource.substr(0, at) + random.pick(bits) + resource.substr(at);
    }
  }
}

void spoil_request(Random& random, HeldRequest& request) {
  auto& attributes = request.attributes;
  Constant text, list;
  text.type = Type::string;
  list.type = Type::list;
  const std::size_t more = random.below(2);
  switch (random.below(10)) {
    case 0:
      attributes.emplace_back(
          random.pick({"agent", "user", "sponsor", "purpose", "trigger", "user.role", "agent.x",
                       "user.", "users", "agent_x", "sponsor.x"}),
          make_any_value(random));
      return;
    case 1:
      if (!attributes.empty()) attributes.push_back(attributes[random.below(attributes.size())]);
      return;
    case 2:
      for (std::size_t i = attributes.size(); i < kMaxAttributes + more; ++i)
        attributes.emplace_back("x" + std::to_string(i), make_any_value(random));
      return;
    case 3:
      attributes.emplace_back(std::string(kMaxAttributeName + more, 'n'), make_any_value(random));
      return;
    case 4:
      attributes.emplace_back(random.pick({"", "\xff", "é", "a b", "N"}), make_any_value(random));
      return;
    case 5:
      text.text.assign(kMaxAttributeString + more, 'e');
      attributes.emplace_back("region2", text);
      return;
    case 6:
      text.text = random.pick({"\xff", "\xed\xa0\x80", "e\xcc\x81", "\xc3", "a\nb"});
      attributes.emplace_back("region2", text);
      return;
    case 7:
      list.items.resize(kMaxListItems + more);
      attributes.emplace_back("labels2", list);
      return;
    case 8:  // mixed, or a list of lists
      list.items = {make_any_value(random), make_any_value(random)};
      attributes.emplace_back("labels2", list);
      return;
    default:
      text.text = random.pick({"\xff", "ok"});
      list.items = {text};
      attributes.emplace_back("labels2", list);
  }
}

}  // namespace remit::generate
