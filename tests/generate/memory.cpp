// Memory in documents. See memory.h.
#include "tests/generate/memory.h"

#include "tests/generate/vocabulary.h"

namespace remit::generate {
namespace {

// Small amounts, so that a handful of requests fills them; the spans of kSpans for windows.
std::string make_amount(Random& random, const std::vector<AttributeDraft>& attributes) {
  static const std::vector<std::string> sizes = {"0B", "999B", "2000B", "2KiB", "10MB"};
  static const std::vector<std::string> spans = {"64ms", "1s", "1m4s", "10m", "1h", "1d"};
  std::vector<std::string> amounts = {cat({std::to_string(random.below(4)), " times"}),
                                      cat({std::to_string(1 + random.below(2)), " times"})};
  for (const AttributeDraft& attribute : attributes) {
    if (attribute.name == "size" && attribute.type == Type::size)
      amounts.push_back(random.pick(sizes));
    if (attribute.type == Type::size)
      amounts.push_back(random.pick(sizes) + " of " + attribute.name);
    if (attribute.type == Type::integer)
      amounts.push_back(std::to_string(random.pick({5, 6, 11, 1000})) + " of " + attribute.name);
    if (attribute.type == Type::duration)
      amounts.push_back(random.pick({"500ms", "3m", "2h"}) + (" of " + attribute.name));
  }
  // Counts are the half of all.
  std::string amount = random.chance(50) ? amounts[random.below(2)] : random.pick(amounts);
  if (random.chance(50)) amount += " per " + random.pick(spans);
  return amount;
}

std::string make_patterns(Random& random, const std::vector<std::string>& patterns) {
  std::string result = random.pick(patterns);
  if (random.chance(30)) result += ", " + random.pick(patterns);
  return result;
}

}  // namespace

const std::vector<std::string> kAgents = {"spiffe://acme.example/agent/one",
                                          "spiffe://acme.example/agent/two",
                                          "spiffe://acme.example/agent/two/x",
                                          "spiffe://other.example/bot",
                                          "SPIFFE://Acme.example/agent/One",
                                          "e",
                                          "acme"};
const std::vector<std::string> kUsers = {"ann", "eu", "bob@acme.example"};

void remember_lifetime(Random& random, std::vector<std::string>& statements) {
  static const std::vector<std::string> agents = {"spiffe://acme.example/agent/*",
                                                  "spiffe://acme.example/**",
                                                  "spiffe://**",
                                                  "spiffe://acme.example/agent/one",
                                                  "acme",
                                                  "*",
                                                  "spiffe://*/bot",
                                                  "**/x"};
  static const std::vector<std::string> users = {"ann", "*@acme.example", "*", "e*"};
  static const std::vector<std::string> idle = {"10m", "20m", "1h", "1s"};
  if (random.chance(15)) statements.push_back("idle " + random.pick(idle));
  if (random.chance(12)) statements.push_back("agent " + make_patterns(random, agents));
  if (random.chance(8)) statements.push_back("on behalf of " + make_patterns(random, users));
  if (random.chance(35)) return;
  std::string delegate = "delegate";
  if (random.chance(60))
    delegate += cat({" up to ", std::to_string(1 + random.below(3)), " levels"});
  if (random.chance(50)) delegate += " to " + make_patterns(random, agents);
  statements.push_back(delegate);
}

void remember_amount(Random& random, RuleDraft& rule,
                     const std::vector<AttributeDraft>& attributes) {
  if (rule.effect == "limit") {
    rule.amount = make_amount(random, attributes);
  } else if (rule.effect != "deny" && random.chance(20)) {
    rule.clauses.push_back("at most " + make_amount(random, attributes));
  }
}

}  // namespace remit::generate
