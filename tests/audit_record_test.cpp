// Records: what each kind of event says, in canonical JSON that another writer agrees on; no secret is in any.
#include <map>
#include <set>

#include "engine/audit/json_text.h"
#include "tests/audit_support.h"
#include "tests/generate/random.h"

using namespace remit;
using namespace remit::test;
using Json = nlohmann::json;

namespace {

struct Lines {
  std::vector<std::string> all;
  std::shared_ptr<AuditLines> sink;

  explicit Lines(const AuditOptions& options = {}) {
    sink = AuditLines::to([this](std::string_view line) { return all.emplace_back(line), true; }, options).value();
  }
  Surroundings around() const {
    Surroundings out;
    out.audit = sink;
    return out;
  }
  Json last() const { return Json::parse(all.back()); }
};

// What changes from run to run.
Json without_ids(Json record) {
  for (const char* name : {"session", "parent", "decision", "approval", "programs", "request"}) record.erase(name);
  return record;
}

// RFC 8785 in its own words, through a tree of values: members sorted by UTF-16 code units, no white space, the
// shortest escapes. Numbers here are integers.
std::u16string utf16(const std::string& text) {
  std::u16string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    char32_t c = length == 1 ? lead : lead & (0xff >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) c = c << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3f);
    if (c >= 0x10000) {
      out.push_back(static_cast<char16_t>(0xd800 + ((c - 0x10000) >> 10)));
      out.push_back(static_cast<char16_t>(0xdc00 + ((c - 0x10000) & 0x3ff)));
    } else {
      out.push_back(static_cast<char16_t>(c));
    }
    i += length;
  }
  return out;
}
std::string canonical(const Json& value) {
  if (value.is_object()) {
    std::map<std::u16string, std::string> members;
    for (const auto& [name, member] : value.items()) members[utf16(name)] = Json(name).dump() + ":" + canonical(member);
    std::string out;
    for (const auto& [name, text] : members) out += (out.empty() ? "" : ",") + text;
    return "{" + out + "}";
  }
  if (!value.is_array()) return value.dump();
  std::string out;
  for (const Json& item : value) out += (out.empty() ? "" : ",") + canonical(item);
  return "[" + out + "]";
}

constexpr std::string_view kTask =
    "scope weekly\npurpose \"weekly summary\"\nexpires 9h\ndelegate\nread lab:/ when n < 5\ncreate lab:/out at most 2 times\nask update lab:/out because \"a person looks first\"\n";

}  // namespace

