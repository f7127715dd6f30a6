// See event.h.
#include "engine/audit/event.h"

#include <algorithm>

namespace remit::audit {
namespace {

using Size = std::uint32_t;

// Takes things out in the order in which they were put in. The bytes are our own: nothing is
// checked.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) noexcept : at_(bytes.data()) {}

  template <class T>
  T get() noexcept {
    T item;
    std::memcpy(&item, at_, sizeof item);
    at_ += sizeof item;
    return item;
  }
  std::string_view text() noexcept {
    const auto size = get<Size>();
    const std::string_view out(at_, size);
    at_ += size;
    return out;
  }
  Value scalar(Type type) noexcept {
    if (type == Type::string) return text();
    if (type == Type::resource) return ResourceName{text()};
    const auto number = get<std::int64_t>();
    switch (type) {
      case Type::boolean: return number != 0;
      case Type::size: return Bytes{number};
      case Type::duration: return Duration(number);
      case Type::time: return time_from_micros(number);
      default: return number;
    }
  }

 private:
  const char* at_;
};

bool is_text(Type type) noexcept { return type == Type::string || type == Type::resource; }

}  // namespace

void Packer::append_more(const void* data, std::size_t size) {
  const char* const from = static_cast<const char*>(data);
  if (more_.empty()) more_.assign(first_, first_ + size_);
  more_.insert(more_.end(), from, from + size);
}

void Packer::text(std::string_view text) {
  // A text of 4 GiB is cut; it is no text that anything could be decided by.
  put(static_cast<Size>(std::min<std::size_t>(text.size(), UINT32_MAX)));
  append(text.data(), std::min<std::size_t>(text.size(), UINT32_MAX));
}

void Packer::value(const Value& value) {
  put(value.type());
  if (is_text(value.type())) return text(value.text());
  if (value.type() != Type::list) return put(value.number());
  const auto items = value.items().first(std::min(value.items().size(), kMaxListItems));
  put(static_cast<Size>(items.size()));
  for (const Value& item : items) {
    // A list in a list is no value of the language.
    item.type() == Type::list ? this->value(Value(std::int64_t{0})) : this->value(item);
  }
}

void pack(Packer& out, const AuditEvent& event) {
  out.put(event.decision);
  out.put(event.approval);
  out.put(event.error);
  out.put(event.ok);
  out.put(event.exact_request != nullptr);
  if (event.exact_request != nullptr) out.put(*event.exact_request);
  const TraceContext* const trace = event.request != nullptr ? event.request->trace : nullptr;
  out.put(trace != nullptr);
  if (trace != nullptr) {
    out.put(trace->trace);
    out.put(trace->span);
    out.text(trace->txn);
  }
  for (const std::string_view text :
       {event.action, event.resource, event.by, event.why, event.detail})
    out.text(text);
  out.put(static_cast<Size>(event.charges.size()));
  for (const AuditedCharge& charge : event.charges) out.put(charge);
  std::span<const Attribute> attributes;
  if (event.request != nullptr)
    attributes =
        event.request->attributes.first(std::min(event.request->attributes.size(), kMaxAttributes));
  out.put(static_cast<Size>(attributes.size()));
  for (const Attribute& attribute : attributes) {
    out.text(attribute.name);
    out.value(attribute.value);
  }
}

void UnpackedEvent::unpack(std::string_view bytes) {
  Unpacker in(bytes);
  decision = in.get<Decision>();
  approval = in.get<Id>();
  error = in.get<ErrorCode>();
  ok = in.get<bool>();
  has_exact_request = in.get<bool>();
  if (has_exact_request) exact_request = in.get<image::Digest>();
  trace = {};
  if (in.get<bool>()) {
    trace.trace = in.get<Id>();
    trace.span = in.get<std::array<std::uint8_t, 8>>();
    trace.txn = in.text();
  }
  for (std::string_view* text : {&action, &resource, &by, &why, &detail}) *text = in.text();
  charges.clear();
  for (auto count = in.get<Size>(); count > 0; --count) charges.push_back(in.get<AuditedCharge>());
  attributes.clear();
  items_.clear();
  const auto count = in.get<Size>();
  std::vector<std::pair<std::size_t, std::size_t>> lists;  // which attribute, how many items
  for (Size i = 0; i < count; ++i) {
    const std::string_view name = in.text();
    const auto type = in.get<Type>();
    if (type != Type::list) {
      attributes.push_back({name, in.scalar(type)});
      continue;
    }
    const auto size = in.get<Size>();
    for (Size item = 0; item < size; ++item) items_.push_back(in.scalar(in.get<Type>()));
    lists.emplace_back(i, size);
    attributes.push_back({name, Value()});
  }
  // Only now do the items stay where they are.
  std::size_t first = 0;
  for (const auto& [index, size] : lists) {
    attributes[index].value = Value(std::span<const Value>(items_).subspan(first, size));
    first += size;
  }
}

void pack(Packer& out, const OwnEvent& event) {
  out.put(event.count);
  out.put(event.denied);
  out.put(event.before);
  out.text(event.text);
}

OwnEvent unpack_own(std::string_view bytes, OwnKind kind) noexcept {
  Unpacker in(bytes);
  OwnEvent out;
  out.kind = kind;
  out.count = in.get<std::uint64_t>();
  out.denied = in.get<std::uint64_t>();
  out.before = in.get<std::int64_t>();
  out.text = in.text();
  return out;
}

}  // namespace remit::audit
