// How the inside of this room refuses: one exception, thrown where the fault is found and turned
// into a Result at the door. Inside, a check is then one line; outside, nothing throws. Covered by
// tests/identity_codes_test.py.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <remit/refusal.h>

namespace remit::identity {

struct Refused {
  Refusal refusal;
};

// `about` names a claim or a field in our own words or the trust file's, never a value from a
// token.
[[noreturn]] void refuse(RefusalCode code, std::string_view about = {});

// Runs `body`, whose result is a T. Whatever it throws becomes the refusal.
template <class T, class Body>
Result<T, Refusal> guarded(const Body& body) noexcept {
  try {
    return body();
  } catch (const Refused& refused) {
    return refused.refusal;
  } catch (...) {
    // Only the standard library throws anything else here, and only for want of memory.
    return Refusal{RefusalCode::out_of_memory, "out of memory"};  // short: it needs none itself
  }
}

}  // namespace remit::identity
