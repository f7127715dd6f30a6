// See remit/identity.h.
#include <remit/identity.h>

namespace remit {

const char* to_string(BadHabit habit) noexcept {
  switch (habit) {
    case BadHabit::none: return "none";
    case BadHabit::impersonation: return "impersonation";
    case BadHabit::unaccountable: return "unaccountable";
  }
  return "unknown";
}

}  // namespace remit
