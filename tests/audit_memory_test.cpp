// Where memory runs out on the way to the trail: nothing ends the process, nothing is half recorded, and what was
// answered is there. Allocations of the calling thread fail one after the other, then those of the log's own thread.
#include <thread>

#include "tests/audit_support.h"
#include "tests/failing_memory.h"

using namespace remit;
using namespace remit::test;

TEST_CASE("a caller without memory is denied, refused or told", "[audit]") {
  g_main = true;
  const Folder folder;
  const std::string path = folder / "trail.db", key = fresh_key();
  const AuditOptions options = options_of(AuditMode::buffered, key);
  std::shared_ptr<AuditLog> log;
  for (long n = 0; log == nullptr; ++n) {
    REQUIRE(n < 10'000);
    g_left = n;
    auto opened = AuditLog::open(path, options);
    g_left = -1;
    if (opened) {
      log = opened.value();
    } else {
      CHECK_FALSE(opened.error().text.empty());
    }
  }
  Opening opening;
  opening.agent = kAgent;
  opening.user = kPerson;
  opening.layers = layers_of(scope("expires 9h\nread lab:/\nask create lab:/\n"));
  opening.surroundings.audit = log;
  std::optional<Session> session;
  for (long n = 0; !session; ++n) {
    REQUIRE(n < 10'000);
    g_left = n;
    auto opened = Session::open(opening, after(0));
    g_left = -1;
    if (opened) session.emplace(std::move(opened).value());
  }
  // A request of many bytes, so that its copy does not stand in the queue itself.
  const std::string text(3000, 'x');
  const Attribute attributes[] = {{"region", std::string_view(text)}};
  const Request request("read", "lab:/a", attributes);
  std::uint64_t granted = 0;
  for (long n = 0; granted == 0; ++n) {
    REQUIRE(n < 1'000);
    g_left = n;
    const Decision decision = session->check(request, after(n));
    g_left = -1;
    if (decision.allowed()) {
      granted = decision.record;
    } else {
      CHECK(decision.reason == Reason::audit_unavailable);
    }
  }
  REQUIRE(log->close().ok());
  require_whole(path, key);
  std::size_t found = 0, denied = 0;
  for (const nlohmann::json& record : bodies(path)) {
    if (record["kind"] == "decision") {
      ++found;
      CHECK(record["seq"] == granted);
    }
    if (record["kind"] == "gap") denied += record["denied"].get<std::size_t>();
  }
  CHECK(found == 1);
  CHECK(denied > 0);
}

TEST_CASE("a log whose own thread has no memory tries again, and loses nothing that it accepted", "[audit]") {
  g_main = true;
  for (const AuditMode mode : {AuditMode::buffered, AuditMode::durable}) {
    const Folder folder;
    const std::string path = folder / "trail.db", key = fresh_key();
    const auto log = AuditLog::open(path, options_of(mode, key)).value();
    Surroundings around;
    around.audit = log;
    Session session = open("expires 9h\nread lab:/\n", around);
    std::vector<Decision> granted;
    for (const unsigned every : {1u, 2u, 7u, 50u, 400u, 0u}) {
      g_every = every;
      for (int i = 0; i < (mode == AuditMode::buffered ? 200 : 15); ++i) {
        const Decision decision = session.check({"read", "lab:/a"}, after(i));
        if (decision.allowed()) granted.push_back(decision);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
    }
    g_every = 0;
    for (int tries = 0; tries < 100 && !log->flush().ok(); ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    REQUIRE(log->close().ok());
    require_whole(path, key);
    CHECK_FALSE(granted.empty());
    const AuditReader reader = AuditReader::open(path).value();
    for (const Decision& decision : granted) {
      bool same = false;
      REQUIRE(reader.record(decision.record, [&](const AuditRecord& record) { return same = record.decision == to_string(decision.id), true; }).ok());
      CHECK(same);
    }
  }
}
