// Words. See vocabulary.h.
#include "tests/generate/vocabulary.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "lang/check/resolved.h"

namespace remit::generate {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

const std::vector<std::string> kSegments = {
    "a",  "b",     "c",   "aa",  "ab",  "abc",  "A",    "a.b", "b.md", "é",    "日本",
    "😀", "b c",   "a*",  "x?y", "a,b", "a;b",  "q\"r", "a#b", "%zz",  "100%", "...",
    ".a", "a-b_c", "(a)", "{a}", "[a]", "an@x", "e",    "'",   "$a",   "a=b"};
const std::vector<std::string> kWildSegments = {"*",  "?",  "a*",  "*b",   "a*b",   "?*", "*.*",
                                                "a?", "?b", "*a*", "**",   "a*b*c", "*?", "??",
                                                "é*", "*é", "a**", "*.md", "?*?"};
const std::vector<std::string> kStrings = {"",    "eu",   "us",   "e",    "é",    "a b",     "b.md",
                                           "a.b", "lead", "head", "x\"y", "😀",   "nightly", "acme",
                                           "eus", "*",    "a?",   "abc",  "aXbYc"};
const std::vector<std::int64_t> kNumbers = {0, 1, -1, 5, 6, 10, 1000, INT64_MAX, INT64_MIN};

std::string quoted(Random& random, const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (c == 'e' && random.chance(10)) {
      result += "\\u{65}";
    } else {
      result += c;
    }
  }
  return result + "\"";
}

std::string time_text(Random& random, std::int64_t micros) {
  // Written with an offset of whole minutes, so that the same moment has several spellings.
  static constexpr int kOffsets[] = {0, 60, -300, 330, 1439};
  const int offset = random.pick(kOffsets);
  const std::int64_t local = micros + offset * 60 * kSecond;
  std::int64_t seconds = local / kSecond, fraction = local % kSecond;
  if (fraction < 0) fraction += kSecond, --seconds;
  const std::time_t when = seconds;
  std::tm parts{};
  gmtime_r(&when, &parts);
  char text[64], zone[16] = "Z";
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", parts.tm_year + 1900,
                parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
  if (offset != 0) {
    const int minutes = offset < 0 ? -offset : offset;
    std::snprintf(zone, sizeof zone, "%c%02d:%02d", offset < 0 ? '-' : '+', minutes / 60,
                  minutes % 60);
  }
  std::string result = text;
  if (fraction != 0) {
    char digits[16];
    std::snprintf(digits, sizeof digits, ".%06d", static_cast<int>(fraction));
    result += digits;
  }
  return result + zone;
}

Literal make_list(Random& random, Type element) {
  Literal result;
  result.value.type = Type::list;
  const std::size_t count = 1 + random.below(3);
  for (std::size_t i = 0; i < count; ++i) {
    const Literal item = make_literal(random, element);
    result.text += (i == 0 ? "" : ", ") + item.text;
    result.value.items.push_back(item.value);
  }
  result.text = "[" + result.text + "]";
  result.value.element = element;
  return result;
}

}  // namespace

const std::vector<std::string> kSystemNames = {"lab", "box", "vault-2", "a+b", "k9"};
const std::vector<std::string> kGlobs = {"*", "e*", "*u", "?",   "*.*", "e?",  "a*b*c",
                                         "",  "é",  "??", "*?*", "*é*", "b.md"};
const std::vector<std::string> kZones = {"UTC",          "Europe/Zurich",       "America/New_York",
                                         "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Tokyo"};

SystemDraft make_system(Random& random, const std::string& name) {
  SystemDraft system;
  system.name = name;
  static const std::vector<std::string> plain = {"read",      "list",  "send", "getUser",
                                                 "a.b:c-D_1", "limit", "2fa"};
  for (const std::string& action : plain) {
    if (random.chance(45)) system.actions.push_back({action, {}});
  }
  if (random.chance(70)) {
    system.actions.push_back({"write", {"create", "update"}});
    if (random.chance(40)) system.actions.back().members.push_back("tools/call");
    if (random.chance(40)) system.actions.push_back({"change", {"write", "cut"}});
    if (random.chance(20)) system.actions.push_back({"touch", {"update", "move"}});
  }
  if (system.actions.empty()) system.actions.push_back({"read", {}});
  const std::vector<AttributeDraft> attributes = {
      {"n", Type::integer, Type::any},       {"m", Type::integer, Type::any},
      {"size", Type::size, Type::any},       {"region", Type::string, Type::any},
      {"kind", Type::string, Type::any},     {"flag", Type::boolean, Type::any},
      {"due", Type::time, Type::any},        {"took", Type::duration, Type::any},
      {"labels", Type::list, Type::string},  {"ports", Type::list, Type::integer},
      {"target", Type::resource, Type::any}, {"allowance", Type::size, Type::any}};
  for (const AttributeDraft& attribute : attributes) {
    if (random.chance(75)) system.attributes.push_back(attribute);
  }
  // Order of declaration means nothing.
  for (std::size_t i = system.attributes.size(); i > 1; --i) {
    std::swap(system.attributes[i - 1], system.attributes[random.below(i)]);
  }
  return system;
}

