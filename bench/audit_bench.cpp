// What the audit trail costs: the calling thread, the path from an event to a hashed record, the database, and
// waiting for the disk. Rows with a rate say `items_per_second`. Databases are made in the folder for temporary
// files, so the last two rows say as much about that disk as about us.
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <remit/audit.h>
#include <remit/audit_proof.h>

#include "bench/folders.h"
#include "engine/audit/queue.h"
#include "engine/audit/render.h"
#include "engine/audit/tree.h"

namespace {

using namespace remit;
using namespace remit::bench;

const std::string kScope =
    "expires 9h\nread docs:/clinical when size < 5MB\ncreate docs:/clinical/notes\ndeny read docs:/clinical/secret because \"not for agents\"\n";
const Attribute kAttributes[] = {{"size", bytes(20'000)}};
const Request kRequest("read", "docs:/clinical/site-7/visit-7/2026/week-47/protocol.pdf", kAttributes);

class Trail {
 public:
  explicit Trail(AuditMode mode) {
    std::string name = (std::filesystem::temp_directory_path() / "remit-bench-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    AuditOptions options;
    options.mode = mode;
    options.key = SigningKey::generate("remit")->to_pem().value();
    log = AuditLog::open((folder_ / "trail.db").string(), options).value();
  }
  ~Trail() {
    log.reset();
    std::filesystem::remove_all(folder_);
  }
  Trail(const Trail&) = delete;
  Trail& operator=(const Trail&) = delete;

  std::shared_ptr<AuditLog> log;

 private:
  std::filesystem::path folder_;
};

Session open(const std::shared_ptr<AuditSink>& sink) {
  Opening opening;
  opening.agent = "spiffe://acme.example/agent/summarizer";
  opening.user = "mike@acme.example";
  opening.purpose = "weekly summary";
  opening.layers = Layers::link(compile_or_die(kScope)).value();
  opening.surroundings.audit = sink;
  return Session::open(opening, kNow).value();
}

// Takes events and does nothing with them, but for what a test does to one.
class Null final : public AuditSink {
 public:
  std::uint64_t write(const AuditEvent& event) noexcept override {
    benchmark::DoNotOptimize(&event);
    return 1;
  }
};

void audit_check_without(benchmark::State& state) {
  Session session = open(nullptr);
  for (auto _ : state) benchmark::DoNotOptimize(session.check(kRequest, kNow));
}
BENCHMARK(audit_check_without);

// The event alone: ids, charges and the call.
void audit_check_null_sink(benchmark::State& state) {
  Session session = open(std::make_shared<Null>());
  for (auto _ : state) benchmark::DoNotOptimize(session.check(kRequest, kNow));
}
BENCHMARK(audit_check_null_sink);

// In bursts that the queue holds, as a host's checks come; what the writing thread does meanwhile on another core
// is not counted, but what it costs this one (caches, the memory bus) is.
void audit_check_buffered(benchmark::State& state) {
  const Trail trail(AuditMode::buffered);
  Session session = open(trail.log);
  constexpr int kBurst = 8000;
  std::vector<double> times;
  for (auto _ : state) {
    const auto before = std::chrono::steady_clock::now();
    for (int i = 0; i < kBurst; ++i) benchmark::DoNotOptimize(session.check(kRequest, kNow));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - before;
    state.SetIterationTime(took.count() / kBurst);
    times.push_back(took.count() / kBurst);
    if (!trail.log->flush().ok()) state.SkipWithError("the log fails");
  }
  std::sort(times.begin(), times.end());
  state.counters["median_ns"] = times.empty() ? 0 : times[times.size() / 2] * 1e9;
}
BENCHMARK(audit_check_buffered)->UseManualTime()->Iterations(100);

// One core: event -> queue -> canonical JSON -> leaf -> tree.
void audit_hash_and_queue(benchmark::State& state) {
  const auto session = std::make_shared<AuditedSession>();
  session->session.bytes.fill(7);
  session->facts.agent = "spiffe://acme.example/agent/summarizer";
  session->facts.user = "mike@acme.example";
  session->facts.purpose = "weekly summary";
  session->chain = {"spiffe://acme.example/agent/summarizer"};
  session->layers = Layers::link(compile_or_die(kScope)).value();
  const std::shared_ptr<const AuditedSession> shared = session;
  Decision decision = session->layers->decide(kRequest, session->facts, kNow);
  decision.id.bytes.fill(9);
  AuditEvent event{shared, AuditEvent::Kind::decision, kNow};
  event.request = &kRequest;
  event.action = kRequest.action;
  event.resource = kRequest.resource;
  event.decision = decision;
  audit::Queue queue(16'384);
  audit::Renderer renderer(AuditOptions{});
  audit::Tree tree;
  std::size_t bytes = 0;
  for (auto _ : state) {
    audit::Packer packed;
    audit::pack(packed, event);
    queue.push([&](audit::QueuedEvent& cell) {
      cell.session = event.session;
      cell.time = kNow.time_since_epoch().count();
      cell.kind = event.kind;
      cell.hold(packed.bytes(), nullptr);
    });
    bool fresh = false;
    const audit::Rendered& record = renderer.render(*queue.at(0), tree.size() + 1, INT64_MIN, fresh);
    bytes += record.body.size();
    tree.append(leaf_hash(record.body));
    queue.release(1);
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["record_bytes"] = static_cast<double>(bytes) / static_cast<double>(state.iterations());
}
BENCHMARK(audit_hash_and_queue);

void audit_sqlite_buffered(benchmark::State& state) {
  constexpr int kRecords = 100'000;
  for (auto _ : state) {
    const Trail trail(AuditMode::buffered);
    Session session = open(trail.log);
    const auto before = std::chrono::steady_clock::now();
    for (int i = 0; i < kRecords; ++i) {
      while (i % 1024 == 0 && trail.log->status().queued > 8192) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      benchmark::DoNotOptimize(session.check(kRequest, kNow));
    }
    if (!trail.log->flush().ok() || trail.log->status().records != kRecords + 1) state.SkipWithError("records are missing");
    state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count());
  }
  state.SetItemsProcessed(state.iterations() * kRecords);
}
BENCHMARK(audit_sqlite_buffered)->MeasureProcessCPUTime()->UseManualTime()->Iterations(3)->Unit(benchmark::kMillisecond);

void audit_durable_16_threads(benchmark::State& state) {
  constexpr int kThreads = 16, kChecks = 500;
  for (auto _ : state) {
    const Trail trail(AuditMode::durable);
    Session session = open(trail.log);
    const auto before = std::chrono::steady_clock::now();
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < kChecks; ++i) benchmark::DoNotOptimize(session.check(kRequest, kNow));
      });
    }
    for (std::thread& thread : threads) thread.join();
    state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count());
    if (trail.log->status().records < kThreads * kChecks) state.SkipWithError("records are missing");
  }
  state.SetItemsProcessed(state.iterations() * kThreads * kChecks);
}
BENCHMARK(audit_durable_16_threads)->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
