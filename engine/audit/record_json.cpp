// See record_json.h.
#include "engine/audit/record_json.h"

#include <algorithm>

namespace remit::audit {
namespace {

// How deep brackets nest outside of texts. Found before anything that could recurse.
std::size_t depth_of(std::string_view body) {
  std::size_t depth = 0, deepest = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    if (in_text) {
      if (c == '\\') ++i;
      in_text = c != '"';
    } else if (c == '"') {
      in_text = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

}  // namespace

std::optional<RecordJson> parse_record(std::string_view body, const char*& why) {
  why = "its body is longer or deeper than any that a log writes";
  if (body.size() > kMaxBody || depth_of(body) > kMaxDepth) return std::nullopt;
  RecordJson out = RecordJson::parse(body.begin(), body.end(), nullptr, false);
  why = "its body is no JSON object";
  if (!out.is_object()) return std::nullopt;
  // A name that is there twice, a blank, another order, a number in another form: all of them show
  // when it is written again.
  why = "its body is not canonical JSON";
  if (shown(out) != body) return std::nullopt;
  return out;
}

const std::string* text_member(const RecordJson& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get_ptr<const std::string*>()
                                                     : nullptr;
}

std::string shown(const RecordJson& value) {
  return value.dump(-1, ' ', false, RecordJson::error_handler_t::replace);
}

}  // namespace remit::audit
