// Writes the workloads that all engines answer: `remit_peers_generate FOLDER`.
//   task.json           the nine rules of examples/clinical-summary
//   organisation.json   the same task, a guardrail of 100 rules, a user's grants of 10,000
//   rules-N.json        one layer of N path rules, N from 10 to 100,000
// Malformed resources are left out: no peer validates paths, so their answers would differ by
// design.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "bench/peers/remit_side.h"

namespace {

using namespace remit::peers;

const std::vector<std::string> kWrite = {"write",  "create",  "update",
                                         "append", "comment", "restore"},
                               kSend = {"send", "reply", "forward"};

// Of the standard library's declarations, those that the workloads use.
const std::map<std::string, std::vector<std::string>> kSystems = {
    {"docs",
     {"list", "read", "search", "write", "create", "update", "append", "comment", "restore",
      "delete", "purge", "share", "publish", "sign"}},
    {"ws",
     {"list", "read", "search", "write", "create", "update", "append", "comment", "restore",
      "delete", "purge", "share", "publish", "execute"}},
    {"mail",
     {"list", "read", "search", "write", "create", "update", "file", "mark", "delete", "purge",
      "send", "reply", "forward", "share"}}};

std::uint32_t line_of(const std::string& text, const std::string& start) {
  const std::size_t at = text.find("\n" + start);
  if (at == std::string::npos) std::abort();  // the example has changed
  return static_cast<std::uint32_t>(
      std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 2);
}

std::vector<Rule> task_rules(const std::string& text) {
  const auto line = [&](const char* start) { return line_of(text, start); };
  return {
      {.actions = {"list", "read"},
       .prefix = "docs:/clinical/A",
       .line = line("list, read $folder")},
      {.deny = true,
       .actions = {"*"},
       .prefix = "docs:/clinical/A/hr",
       .line = line("deny any $folder/hr")},
      {.actions = {"list", "read"}, .prefix = "ws:/proj/B", .line = line("list, read $project")},
      {.actions = kWrite,
       .prefix = "ws:/proj/B/summaries",
       .filename_suffix = ".md",
       .line = line("write $project/summaries")},
      {.deny = true,
       .actions = kWrite,
       .prefix = "ws:/proj/B",
       .size_over = 5'000'000,
       .line = line("deny write $project")},
      {.deny = true,
       .ask = true,
       .actions = kSend,
       .prefix = "mail:",
       .suffix = "@acme.example",
       .line = line("ask send")},
      {.deny = true,
       .actions = kSend,
       .prefix = "mail:",
       .not_suffix = "@acme.example",
       .line = line("deny send")}};
}

// One line each, after a head of one line.
void number(std::vector<Rule>& rules) {
  for (std::size_t i = 0; i < rules.size(); ++i) rules[i].line = static_cast<std::uint32_t>(i + 2);
}

// As a Remit document; only for rules without conditions.
std::string text_of(const std::string& head, const std::vector<Rule>& rules) {
  std::string text = head;
  for (const Rule& rule : rules) {
    text += rule.deny ? "deny " : head.starts_with("guardrail") ? "allow " : "";
    for (const std::string& action : rule.actions) {
      if (&action != rule.actions.data()) text += ", ";
      text += action == "*" ? "any" : action;
    }
    text += rule.only ? " only " : " ";
    text += rule.prefix;
    text += "\n";
  }
  return text;
}

std::string folder(std::size_t i) {
  return "docs:/clinical/A/site-" + std::to_string(i % 89) + "/visit-" + std::to_string(i);
}

std::vector<Query> task_queries(std::size_t folders) {
  std::vector<Query> queries;
  for (std::size_t i = 0; i < 4096; ++i) {
    const std::string n = std::to_string(i), under = folder(i * 7919 % folders);
    switch (i % 8) {
      case 0:
      case 1:
      case 2:
        queries.push_back({.action = "read", .resource = under});
        queries.back().resource.append("/protocol-").append(n).append(".pdf");
        break;
      case 3: queries.push_back({.action = "list", .resource = under}); break;
      case 4:
        queries.push_back(
            {.action = "read", .resource = "docs:/clinical/A/hr/review-" + n + ".md"});
        break;
      case 5:
        queries.push_back({.action = "update",
                           .resource = "ws:/proj/B/summaries/w" + n + (i % 3 ? ".md" : ".exe"),
                           .filename = "w" + n + (i % 3 ? ".md" : ".exe"),
                           .size = i % 5 ? 20'000 : 6'000'000});
        break;
      case 6:
        queries.push_back(
            {.action = "read",
             .resource = (i % 16 < 8 ? "ws:/proj/B/plan-" : "docs:/clinical/AB/plan-") + n});
        break;
      default:
        queries.push_back(
            {.action = "send",
             .resource = "mail:ann" + n + (i % 16 < 8 ? "@acme.example" : "@partner.example")});
    }
  }
  return queries;
}

Workload task(const std::string& text) {
  return {.name = "task",
          .texts = {text},
          .layers = {task_rules(text)},
          .queries = task_queries(20'000),
          .expires_seconds = 14'400,  // `expires 4h`
          .systems = kSystems};
}

Workload organisation(const std::string& text) {
  std::vector<Rule> guardrail, grants;
  for (const char* system : {"docs:", "ws:", "mail:"})
    guardrail.push_back({.actions = {"*"}, .prefix = system});
  while (guardrail.size() < 100)
    guardrail.push_back(
        {.deny = true, .actions = {"read"}, .prefix = folder(guardrail.size() * 31)});
  grants.push_back(
      {.actions = {"list", "read", "create", "update", "append"}, .prefix = "ws:/proj/B"});
  while (grants.size() < 10'000)
    grants.push_back({.actions = {"list", "read"},
                      .prefix = folder(grants.size()),
                      .only = grants.size() % 10 >= 7});
  number(guardrail);
  number(grants);
  return {.name = "organisation",
          .texts = {text, text_of("guardrail g\n", guardrail), text_of("grants m\n", grants)},
          .layers = {task_rules(text), guardrail, grants},
          .queries = task_queries(20'000),
          .expires_seconds = 14'400,  // `expires 4h`
          .systems = kSystems};
}

// The documents and requests that decide_by_rules measures too.
Workload scaling(std::size_t count) {
  std::vector<Rule> rules;
  rules.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    rules.push_back({.deny = i % 12 == 11,
                     .actions = {"read"},
                     .prefix = remit::bench::folder(i),
                     .only = i % 10 >= 7});
  number(rules);
  const std::vector<std::string> resources = remit::bench::requests_of(count);
  std::vector<Query> queries(resources.size(), {.action = "read"});
  for (std::size_t i = 0; i < resources.size(); ++i) queries[i].resource = resources[i];
  return {.name = "rules-" + std::to_string(count),
          .texts = {remit::bench::scope_of(count)},
          .layers = {rules},
          .queries = queries,
          .expires_seconds = 7'200,  // `expires 2h`
          .systems = kSystems};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::ifstream in(std::string(REMIT_SOURCE_DIR) + "/examples/clinical-summary/task.scope");
  std::stringstream text;
  text << in.rdbuf();
  std::vector<Workload> works = {task(text.str()), organisation(text.str())};
  for (std::size_t count = 10; count <= 100'000; count *= 10) works.push_back(scaling(count));
  for (Workload& work : works) {
    const remit::Layers layers = link(work);
    std::size_t yes = 0;
    for (Query& query : work.queries) yes += query.allowed = decide(layers, query).allowed();
    std::ofstream(std::string(argv[1]) + "/" + work.name + ".json") << nlohmann::json(work);
    std::cout << work.name << ": " << work.queries.size() << " requests, " << yes << " allowed\n";
  }
}
