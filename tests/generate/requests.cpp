// Random requests near the edges of the documents. See generate.h.
#include <algorithm>

#include "tests/generate/edges.h"
#include "tests/generate/spoil.h"
#include "tests/generate/vocabulary.h"

namespace remit::generate {
namespace {

using lang::Constant;
using lang::Resolved;
using reference::HeldRequest;

constexpr std::int64_t kMinute = 60'000'000;

class Asker {
 public:
  Asker(Random& random, const World& world, const Edges& edges)
      : random_(random), world_(world), edges_(edges) {}

  HeldRequest ask() {
    HeldRequest request;
    static const Edges::Subject nothing;
    const Edges::Subject& subject =
        edges_.subjects.empty() ? nothing : random_.pick(edges_.subjects);
    std::string name = subject.system;
    if (name.empty() || random_.chance(3)) name = random_.pick(edges_.systems)->name;
    const lang::SystemInfo* system = edges_.system(name);
    if (random_.chance(2)) name = random_.pick({"nosuch", "docs", "lab2", "x"});
    request.resource = name + ":" + make_path(subject.path);
    if (random_.chance(4)) request.resource = spoil_resource(random_, request.resource);
    request.action = make_action(subject, system);
    request.now = make_time();
    if (system != nullptr) add_attributes(*system, request);
    if (random_.chance(4)) spoil_request(random_, request);
    return request;
  }

 private:
  std::string fill(const std::string& segment);
  std::string make_path(const std::string& pattern);
  std::string make_action(const Edges::Subject& subject, const lang::SystemInfo* system);
  std::int64_t make_time();
  void add_attributes(const lang::SystemInfo& system, HeldRequest& request);
  Constant near(const Constant& constant);

  Random& random_;
  const World& world_;
  const Edges& edges_;
};

// A segment that the pattern's matches, or nearly.
std::string Asker::fill(const std::string& segment) {
  std::string result;
  for (const char c : segment) {
    if (c == lang::kStar) {
      result += random_.pick({"", "x", "ab", "é", ".", "a", "a.b"});
    } else if (c == lang::kQuestion) {
      result += random_.pick({"a", "b", "é", "日", "😀", "x", "", "ab"});
    } else {
      result += c;
    }
  }
  return result;
}

std::string Asker::make_path(const std::string& pattern) {
  bool rooted = pattern.empty() ? random_.chance(60) : pattern[0] == '/';
  std::vector<std::string> segments;
  std::string rest = !pattern.empty() && pattern[0] == '/' ? pattern.substr(1) : pattern;
  while (!rest.empty()) {
    const auto slash = rest.find('/');
    const std::string segment = rest.substr(0, slash);
    rest = slash == std::string::npos ? "" : rest.substr(slash + 1);
    if (segment == std::string(1, lang::kDeep)) {
      for (std::size_t i = random_.below(3); i > 0; --i) segments.push_back(make_segment(random_));
    } else {
      segments.push_back(fill(segment));
    }
  }
  if (pattern.empty()) {
    for (std::size_t i = random_.below(4); i > 0; --i) segments.push_back(make_segment(random_));
  }
  switch (random_.below(12)) {
    case 0:
    case 1:
    case 2:  // beneath it
      for (std::size_t i = 1 + random_.below(2); i > 0; --i)
        segments.push_back(make_segment(random_));
      break;
    case 3:  // a sibling with the same beginning
      if (!segments.empty()) segments.back() += random_.pick({"a", "B", ".md", "é"});
      break;
    case 4:
      if (!segments.empty()) segments.pop_back();
      break;
    case 5:
      if (!segments.empty()) segments[random_.below(segments.size())] = make_segment(random_);
      break;
    case 6:
      if (random_.chance(40)) rooted = !rooted;
      break;
    default: break;
  }
  std::string path = rooted ? "/" : "";
  for (std::size_t i = 0; i < segments.size(); ++i) path += (i == 0 ? "" : "/") + segments[i];
  if (random_.chance(3)) path += "/";
  return path;
}

std::string Asker::make_action(const Edges::Subject& subject, const lang::SystemInfo* system) {
  if (random_.chance(2)) return random_.pick({"", "zzz", "Read", "any", "write ", "getuser"});
  std::string action;
  if (!subject.actions.empty() && random_.chance(75)) {
    action = random_.pick(subject.actions);
  } else if (system != nullptr && !system->actions.empty()) {
    action = random_.pick(system->actions).name;
  }
  if (system == nullptr || random_.chance(50)) return action;
  for (const lang::ActionInfo& info : system->actions) {  // a member of the group
    if (info.name == action) return system->actions[random_.pick(info.covers)].name;
  }
  return action;
}

std::int64_t Asker::make_time() {
  std::int64_t now = world_.facts.opened;
  if (edges_.times.empty() || random_.chance(60)) return now + random_.between(0, 90) * kMinute / 2;
  now = random_.pick(edges_.times);
  return now + random_.between(-1, 1);
}

// Equal, one off, or something else of that type.
Constant Asker::near(const Constant& constant) {
  Constant result = constant;
  switch (random_.below(4)) {
    case 0:
      result.number = constant.number == INT64_MAX ? 0 : constant.number + 1;
      result.text += "x";
      if (result.type == Type::list && !result.items.empty()) result.items.pop_back();
      break;
    case 1:
      result.number = constant.number == INT64_MIN ? 0 : constant.number - 1;
      if (!result.text.empty()) result.text = fill(std::string(1, lang::kStar)) + "b.md";
      break;
    default: break;
  }
  if (result.type == Type::boolean) result.number = result.number != 0 ? 1 : 0;
  return result;
}

void Asker::add_attributes(const lang::SystemInfo& system, HeldRequest& request) {
  for (const lang::AttributeInfo& attribute : system.attributes) {
    if (random_.chance(25)) continue;
    const auto known = edges_.constants.find(attribute.name);
    Constant value = make_literal(random_, attribute.type, attribute.element).value;
    if (known != edges_.constants.end() && random_.chance(75)) {
      value = near(random_.pick(known->second));
      // An item or a list of what the document compares with.
      if (attribute.type == Type::list && value.type == attribute.element) {
        Constant list;
        list.type = Type::list;
        if (random_.chance(80)) list.items.push_back(value);
        value = list;
      }
    }
    if (random_.chance(5)) value = make_any_value(random_);
    request.attributes.emplace_back(attribute.name, value);
  }
  if (random_.chance(10)) request.attributes.emplace_back("colour", make_any_value(random_));
  for (std::size_t i = request.attributes.size(); i > 1; --i) {
    std::swap(request.attributes[i - 1], request.attributes[random_.below(i)]);
  }
}

}  // namespace

std::vector<HeldRequest> make_requests(Random& random, const World& world,
                                       const std::vector<const Resolved*>& documents,
                                       std::size_t count) {
  const Edges edges = find_edges(world, documents);
  Asker asker(random, world, edges);
  std::vector<HeldRequest> result;
  for (std::size_t i = 0; i < count; ++i) result.push_back(asker.ask());
  return result;
}

}  // namespace remit::generate
