// The victim of tests/store_crash_test.py: spends a stored limit until it is killed. Says "+" once for each
// grant, after it was granted.
//
//   store_crash open IMAGE STORE         opens a session; prints its tree's id
//   store_crash spend IMAGE STORE TREE   resumes it and spends; ends by itself once nothing is left
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <remit/remit.h>
#include <remit/sqlite_store.h>

int main(int argc, char** argv) {
  using namespace remit;
  if (argc < 4) return 2;
  std::ifstream in(argv[2], std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const auto task = Program::load(std::as_bytes(std::span<const char>(bytes)));
  const auto store = SqliteStore::open(argv[3]);
  if (!task || !store) return 2;
  Surroundings around;
  around.store = store.value();
  if (std::strcmp(argv[1], "open") == 0) {
    Opening opening;
    opening.agent = "spiffe://acme.example/agent/a";
    opening.user = "mike@acme.example";
    opening.layers = Layers::link(task.value()).value();
    opening.surroundings = around;
    const auto session = Session::open(opening, Time{});
    if (!session) return std::fprintf(stderr, "%s\n", session.error().text.c_str()), 2;
    std::printf("%s\n", to_string(session->tree()).c_str());
    return 0;
  }
  Id tree;
  if (argc < 5 || !parse_id(argv[4], tree)) return 2;
  auto sessions = Session::resume(tree, std::vector<Program>{task.value()}, around);
  if (!sessions) return std::fprintf(stderr, "%s\n", sessions.error().text.c_str()), 2;
  for (;;) {
    const Decision decision = sessions->front().check({"read", "docs:/a"}, Time{});
    if (decision.reason == Reason::limit_exceeded) return 0;
    if (!decision.allowed()) return std::fprintf(stderr, "%s\n", to_string(decision.reason)), 3;
    if (::write(STDOUT_FILENO, "+", 1) != 1) return 4;
  }
}
