// The victim of tests/audit_crash_test.py: four threads check and record, durably, until it is killed. Each check
// that returned says so in one line, "SEQ DECISION RESOURCE", after it returned; a denied one says "-".
//
//   audit_crash IMAGE LOG KEY kill     until it is killed
//   audit_crash IMAGE LOG KEY full N   no file may be written beyond N bytes, which is a full disk to whoever writes; once
//                                      some checks were denied for it there is room again, and it goes on and ends
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <remit/audit.h>
#include <remit/remit.h>

namespace {

using namespace remit;

std::string read(const char* path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void limit_files(rlim_t most) {
  rlimit now{};
  ::getrlimit(RLIMIT_FSIZE, &now);
  now.rlim_cur = most;
  ::setrlimit(RLIMIT_FSIZE, &now);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  const bool full = std::strcmp(argv[4], "full") == 0;
  if (full && argc < 6) return 2;
  ::signal(SIGXFSZ, SIG_IGN);  // then a file that may not grow is an error of write()
  const std::string image = read(argv[1]);
  const auto task = Program::load(std::as_bytes(std::span<const char>(image)));
  AuditOptions options;
  options.origin = "crash.example";
  options.key = read(argv[3]);
  const auto log = AuditLog::open(argv[2], options);
  if (!task || !log) return std::fprintf(stderr, "%s\n", log ? "no program" : log.error().text.c_str()), 2;
  Opening opening;
  opening.agent = "spiffe://acme.example/agent/a";
  opening.user = "mike@acme.example";
  opening.layers = Layers::link(task.value()).value();
  opening.surroundings.audit = log.value();
  auto session = Session::open(opening, Time{});
  if (!session) return std::fprintf(stderr, "%s\n", session.error().text.c_str()), 2;
  if (full) limit_files(std::strtoull(argv[5], nullptr, 10));

  std::atomic<int> denied{0}, after{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; !full || after.load() < 200; ++i) {
        const std::string resource = "docs:/" + std::to_string(::getpid()) + "/" + std::to_string(t) + "/" + std::to_string(i);
        const Decision decision = session->check({"read", resource}, Time{});
        std::string line = "-\n";
        if (decision.allowed()) {
          line = std::to_string(decision.record) + " " + to_string(decision.id) + " " + resource + "\n";
          if (denied.load() >= 40) after.fetch_add(1);
        } else if (decision.reason == Reason::audit_unavailable) {
          if (denied.fetch_add(1) == 39) limit_files(RLIM_INFINITY);
        } else {
          std::fprintf(stderr, "%s\n", to_string(decision.reason));
          std::exit(3);
        }
        if (::write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size())) std::exit(4);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const Status closed = log.value()->close();
  return closed.ok() ? 0 : (std::fprintf(stderr, "%s\n", closed.error().text.c_str()), 5);
}
