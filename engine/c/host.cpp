// The host's access check, which C gives as a function. Covered by tests/c_api_test.c.
#include "engine/c/convert.h"

namespace remit::c {
namespace {

// The host's C callback gets the request as C sees it; its attributes live for the call.
class ToC {
 public:
  explicit ToC(const Request& request) {
    attributes_.reserve(request.attributes.size());
    for (const Attribute& attribute : request.attributes) {
      remit_attribute item = REMIT_INIT(remit_attribute);
      item.name = c::string(attribute.name);
      item.value = value(attribute.value);
      attributes_.push_back(item);
    }
    request_.action = c::string(request.action);
    request_.resource = c::string(request.resource);
    request_.attributes = attributes_.data();
    request_.attribute_count = attributes_.size();
  }
  const remit_request* get() const noexcept { return &request_; }

 private:
  static_assert(static_cast<int>(Type::boolean) == REMIT_BOOL && static_cast<int>(Type::integer) == REMIT_INT && static_cast<int>(Type::size) == REMIT_SIZE &&
                static_cast<int>(Type::duration) == REMIT_DURATION && static_cast<int>(Type::time) == REMIT_TIME && static_cast<int>(Type::string) == REMIT_STRING &&
                static_cast<int>(Type::resource) == REMIT_RESOURCE && static_cast<int>(Type::list) == REMIT_LIST);

  remit_value value(const Value& given) {
    remit_value out = REMIT_INIT(remit_value);
    out.type = static_cast<std::int32_t>(given.type());
    if (given.type() == Type::list) {
      std::vector<remit_value>& items = lists_.emplace_back();
      for (const Value& item : given.items()) items.push_back(value(item));
      out.items = items.data();
      out.item_count = items.size();
    } else if (given.type() == Type::string || given.type() == Type::resource) {
      out.text = c::string(given.text());
    } else {
      out.number = given.number();
    }
    return out;
  }

  std::vector<remit_attribute> attributes_;
  std::deque<std::vector<remit_value>> lists_;
  remit_request request_ = REMIT_INIT(remit_request);
};

}  // namespace

Surroundings surroundings(const remit_opening& opening) {
  Surroundings result;
  if (opening.host == nullptr) return result;
  result.host = [host = opening.host, context = opening.host_context](const HostQuestion& question) {
    const ToC request(question.request);
    return host(context, request.get(), question.now.time_since_epoch().count()) != 0;
  };
  return result;
}

}  // namespace remit::c
