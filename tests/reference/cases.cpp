// Conformance cases. See cases.h.
#include "tests/reference/cases.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include <nlohmann/json.hpp>

namespace remit::reference {
namespace {

using Json = nlohmann::json;

std::string unhex(const std::string& digits) {
  std::string result;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    result += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  }
  return result;
}

// `name`, or `name`_hex where the bytes matter.
std::string text_of(const Json& object, const std::string& name) {
  const auto hex = object.find(name + "_hex");
  return hex != object.end() ? unhex(hex->get<std::string>()) : object.at(name).get<std::string>();
}

lang::Constant constant_of(const Json& json) {
  lang::Constant result;
  if (json.is_boolean()) {
    result.type = Type::boolean;
    result.number = json.get<bool>() ? 1 : 0;
  } else if (json.is_number_integer()) {
    result.type = Type::integer;
    result.number = json.get<std::int64_t>();
  } else if (json.is_string()) {
    result.type = Type::string;
    result.text = json.get<std::string>();
  } else if (json.is_array()) {
    result.type = Type::list;
    for (const Json& item : json) result.items.push_back(constant_of(item));
    if (!result.items.empty()) result.element = result.items[0].type;
  } else {
    const std::string kind = json.begin().key();
    result.type = kind == "size" ? Type::size : kind == "duration" ? Type::duration : Type::time;
    if (kind == "resource") {
      result.type = Type::resource;
      result.text = json.begin()->get<std::string>();
    } else {
      result.number = json.begin()->get<std::int64_t>();
    }
  }
  return result;
}

std::vector<NamedValue> values_of(const Json& object, const char* name) {
  std::vector<NamedValue> result;
  if (!object.contains(name) || object.at(name).is_null()) return result;
  for (const auto& [key, value] : object.at(name).items())
    result.emplace_back(key, constant_of(value));
  return result;
}

template <class T>
std::optional<T> maybe(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return std::nullopt;
  return found->get<T>();
}

CaseCheck check_of(const Json& step) {
  CaseCheck check;
  check.request.action = step.at("action").get<std::string>();
  check.request.resource = text_of(step, "resource");
  check.request.attributes = values_of(step, "attributes");
  check.request.now = step.at("now").get<std::int64_t>();
  const Json& expect = step.at("expect");
  check.compare = expect.at("check").get<std::vector<std::string>>();
  check.effect = expect.at("effect").get<std::string>();
  check.reason = expect.at("reason").get<std::string>();
  check.line = maybe<std::uint32_t>(expect, "line");
  check.column = maybe<std::uint32_t>(expect, "column");
  check.because = maybe<std::string>(expect, "because");
  check.file = maybe<std::string>(expect, "file");
  check.layer = maybe<std::size_t>(expect, "layer").value_or(0);
  return check;
}

Case case_of(const Json& json) {
  Case result;
  result.id = json.at("id").get<std::string>();
  result.memory = json.at("memory").get<bool>();
  for (const Json& document : json.at("documents")) {
    CaseDocument item{text_of(document, "text"), {}};
    for (const auto& [name, value] : values_of(document, "args")) {
      item.arguments.push_back(lang::Argument::of(name, value));
    }
    result.documents.push_back(std::move(item));
  }
  if (json.contains("modules")) {
    for (const auto& [name, text] : json.at("modules").items()) {
      result.modules.emplace_back(name, text.get<std::string>());
    }
  }
  const Json& session = json.at("session");
  result.layers = session.at("layers").get<std::vector<std::size_t>>();
  result.facts.opened = session.at("now").get<std::int64_t>();
  result.facts.agent = maybe<std::string>(session, "agent");
  result.facts.user = maybe<std::string>(session, "user");
  result.facts.named = values_of(session, "facts");
  result.opens = session.at("expect").at("ok").get<bool>();
  if (result.memory || !json.contains("steps")) return result;
  for (const Json& step : json.at("steps")) {
    if (step.at("op") == "check") result.checks.push_back(check_of(step));
  }
  return result;
}

}  // namespace

bool CaseCheck::compares(const std::string& what) const {
  return std::find(compare.begin(), compare.end(), what) != compare.end();
}

std::vector<Case> read_cases(const std::string& path) {
  std::vector<Case> result;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) result.push_back(case_of(Json::parse(line)));
  }
  return result;
}

std::string conformance_folder(const char* compiled_in) {
  const char* const folder = std::getenv("REMIT_CONFORMANCE_DIR");
  return folder != nullptr ? folder : compiled_in;
}

}  // namespace remit::reference
