// Conformance cases as JSON lines. See cases.h.
#include "tests/reference/cases.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include <nlohmann/json.hpp>

#include "tests/reference/canonical.h"

namespace remit::reference {
namespace {

using Json = nlohmann::json;
using Ordered = nlohmann::ordered_json;  // written in the order of FORMAT.md

constexpr std::pair<CaseStep::Kind, const char*> kOperations[] = {
    {CaseStep::Kind::check, "check"},
    {CaseStep::Kind::approve, "approve"},
    {CaseStep::Kind::revoke, "revoke"},
    {CaseStep::Kind::end, "end"},
    {CaseStep::Kind::open_child, "open_child"}};

std::string unhex(const std::string& digits) {
  std::string result;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    result += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  }
  return result;
}

std::string hex(const std::string& bytes) {
  static const char* const digits = "0123456789abcdef";
  std::string result;
  for (const char c : bytes) {
    result += digits[static_cast<unsigned char>(c) >> 4];
    result += digits[static_cast<unsigned char>(c) & 15];
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

Ordered json_of(const lang::Constant& value) {
  switch (value.type) {
    case Type::boolean: return value.number != 0;
    case Type::string: return value.text;
    case Type::resource: return {{"resource", value.text}};
    case Type::list: {
      Ordered items = Ordered::array();
      for (const lang::Constant& item : value.items) items.push_back(json_of(item));
      return items;
    }
    case Type::integer: return value.number;
    default: return {{to_string(value.type), value.number}};
  }
}

std::vector<NamedValue> values_of(const Json& object, const char* name) {
  std::vector<NamedValue> result;
  if (!object.contains(name) || object.at(name).is_null()) return result;
  for (const auto& [key, value] : object.at(name).items())
    result.emplace_back(key, constant_of(value));
  return result;
}

Ordered json_of(const std::vector<NamedValue>& values) {
  Ordered result = Ordered::object();
  for (const auto& [name, value] : values) result[name] = json_of(value);
  return result;
}

template <class T>
std::optional<T> maybe(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return std::nullopt;
  return found->get<T>();
}

HeldOpening opening_of(const Json& json) {
  HeldOpening opening;
  opening.agent = maybe<std::string>(json, "agent");
  opening.user = maybe<std::string>(json, "user");
  opening.purpose = maybe<std::string>(json, "purpose");
  opening.named = values_of(json, "facts");
  opening.last_review = maybe<std::int64_t>(json, "last_review");
  opening.sponsor_revoked = maybe<bool>(json, "sponsor_revoked").value_or(false);
  opening.trigger = maybe<std::pair<std::string, std::string>>(json, "trigger");
  return opening;
}

void write_opening(Ordered& json, const HeldOpening& opening) {
  if (opening.agent) json["agent"] = *opening.agent;
  if (opening.user) json["user"] = *opening.user;
  if (opening.purpose) json["purpose"] = *opening.purpose;
  if (!opening.named.empty()) json["facts"] = json_of(opening.named);
  if (opening.last_review) json["last_review"] = *opening.last_review;
  if (opening.sponsor_revoked) json["sponsor_revoked"] = true;
  if (opening.trigger) json["trigger"] = *opening.trigger;
}

void read_check(const Json& json, CaseStep& step) {
  step.request.action = json.at("action").get<std::string>();
  step.request.resource = text_of(json, "resource");
  step.request.attributes = values_of(json, "attributes");
  step.request.now = step.now;
  const Json& expect = json.at("expect");
  step.compare = expect.at("check").get<std::vector<std::string>>();
  step.effect = expect.at("effect").get<std::string>();
  step.reason = expect.at("reason").get<std::string>();
  step.line = maybe<std::uint32_t>(expect, "line");
  step.column = maybe<std::uint32_t>(expect, "column");
  step.because = maybe<std::string>(expect, "because");
  step.file = maybe<std::string>(expect, "file");
  step.layer = maybe<std::size_t>(expect, "layer").value_or(0);
}

CaseStep step_of(const Json& json) {
  CaseStep step;
  for (const auto& [kind, name] : kOperations) {
    if (json.at("op") == name) step.kind = kind;
  }
  step.session = maybe<std::string>(json, "session").value_or("main");
  step.now = json.at("now").get<std::int64_t>();
  if (step.kind == CaseStep::Kind::check) {
    read_check(json, step);
    return step;
  }
  step.ok = maybe<bool>(json.at("expect"), "ok");
  if (step.kind == CaseStep::Kind::approve) {
    step.asked = json.at("step").get<std::size_t>();
    step.approver = json.at("approver").get<std::string>();
  }
  if (step.kind == CaseStep::Kind::open_child) {
    step.as = json.at("as").get<std::string>();
    step.layers = json.at("open").at("layers").get<std::vector<std::size_t>>();
    step.opening = opening_of(json.at("open"));
  }
  return step;
}

Ordered json_of(const CaseStep& step) {
  Ordered json;
  for (const auto& [kind, name] : kOperations) {
    if (step.kind == kind) json["op"] = name;
  }
  json["session"] = step.session;
  if (step.kind == CaseStep::Kind::check) {
    json["action"] = step.request.action;
    if (is_utf8(step.request.resource))
      json["resource"] = step.request.resource;
    else
      json["resource_hex"] = hex(step.request.resource);
    json["attributes"] = json_of(step.request.attributes);
  } else if (step.kind == CaseStep::Kind::approve) {
    json["step"] = step.asked;
    json["approver"] = step.approver;
  } else if (step.kind == CaseStep::Kind::open_child) {
    json["as"] = step.as;
    json["open"]["layers"] = step.layers;
    write_opening(json["open"], step.opening);
  }
  json["now"] = step.now;
  Ordered expect = Ordered::object();
  if (step.ok) expect["ok"] = *step.ok;
  if (step.kind == CaseStep::Kind::check) {
    expect["effect"] = step.effect;
    expect["reason"] = step.reason;
    expect["line"] = step.line ? Ordered(*step.line) : Ordered(nullptr);
    expect["column"] = step.column ? Ordered(*step.column) : Ordered(nullptr);
    if (step.because) expect["because"] = *step.because;
    expect["layer"] = step.layer;
    expect["check"] = step.compare;
  }
  json["expect"] = expect;
  return json;
}

Case case_of(const Json& json) {
  Case result;
  result.id = json.at("id").get<std::string>();
  result.memory = json.at("memory").get<bool>();
  for (const Json& document : json.at("documents")) {
    CaseDocument item{document.at("kind").get<std::string>(), text_of(document, "text"), {}};
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
  result.opened = session.at("now").get<std::int64_t>();
  result.opening = opening_of(session);
  result.opens = session.at("expect").at("ok").get<bool>();
  if (json.contains("steps")) {
    for (const Json& step : json.at("steps")) result.steps.push_back(step_of(step));
  }
  if (json.contains("tests")) {
    for (const Json& test : json.at("tests")) {
      result.tests.push_back({test.at("document").get<std::size_t>(),
                              test.at("name").get<std::string>(), test.at("passes").get<bool>()});
    }
  }
  return result;
}

}  // namespace

bool CaseStep::compares(const std::string& what) const {
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

std::string write_case(const Case& one) {
  Ordered json;
  json["id"] = one.id;
  json["memory"] = one.memory;
  json["tags"] = Ordered::array();
  json["documents"] = Ordered::array();
  for (const CaseDocument& document : one.documents) {
    Ordered item = {{"kind", document.kind}, {"text", document.text}};
    for (const lang::Argument& argument : document.arguments)
      item["args"][argument.name] = json_of(argument.value);
    json["documents"].push_back(item);
  }
  Ordered& session = json["session"];
  session["layers"] = one.layers;
  session["now"] = one.opened;
  write_opening(session, one.opening);
  session["expect"]["ok"] = one.opens;
  json["steps"] = Ordered::array();
  for (const CaseStep& step : one.steps) json["steps"].push_back(json_of(step));
  return json.dump();
}

std::string conformance_folder(const char* compiled_in) {
  const char* const folder = std::getenv("REMIT_CONFORMANCE_DIR");
  return folder != nullptr ? folder : compiled_in;
}

}  // namespace remit::reference
