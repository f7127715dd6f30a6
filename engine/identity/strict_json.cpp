// See strict_json.h.
#include "engine/identity/strict_json.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/identity/refuse.h"

namespace remit::identity {
namespace {

constexpr std::size_t kMaxDepth = 16;  // a chain of 8 actors takes 9 levels

// Builds the value from nlohmann's events.
class Builder : public nlohmann::json_sax<Json> {
 public:
  explicit Builder(std::size_t most_depth) : most_depth_(most_depth) {}

  Json result;
  JsonFault fault;

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<number_unsigned_t>(INT64_MAX)) return stop(JsonFault::Kind::number, {});
    return put(static_cast<number_integer_t>(value));
  }
  bool number_float(number_float_t value, const string_t& written) override {
    if (written.find_first_of(".eE") == std::string::npos) return stop(JsonFault::Kind::number, {});
    return put(value);
  }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override {
    return stop(JsonFault::Kind::malformed, "binary values are not JSON");
  }

  bool start_object(std::size_t) override { return open(Json::object()); }
  bool end_object() override { return open_.pop_back(), true; }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_array() override { return open_.pop_back(), true; }

  bool key(string_t& name) override {
    const auto [place, added] = open_.back()->get_ref<Json::object_t&>().emplace(name, nullptr);
    if (!added) return stop(JsonFault::Kind::duplicate_name, name);
    slot_ = &place->second;
    return true;
  }

  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception& problem) override {
    return stop(JsonFault::Kind::malformed, problem.what());
  }

 private:
  Json* place(Json value) {
    if (open_.empty()) return &(result = std::move(value));
    if (open_.back()->is_array())
      return &open_.back()->get_ref<Json::array_t&>().emplace_back(std::move(value));
    return &(*slot_ = std::move(value));
  }
  bool put(Json value) { return place(std::move(value)), true; }
  bool open(Json value) {
    if (open_.size() == most_depth_) return stop(JsonFault::Kind::too_deep, {});
    // Stays valid while it is open: its parent gets no further member before it is closed.
    open_.push_back(place(std::move(value)));
    return true;
  }
  bool stop(JsonFault::Kind kind, std::string about) {
    fault = {kind, std::move(about)};
    return false;
  }

  std::size_t most_depth_;
  std::vector<Json*> open_;
  Json* slot_ = nullptr;
};

RefusalCode code_of(JsonFault::Kind kind) {
  switch (kind) {
    case JsonFault::Kind::duplicate_name: return RefusalCode::json_duplicate_name;
    case JsonFault::Kind::too_deep: return RefusalCode::json_too_deep;
    case JsonFault::Kind::number: return RefusalCode::json_number;
    case JsonFault::Kind::malformed: break;
  }
  return RefusalCode::json_malformed;
}

}  // namespace

std::optional<JsonFault> parse_strict(std::string_view text, std::size_t most_depth, Json& out) {
  Builder builder(most_depth);
  if (!Json::sax_parse(text.begin(), text.end(), &builder)) return std::move(builder.fault);
  out = std::move(builder.result);
  return std::nullopt;
}

Json read_json(std::string_view text) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") refuse(RefusalCode::json_malformed);
  Json out;
  if (const auto fault = parse_strict(text, kMaxDepth, out)) refuse(code_of(fault->kind));
  return out;
}

Json read_object(std::string_view text) {
  Json out = read_json(text);
  if (!out.is_object()) refuse(RefusalCode::json_not_object);
  return out;
}

}  // namespace remit::identity
