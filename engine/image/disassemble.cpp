// See disassemble.h.
#include "engine/image/disassemble.h"

#include "engine/image/opcodes.h"
#include "engine/image/printable.h"
#include "engine/image/view.h"

namespace remit {
namespace {

using image::View;

constexpr const char* kRuleKinds[] = {"allow", "deny", "ask", "limit"};
constexpr const char* kEntryKinds[] = {"deny", "ask", "allow", "limit", "history"};
constexpr const char* kNodeKinds[] = {"system", "root", "path", "star"};

// Text between quotes; wildcards as the language writes them.
std::string quoted(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == image::kStar) out += '*';
    else if (c == image::kQuestion) out += '?';
    else if (c == image::kDeep) out += "**";
    else if (c == '"' || c == '\\' || c == '*' || c == '?') (out += '\\') += c;
    else out += c;
  }
  return '"' + detail::printable(out) + '"';
}

std::string number(std::int64_t value) { return value == image::kNever ? "never" : std::to_string(value); }

std::string pattern_text(const View& view, const image::Pattern& pattern) {
  if (pattern.system == image::kNone) return "anything";
  return std::string(pattern.exact ? "only " : "") + detail::printable(view.text(view.systems[pattern.system].name)) + ":" + quoted(view.text(pattern.text));
}

void print_head(const View& view, std::string& out) {
  const image::Document& head = view.head();
  out += std::string(to_string(view.kind())) + " " + quoted(view.text(head.name)) + "\n";
  if (view.kind() == DocumentKind::scope) {
    out += "  expires after " + number(head.expires_after) + ", at " + number(head.expires_at) + ", starts " + number(head.starts) + ", idle " + number(head.idle) + "\n";
  }
  if (head.has_purpose) out += "  purpose " + quoted(view.text(head.purpose)) + "\n";
  const auto patterns = [&](const char* name, image::Range range) {
    for (const image::Text text : View::slice(view.identifiers, range)) out += std::string("  ") + name + " " + quoted(view.text(text)) + "\n";
  };
  patterns("agent", head.agents);
  patterns("on behalf of", head.users);
  if (head.has_sponsor) out += "  sponsor " + quoted(view.text(head.sponsor)) + ", review every " + number(head.review_every) + "\n";
  if (head.trigger) out += std::string("  trigger ") + (head.trigger == 1 ? "schedule " : "event ") + quoted(view.text(head.trigger_text)) + "\n";
  if (head.delegate_levels) out += "  delegate up to " + std::to_string(head.delegate_levels) + "\n";
  patterns("delegate to", head.delegates);
}

std::string operand_text(const View& view, const image::Instruction& instruction, image::OperandKind kind, std::size_t next) {
  const std::uint32_t operand = instruction.operand;
  const std::uint8_t type = image::mode_type(instruction.mode);
  const bool words = type == static_cast<std::uint8_t>(Type::string) || type == static_cast<std::uint8_t>(Type::resource);
  const auto list = [&](bool of_words) {
    std::string out = "[";
    const image::Range range = view.lists[operand];
    for (std::uint32_t i = 0; i < range.count; ++i) {
      if (i != 0) out += ", ";
      out += of_words ? quoted(view.text(view.words[range.first + i])) : std::to_string(view.numbers[range.first + i]);
    }
    return out + "]";
  };
  switch (kind) {
    case image::OperandKind::none: return "";
    case image::OperandKind::truth: return operand ? "true" : "false";
    case image::OperandKind::number: return std::to_string(view.numbers[operand]);
    case image::OperandKind::word: return quoted(view.text(view.words[operand]));
    case image::OperandKind::list: return list(words);
    case image::OperandKind::numbers: return list(false);
    case image::OperandKind::words: return list(true);
    case image::OperandKind::reference: return detail::printable(view.text(view.references[operand].name));
    case image::OperandKind::skip: return "to " + std::to_string(next + operand);
    case image::OperandKind::history: return "history " + std::to_string(operand);
    case image::OperandKind::window: {
      const image::Window& window = view.windows[operand];
      return std::to_string(window.from) + ".." + std::to_string(window.to) + " min, days " + std::to_string(window.days) + ", zone " + std::to_string(window.zone);
    }
    case image::OperandKind::except: {
      std::string out;
      for (const image::Pattern& pattern : View::slice(view.patterns, view.excepts[operand])) out += (out.empty() ? "" : ", ") + pattern_text(view, pattern);
      return out;
    }
  }
  return "";
}