TEST_CASE("every kind of event has its record", "[audit]") {
  Lines lines;
  Opening opening;
  opening.agent = kAgent;
  opening.user = kPerson;
  opening.layers = layers_of(compile_or_die("scope weekly\n" + std::string(kLab) + std::string(kTask.substr(13))));
  opening.surroundings = lines.around();
  const Attribute facts[] = {{"user.role", "lead"}};
  opening.facts = facts;
  opening.trace.txn = "t-1";
  auto session = Session::open(opening, after(0)).value();
  const std::string digest = [&] {
    std::string out;
    audit::write_hex(out, opening.layers->program(0).digest());
    return out.substr(1, 64);
  }();
  CHECK(Json::parse(lines.all[0])["programs"] == Json::array({digest}));
  CHECK(Json::parse(lines.all[0])["session"] == to_string(session.id()));

  const Json who = {{"v", 1}, {"agent", kAgent}, {"chain", {kAgent}}, {"on_behalf_of", kPerson}, {"purpose", "weekly summary"}, {"txn", "t-1"}};
  const auto same = [&](Json expected, std::uint64_t seq, const char* time = "2001-09-09T01:46:40.000000Z") {
    expected.update(who);
    expected["seq"] = seq;
    expected["time"] = time;
    REQUIRE(lines.all.size() == seq);
    CHECK(without_ids(lines.last()) == expected);
  };
  same({{"kind", "opening"}, {"opened", {{"facts", {{"user.role", "lead"}}}}}}, 1);

  const Json layer = {{"index", 0}, {"kind", "scope"}, {"name", "weekly"}};
  (void)session.check({"read", "lab:/a", {{"n", 3}, {"flag", true}}}, after(0));
  CHECK(lines.last()["sealed"].size() == 1);
  CHECK(lines.last()["sealed"]["flag"].get<std::string>().size() == 64);
  CHECK(lines.last()["attributes"] == Json{{"n", 3}});
  CHECK(lines.last()["rule"]["line"].is_number());

  Reservation reserved = session.reserve({"create", "lab:/out/x"}, after(1));
  const std::string decision = to_string(reserved.decision().id);
  CHECK(lines.last()["decision"] == decision);
  CHECK(lines.last()["charges"] == Json::array({{{"amount", 1}, {"layer", 0}, {"rule", 2}, {"used", 1}}}));
  reserved.rollback();
  CHECK(lines.last()["decision"] == decision);
  same({{"kind", "rollback"}}, 4, "2001-09-09T01:46:40.000001Z");
  Reservation second = session.reserve({"create", "lab:/out/x"}, after(1));
  second.commit();
  same({{"kind", "commit"}}, 6, "2001-09-09T01:46:40.000001Z");
  REQUIRE(session.outcome(second.decision().id, false, "the disk was full", after(2)).ok());
  CHECK(lines.last()["decision"] == to_string(second.decision().id));
  same({{"kind", "outcome"}, {"ok", false}, {"detail", "the disk was full"}}, 7, "2001-09-09T01:46:40.000002Z");

  const Decision ask = session.check({"update", "lab:/out/x"}, after(3));
  CHECK(lines.last()["effect"] == "ask");
  CHECK(lines.last()["approval"] == to_string(ask.approval));
  CHECK(lines.last()["rule"]["because"] == "a person looks first");
  CHECK(lines.last()["layer"] == layer);
  const std::string exact = lines.last()["request"];
  REQUIRE(session.approve(ask.approval, "ann@acme", after(4)).ok());
  CHECK(lines.last()["request"] == exact);
  CHECK(lines.last()["approval"] == to_string(ask.approval));
  same({{"kind", "approval"}, {"action", "update"}, {"resource", "lab:/out/x"}, {"by", "ann@acme"}, {"meaning", "approved"}}, 9, "2001-09-09T01:46:40.000004Z");
  CHECK(session.check({"update", "lab:/out/x"}, after(5)).reason == Reason::granted_by_approval);
  CHECK(lines.last()["request"] == exact);

  (void)session.check({"read", "no resource"}, after(6));
  same({{"kind", "decision"}, {"action", "read"}, {"resource", "no resource"}, {"effect", "deny"}, {"reason", "malformed_resource"}, {"layer", layer}}, 11,
       "2001-09-09T01:46:40.000006Z");

  Session child = child_of(session, scope("expires 1h\nread lab:/a\n"), 7);
  CHECK(lines.last()["kind"] == "delegation");
  CHECK(lines.last()["parent"] == to_string(session.id()));
  CHECK(lines.last()["chain"] == Json::array({kAgent, "spiffe://acme/agent/two"}));
  CHECK(lines.last()["programs"].size() == 2);
  Delegation bad;
  bad.agent = "spiffe://acme/agent/three";
  bad.task = scope("read lab:/a\nexpires 1h\n");
  CHECK_FALSE(child.delegate(bad, after(8)).ok());
  CHECK(lines.last()["kind"] == "refusal");
  CHECK(lines.last()["reason"] == "no_delegation");
  CHECK(lines.last()["parent"] == to_string(child.id()));
  CHECK_FALSE(lines.last().contains("session"));
  child.revoke("ann@acme", "enough", after(9));
  CHECK(lines.last()["kind"] == "revocation");
  CHECK(lines.last()["by"] == "ann@acme");
  CHECK(lines.last()["why"] == "enough");
  session.end(after(10));
  same({{"kind", "end"}}, 15, "2001-09-09T01:46:40.000010Z");
  CHECK_FALSE(session.outcome({}, true, "", after(11)).ok());
  CHECK_FALSE(session.outcome(ask.id, true, "\xff", after(11)).ok());

  for (const std::string& line : lines.all) CHECK(line == canonical(Json::parse(line)));
}

