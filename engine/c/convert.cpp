// See convert.h. Covered by tests/c_api_test.c and tests/c_api_test.py.
#include "engine/c/convert.h"

namespace remit::c {

bool Attributes::value(const remit_value& given, bool in_list, Value& out) {
  switch (given.type) {
    case REMIT_BOOL:
      if (given.number != 0 && given.number != 1) return false;
      out = Value(given.number == 1);
      return true;
    case REMIT_INT: out = Value(given.number); return true;
    case REMIT_SIZE: out = Value(bytes(given.number)); return true;
    case REMIT_DURATION: out = Value(Duration(given.number)); return true;
    case REMIT_TIME: out = Value(time_from_micros(given.number)); return true;
    case REMIT_STRING: out = Value(c::view(given.text)); return is_text(given.text);
    case REMIT_RESOURCE: out = Value(ResourceName{c::view(given.text)}); return is_text(given.text);
    case REMIT_LIST: break;
    default: return false;
  }
  // Beyond the engine's own limit nothing is read: the request is malformed either way.
  if (in_list || given.item_count > kMaxListItems) return false;
  std::vector<Value>& items = lists_.emplace_back(given.item_count);
  for (std::size_t i = 0; i < given.item_count; ++i) {
    remit_value item;
    if (!read_element(given.items, i, item) || !value(item, true, items[i])) return false;
  }
  out = Value(std::span<const Value>(items));
  return true;
}

bool Attributes::read(const remit_attribute* first, std::size_t count, std::size_t most) {
  if (count > most) return false;
  items_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    remit_attribute given;
    Value read;
    if (!read_element(first, i, given) || !is_text(given.name) || !value(given.value, false, read)) return false;
    items_.push_back({c::view(given.name), read});
  }
  return true;
}

void write_decision(const Decision& decision, remit_decision* out) noexcept {
  remit_decision filled = REMIT_INIT(remit_decision);
  filled.effect = static_cast<std::int32_t>(decision.effect);
  filled.reason = static_cast<std::int32_t>(decision.reason);
  filled.layer = decision.layer;
  filled.rule = decision.rule;
  std::copy(decision.approval.bytes.begin(), decision.approval.bytes.end(), filled.approval);
  write_struct(filled, out);
}

std::optional<Decision> read_decision(const remit_decision* given) noexcept {
  remit_decision known;
  Decision decision;
  Reason reason{};
  if (!read_struct(given, known)) return std::nullopt;
  if (known.effect < REMIT_DENY || known.effect > REMIT_ALLOW || known.layer > 0xffff) return std::nullopt;
  if (!parse_reason(remit_reason_name(known.reason), reason)) return std::nullopt;
  decision.effect = static_cast<Effect>(known.effect);
  decision.reason = reason;
  decision.layer = static_cast<std::uint16_t>(known.layer);
  decision.rule = known.rule;
  std::copy(known.approval, known.approval + 16, decision.approval.bytes.begin());
  return decision;
}

void write_rule(const RuleInfo& info, remit_rule_info* out) noexcept {
  remit_rule_info filled = REMIT_INIT(remit_rule_info);
  filled.file = string(info.file);
  filled.line = info.line;
  filled.column = info.column;
  if (info.because) filled.because = string(*info.because);
  filled.source = string(info.source);
  write_struct(filled, out);
}

bool read_programs(const remit_program* const* handles, std::size_t count, std::vector<Program>& out) {
  if (count == 0) return true;
  if (handles == nullptr || count > 4096) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (handles[i] == nullptr) return false;
    out.push_back(handles[i]->program);
  }
  return true;
}

}  // namespace remit::c
