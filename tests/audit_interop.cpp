// The other side of tests/interop/tlog: makes a bundle of checkpoints and proofs for Go's packages
// to judge, or judges one of theirs. Run by audit_interop_test.py.
//   audit_interop make N        prints a bundle of a log of N records
//   audit_interop check < bundle
#include <iostream>
#include <map>

#include <nlohmann/json.hpp>

#include "engine/audit/note.h"
#include "engine/audit/tree.h"

using namespace remit;
using Json = nlohmann::json;

namespace {

constexpr const char* kName = "audit.acme.example/log";

Json path_json(const std::vector<TreeHash>& path) {
  Json out = Json::array();
  for (const TreeHash& hash : path) out.push_back(audit::to_base64(hash));
  return out;
}
std::vector<TreeHash> read_path(const Json& texts) {
  std::vector<TreeHash> out;
  for (const Json& text : texts) {
    const auto bytes = audit::from_base64(text.get<std::string>(), "a hash");
    if (bytes.size() != 32) throw std::runtime_error("a hash has not 32 bytes");
    std::copy(bytes.begin(), bytes.end(), out.emplace_back().begin());
  }
  return out;
}

Json make(std::uint64_t count) {
  const SigningKey key = SigningKey::generate(kName).value();
  Json out{{"key", key.verifier().text()}};
  audit::Tree tree;
  std::map<std::pair<unsigned, std::uint64_t>, TreeHash> stored;
  const auto nodes = [&](unsigned level, std::uint64_t position) -> std::optional<TreeHash> {
    return stored.at({level, position});
  };
  for (std::uint64_t size = 1; size <= count; ++size) {
    const std::string record = "{\"seq\":" + std::to_string(size) + "}";
    out["records"].push_back(record);
    tree.append(leaf_hash(record), [&](unsigned level, std::uint64_t position,
                                       const TreeHash& hash) { stored[{level, position}] = hash; });
    out["checkpoints"].push_back(key.sign({kName, size, tree.root(), {}}).value());
    for (std::uint64_t i = 0; i < size; i += 1 + size / 9) {
      out["inclusion"].push_back({{"index", i},
                                  {"size", size},
                                  {"path", path_json(*audit::inclusion_path(i, size, nodes))}});
      out["consistency"].push_back(
          {{"old", i + 1},
           {"size", size},
           {"path", path_json(*audit::consistency_path(i + 1, size, nodes))}});
    }
  }
  return out;
}

void require(bool holds, const Json& what) {
  if (!holds) throw std::runtime_error("does not hold: " + what.dump());
}

void check(const Json& bundle) {
  const VerifierKey key = VerifierKey::parse(bundle.at("key").get<std::string>()).value();
  const auto& records = bundle.at("records");
  audit::Tree tree;
  std::map<std::uint64_t, TreeHash> roots;
  for (const Json& record : records) {
    tree.append(leaf_hash(record.get<std::string>()));
    roots[tree.size()] = tree.root();
  }
  for (const Json& note : bundle.at("checkpoints")) {
    const auto opened = open_checkpoint(note.get<std::string>(), key);
    require(opened.ok() && opened->root == roots.at(opened->size), note);
  }
  for (const Json& one : bundle.at("inclusion")) {
    const auto index = one.at("index").get<std::uint64_t>(),
               size = one.at("size").get<std::uint64_t>();
    require(verify_inclusion(leaf_hash(records.at(index).get<std::string>()), index, size,
                             read_path(one.at("path")), roots.at(size)),
            one);
  }
  for (const Json& one : bundle.at("consistency")) {
    const auto old = one.at("old").get<std::uint64_t>(), size = one.at("size").get<std::uint64_t>();
    require(verify_consistency(old, roots.at(old), size, roots.at(size), read_path(one.at("path"))),
            one);
  }
  std::cout << bundle.at("checkpoints").size() << " checkpoints, " << bundle.at("inclusion").size()
            << " inclusion, " << bundle.at("consistency").size() << " consistency\n";
}

}  // namespace

int main(int count, char** words) {
  try {
    const std::string what = count > 1 ? words[1] : "";
    if (what == "make" && count == 3) {
      std::cout << make(std::stoull(words[2])) << "\n";
    } else if (what == "check" && count == 2) {
      check(Json::parse(std::cin));
    } else {
      throw std::runtime_error("usage: audit_interop make N | check");
    }
  } catch (const std::exception& problem) {
    std::cerr << "audit_interop: " << problem.what() << "\n";
    return 1;
  }
  return 0;
}