TEST_CASE("a refused opening says who was refused and why", "[audit]") {
  Lines lines;
  Opening opening;
  opening.agent = kAgent;
  opening.layers = layers_of(scope("expires 9h\nread lab:/\n"));
  opening.surroundings = lines.around();
  CHECK_FALSE(Session::open(opening, after(0)).ok());
  CHECK(lines.last()["reason"] == "no_accountable_person");
  CHECK(lines.last()["agent"] == kAgent);
  opening.layers.reset();
  opening.user = kPerson;
  CHECK_FALSE(Session::open(opening, after(0)).ok());
  CHECK(lines.last()["reason"] == "bad_argument");
  CHECK_FALSE(lines.last().contains("programs"));
}

TEST_CASE("a clock that runs back is recorded", "[audit]") {
  Lines lines;
  Session one = open("expires 9h\nread lab:/\n", lines.around());
  (void)one.check({"read", "lab:/a"}, after(50));
  Session two = open("expires 9h\nread lab:/\n", lines.around());  // a tree with a time of its own
  CHECK(lines.last()["clock_back"] == 50);
  (void)two.check({"read", "lab:/a"}, after(50));
  CHECK_FALSE(lines.last().contains("clock_back"));
}

TEST_CASE("sensitive values are sealed under the log's key, and so are values that no document speaks of", "[audit]") {
  AuditOptions options;
  options.sensitive = {"region", "user.ssn"};
  options.seal_key = "sixteen bytes or more";
  Lines lines(options), again(options);
  options.seal_key = "another key of enough bytes";
  Lines other(options);
  for (Lines* each : {&lines, &again, &other}) {
    Opening opening;
    opening.agent = kAgent;
    opening.user = kPerson;
    opening.layers = layers_of(scope("expires 9h\nread lab:/ when region == \"eu-secret\" and n < 5\n"));
    opening.surroundings = each->around();
    const Attribute facts[] = {{"user.role", "lead"}, {"user.ssn", "078-05-1120"}};
    opening.facts = facts;
    auto session = Session::open(opening, after(0)).value();
    CHECK(each->last()["opened"]["facts"] == Json{{"user.role", "lead"}});
    CHECK(each->last()["sealed"].contains("user.ssn"));
    (void)session.check({"read", "lab:/a", {{"region", "eu-secret"}, {"n", 1}, {"token", "hunter2"}}}, after(0));
    CHECK(each->last()["attributes"] == Json{{"n", 1}});
    for (const std::string& line : each->all) {
      CHECK(line.find("hunter2") == std::string::npos);
      CHECK(line.find("eu-secret") == std::string::npos);
      CHECK(line.find("078-05") == std::string::npos);
    }
  }
  CHECK(lines.last()["sealed"] == again.last()["sealed"]);
  CHECK(lines.last()["sealed"]["region"] != other.last()["sealed"]["region"]);
}

TEST_CASE("no token is in a record of a session that was opened from one", "[audit]") {
  Lines lines;
  Identity identity;
  identity.agent = kAgent;
  identity.user = kPerson;
  identity.issuer = "https://issuer.example";
  identity.chain = {"spiffe://acme/agent/zero"};
  identity.habit = BadHabit::impersonation;
  identity.supplied = true;
  identity.expires = after(kMinute);
  Opening opening;
  opening.identity = &identity;
  opening.layers = layers_of(scope("expires 9h\nread lab:/\n"));
  opening.surroundings = lines.around();
  auto session = Session::open(opening, after(0)).value();
  CHECK(lines.last()["habit"] == "impersonation");
  CHECK(lines.last()["chain"] == Json::array({"spiffe://acme/agent/zero", kAgent}));
  CHECK(lines.last()["opened"]["identity_expires"] == Json{{"time", after(kMinute).time_since_epoch().count()}});
}