SystemDraft vary_system(Random& random, const SystemDraft& system) {
  SystemDraft result = system;
  for (int times = 1 + static_cast<int>(random.below(3)); times > 0; --times) {
    switch (random.below(4)) {
      case 0:
        if (result.actions.size() > 1) {
          const auto at = static_cast<std::ptrdiff_t>(random.below(result.actions.size()));
          result.actions.erase(result.actions.begin() + at);
        }
        break;
      case 1:
        for (ActionDraft& action : result.actions) {
          if (action.members.size() > 1 && random.chance(60)) action.members.pop_back();
        }
        break;
      case 2:
        if (!result.attributes.empty()) result.attributes.pop_back();
        break;
      default:
        if (result.attributes.empty()) break;
        auto& attribute = result.attributes[random.below(result.attributes.size())];
        attribute.type = random.pick({Type::integer, Type::string, Type::size, Type::boolean});
        attribute.element = Type::any;
    }
  }
  return result;
}

Literal make_literal(Random& random, Type type, Type element) {
  Literal result;
  result.value.type = type;
  std::int64_t& number = result.value.number;
  switch (type) {
    case Type::boolean:
      number = random.chance(50) ? 1 : 0;
      result.text = number != 0 ? "true" : "false";
      break;
    case Type::integer:
      number = random.pick(kNumbers);
      result.text = number == 1000 ? "1_000" : std::to_string(number);
      break;
    case Type::size: {
      struct Size {
        const char* text;
        std::int64_t count;
      };
      static constexpr Size kSizes[] = {{"0B", 0},          {"999B", 999},
                                        {"1KB", 1000},      {"1KiB", 1024},
                                        {"5MB", 5'000'000}, {"1TiB", std::int64_t{1} << 40},
                                        {"2000B", 2000}};
      const Size& size = random.pick(kSizes);
      result.text = size.text;
      number = size.count;
      break;
    }
    case Type::duration: {
      struct Span {
        const char* text;
        std::int64_t count;
      };
      static constexpr Span kSpans[] = {
          {"500ms", 500'000},     {"1m30s", 90 * kSecond},       {"1h30m", 5400 * kSecond},
          {"2h", 7200 * kSecond}, {"1w2d", 9 * 86400 * kSecond}, {"0s", 0}};
      const Span& span = random.pick(kSpans);
      result.text = span.text;
      number = span.count;
      break;
    }
    case Type::time:
      number = (1'781'253'000 + random.between(-3, 3) * 3600) * kSecond;
      if (random.chance(30)) number += 123'456;
      result.text = time_text(random, number);
      break;
    case Type::resource:
      result.value.text = random.pick({"lab:/a", "lab:/a/b", "box:an@x", "lab:/"});
      result.text = result.value.text;
      break;
    case Type::list: return make_list(random, element);
    default:
      result.value.text = random.pick(kStrings);
      result.text = quoted(random, result.value.text);
  }
  return result;
}

std::string make_segment(Random& random) {
  // Mostly the first few, so that paths of different patterns meet.
  return random.chance(75) ? kSegments[random.below(6)] : random.pick(kSegments);
}

std::string make_pattern_segment(Random& random) {
  if (random.chance(62)) return make_segment(random);
  std::string result = random.pick(kWildSegments);
  if (result == "**") return std::string(1, lang::kDeep);
  if (result == "a**") result = "a*";  // `**` beside other text is an error
  std::replace(result.begin(), result.end(), '*', lang::kStar);
  std::replace(result.begin(), result.end(), '?', lang::kQuestion);
  return result;
}

std::string write_path(Random& random, const std::string& path) {
  // An unquoted path ends at these, and a `#` that touches text is an error.
  const bool must = path.find_first_of(",;()[]{}\"#$") != std::string::npos;
  const bool quotes = must || random.chance(20);
  std::string result;
  for (const char c : path) {
    switch (c) {
      case lang::kStar: result += '*'; break;
      case lang::kQuestion: result += '?'; break;
      case lang::kDeep: result += "**"; break;
      case '*':
      case '?': result += std::string("\\") + c; break;
      case '"': result += "\\\""; break;
      case ' ': result += quotes ? " " : "\\ "; break;
      default: result += c;
    }
  }
  return quotes ? '"' + result + '"' : result;
}

std::string cat(std::initializer_list<std::string> parts) {
  std::string result;
  for (const std::string& part : parts) result += part;
  return result;
}

std::int64_t make_moment(Random& random) {
  static constexpr std::int64_t kMoments[] = {
      1'781'253'000,  // a day in June 2026
      1'772'950'800,  // near New York's spring change
      1'774'744'200,  // near Europe's
      1'792'887'000,  // near Europe's autumn change
      1'775'314'800,  // near Lord Howe's half hour
      0,
      4'102'444'800,  // where the known offsets begin and end
  };
  std::int64_t seconds = random.pick(kMoments);
  seconds += random.between(-2, 2) * 1800;
  return seconds * kSecond + (random.chance(30) ? 123'456 : 0);
}

}  // namespace remit::generate