void print_rules(const View& view, std::string& out) {
  for (std::size_t i = 0; i < view.rules.size(); ++i) {
    const image::Rule& rule = view.rules[i];
    const image::Place& place = view.places[i];
    out += "rule " + std::to_string(i) + ": " + kRuleKinds[static_cast<std::size_t>(rule.kind)] + " at " + detail::printable(view.text(view.files[place.file].name)) + ":" +
           std::to_string(place.line) + ":" + std::to_string(place.column);
    if (place.has_because) out += " because " + quoted(view.text(place.because));
    out += "\n";
    if (rule.limit != image::kNone) {
      const image::Limit& limit = view.limits[rule.limit];
      out += "    most " + std::to_string(limit.most) + (limit.reference == image::kNone ? " times" : " of " + detail::printable(view.text(view.references[limit.reference].name)));
      out += (limit.per ? " per " + std::to_string(limit.per) : "") + "\n";
    }
    for (std::uint32_t at = 0; at < rule.code_length; ++at) {
      const image::Instruction& instruction = view.code[rule.code + at];
      const image::OpInfo& info = image::kOps[instruction.op];
      out += "    " + std::to_string(at) + "  " + info.name;
      const image::Op op = static_cast<image::Op>(instruction.op);
      if (image::reads_reference(op)) (out += ' ') += detail::printable(view.text(view.references[instruction.reference].name));
      if (op == image::Op::compare_number || op == image::Op::compare_word || op == image::Op::compare_list || op == image::Op::compare_attributes) {
        out += std::string(" ") + image::kCompareNames[instruction.mode & 7];
      }
      const std::string operand = operand_text(view, instruction, info.operand, at + 1);
      if (!operand.empty()) (out += ' ') += operand;
      out += '\n';
    }
  }
}

void print_index(const View& view, std::string& out) {
  for (std::size_t at = 0; at < view.nodes.size(); at += View::node_units(view.node(static_cast<std::uint32_t>(at)))) {
    const image::Node& node = view.node(static_cast<std::uint32_t>(at));
    out += std::string("node ") + kNodeKinds[static_cast<std::size_t>(node.kind)] + " " + quoted({View::key(node), node.key_length});
    if (node.word) out += " word " + std::to_string(node.word);
    out += "\n";
    for (const image::Shape& shape : view.shapes.subspan(node.first_shape, node.shapes)) {
      out += "    goes on as " + std::to_string(shape.before) + " bytes, *, " + std::to_string(shape.after) + " bytes, " + std::to_string(shape.tail) + " segments\n";
    }
    for (const image::Entry& entry : View::entries(node)) {
      out += std::string("    ") + kEntryKinds[static_cast<std::size_t>(entry.kind())] + " " + std::to_string(entry.id) + " actions " + std::to_string(entry.actions);
      if (entry.exact()) out += " only";
      if (entry.guarded()) out += " guarded";
      if (entry.pattern()) out += " pattern " + pattern_text(view, view.patterns[entry.pattern() - 1]);
      out += "\n";
    }
  }
}

}  // namespace

std::string disassemble(const Program& program) {
  const View& view = program.view();
  std::string out;
  print_head(view, out);
  out += "image " + std::to_string(view.bytes.size()) + " bytes, at most " + std::to_string(view.worst_case_steps()) + " steps a decision\n";
  for (const image::System& system : view.systems) {
    out += "system " + detail::printable(view.text(system.name)) + ":";
    for (const image::Action& action : View::slice(view.actions, system.actions)) (out += ' ') += detail::printable(view.text(action.name));
    out += "\n";
  }
  print_rules(view, out);
  print_index(view, out);
  return out;
}

}  // namespace remit