TEST_CASE("any request has a canonical record, whatever its bytes", "[audit]") {
  Lines lines;
  Session session = open("expires 9h\nread lab:/ when n < 5\n", lines.around());
  generate::Random random(20'261'125);
  const auto text = [&](std::size_t most) {
    std::string out;
    for (std::size_t i = random.below(most); i > 0; --i) {
      switch (random.below(8)) {
        case 0: out.push_back(static_cast<char>(random.below(32))); break;
        case 1: out += "\xEE\x80\x80"; break;          // U+E000
        case 2: out += "\xF0\x9F\x98\x80"; break;      // U+1F600: before it in UTF-16
        case 3: out += random.below(20) == 0 ? "\xff" : "\xC3\xA9"; break;
        case 4: out += random.below(2) == 0 ? "\"" : "\\"; break;
        default: out.push_back(static_cast<char>('a' + random.below(26)));
      }
    }
    return out;
  };
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::string> names, values;
    std::vector<Attribute> attributes;
    const std::size_t count = random.below(round % 100 == 0 ? 80 : 6);
    names.reserve(count);
    values.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      names.push_back(random.below(3) == 0 ? "n" : text(6));
      values.push_back(text(random.below(50) == 0 ? 6000 : 12));
      const auto number = static_cast<std::int64_t>(random.next());
      switch (random.below(6)) {
        case 0: attributes.push_back({names[i], Value(std::string_view(values[i]))}); break;
        case 1: attributes.push_back({names[i], Value(ResourceName{values[i]})}); break;
        case 2: attributes.push_back({names[i], Value(Bytes{number})}); break;
        case 3: attributes.push_back({names[i], Value(time_from_micros(number))}); break;
        case 4: attributes.push_back({names[i], Value(number % 2 == 0)}); break;
        default: attributes.push_back({names[i], Value(number)});
      }
    }
    const std::string action = text(8), resource = random.below(4) == 0 ? "lab:/a" : text(30);
    (void)session.check(Request(action, resource, attributes), after(round));
    const std::string& line = lines.all.back();
    REQUIRE(line == canonical(Json::parse(line)));
  }
}

TEST_CASE("numbers beyond 2^53 and times beyond four digits of a year are texts", "[audit]") {
  const auto written = [](const Value& value) {
    std::string out;
    audit::write_value(out, value);
    return out;
  };
  CHECK(written(Value((std::int64_t{1} << 53) - 1)) == "9007199254740991");
  CHECK(written(Value(std::int64_t{1} << 53)) == R"({"int":"9007199254740992"})");
  CHECK(written(Value(bytes(INT64_MIN))) == R"({"size":"-9223372036854775808"})");
  const auto time = [](std::int64_t micros) {
    std::string out;
    audit::write_time(out, micros);
    return out;
  };
  CHECK(time(0) == "\"1970-01-01T00:00:00.000000Z\"");
  CHECK(time(-1) == "\"1969-12-31T23:59:59.999999Z\"");
  CHECK(time(1'795'425'247'123'456) == "\"2026-11-23T09:14:07.123456Z\"");
  CHECK(time(253'402'300'799'999'999) == "\"9999-12-31T23:59:59.999999Z\"");
  CHECK(time(253'402'300'800'000'000) == "\"253402300800000000\"");
  CHECK(time(INT64_MIN) == "\"-9223372036854775808\"");
}

TEST_CASE("a line that cannot be taken denies, and is not counted", "[audit]") {
  bool takes = true;
  std::size_t taken = 0;
  const auto sink = AuditLines::to([&](std::string_view) { return takes ? ++taken, true : false; }).value();
  Surroundings around;
  around.audit = sink;
  Session session = open("expires 9h\nread lab:/\n", around);
  takes = false;
  CHECK(session.check({"read", "lab:/a"}, after(0)).reason == Reason::audit_unavailable);
  takes = true;
  CHECK(session.check({"read", "lab:/a"}, after(0)).record == 2);
}
