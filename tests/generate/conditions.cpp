// Conditions and windows. See conditions.h.
#include "tests/generate/conditions.h"

#include <cstdio>

namespace remit::generate {
namespace {

const std::vector<std::string> kOrder = {"==", "!=", "<", "<=", ">", ">="};
const std::vector<std::string> kEquality = {"==", "!="};

bool is_ordered(Type type) {
  return type != Type::boolean && type != Type::list && type != Type::resource;
}

std::string quoted_glob(Random& random) { return "\"" + random.pick(kGlobs) + "\""; }

// `user`, `user.role`, ...: strings, and names whose type only the host knows.
std::string make_fact(Random& random) {
  static const std::vector<std::string> texts = {"agent", "user", "sponsor", "purpose", "trigger"};
  static const std::vector<std::string> named = {"user.role", "user.tier", "agent.trusted",
                                                 "user.groups", "user.on"};
  const std::string text = random.pick(texts), any = random.pick(named);
  const auto literal = [&](Type type, Type element = Type::any) {
    return make_literal(random, type, element).text;
  };
  switch (random.below(9)) {
    case 0: return cat({text, " ", random.pick(kOrder), " ", literal(Type::string)});
    case 1: return cat({text, " like ", quoted_glob(random)});
    case 2: return cat({"has ", random.chance(50) ? text : any});
    case 3: return cat({text, " in ", literal(Type::list, Type::string)});
    case 4: {
      static constexpr Type kTypes[] = {Type::string, Type::integer, Type::boolean, Type::size};
      const Type type = random.pick(kTypes);
      return cat(
          {any, " ", random.pick(is_ordered(type) ? kOrder : kEquality), " ", literal(type)});
    }
    case 5: return cat({literal(Type::string), " in user.groups"});
    case 6: return cat({any, " in ", literal(Type::list, Type::integer)});
    case 7: return cat({any, " like ", quoted_glob(random)});
    default: return random.chance(50) ? "agent.trusted" : "user.role in user.groups";
  }
}

// A second attribute that `attribute` may be compared with: itself, where there is no other.
const AttributeDraft& other_like(Random& random, const std::vector<AttributeDraft>& attributes,
                                 const AttributeDraft& attribute) {
  for (int tries = 0; tries < 8; ++tries) {
    const AttributeDraft& other = random.pick(attributes);
    if (other.type == attribute.type && other.element == attribute.element) return other;
  }
  return attribute;
}

std::string make_leaf(Random& random, const std::vector<AttributeDraft>& attributes) {
  if (attributes.empty() || random.chance(22)) return make_fact(random);
  const AttributeDraft& attribute = random.pick(attributes);
  const std::string& name = attribute.name;
  const Type type = attribute.type;
  if (random.chance(10)) return "has " + name;
  if (type == Type::list) {
    const std::string item = make_literal(random, attribute.element).text;
    if (random.chance(60)) return item + " in " + name;
    for (const AttributeDraft& single : attributes) {
      if (single.type == attribute.element && random.chance(60)) return single.name + " in " + name;
    }
    const std::string list = make_literal(random, Type::list, attribute.element).text;
    return cat({name, " ", random.pick(kEquality), " ", list});
  }
  if (type == Type::boolean && random.chance(60)) return name;
  if (type == Type::string && random.chance(30)) return name + " like " + quoted_glob(random);
  if (type != Type::boolean && random.chance(20)) {
    return name + " in " + make_literal(random, Type::list, type).text;
  }
  const std::string sign = " " + random.pick(is_ordered(type) ? kOrder : kEquality) + " ";
  if (random.chance(12)) return name + sign + other_like(random, attributes, attribute).name;
  const std::string literal = make_literal(random, type).text;
  return random.chance(20) ? literal + sign + name : name + sign + literal;
}

std::string clock(std::size_t minutes) {
  char text[16];
  std::snprintf(text, sizeof text, "%02d:%02d", static_cast<int>(minutes / 60 % 24),
                static_cast<int>(minutes % 60));
  return text;
}

}  // namespace

std::string make_condition(Random& random, const std::vector<AttributeDraft>& attributes,
                           int depth) {
  if (depth <= 0 || random.chance(45)) return make_leaf(random, attributes);
  // Parentheses where they are needed, and now and then where they are not; without them `and`
  // binds before `or`, and `not` before both.
  const auto part = [&] {
    const std::string text = make_condition(random, attributes, depth - 1);
    return random.chance(60) ? "(" + text + ")" : text;
  };
  const auto joined = [&](const std::string& word) {
    std::string text = part();
    do text += word + part();
    while (random.chance(20));
    return text;
  };
  switch (random.below(3)) {
    case 0: return "not " + part();
    case 1: return joined(" and ");
    default: return joined(" or ");
  }
}

std::string make_window(Random& random) {
  static const std::vector<std::string> days = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  const std::size_t from = random.below(96) * 15;
  const std::size_t to = (from + 15 * (1 + random.below(94))) % 1440;
  std::string result = "between " + clock(from) + " and " + clock(to);
  if (random.chance(50)) {
    result += " on " + random.pick(days);
    if (random.chance(50)) result += "-" + random.pick(days);
    if (random.chance(30)) result += ", " + random.pick(days);
  }
  if (random.chance(70)) result += " in " + random.pick(kZones);
  return result;
}

}  // namespace remit::generate
