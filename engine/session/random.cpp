// See random.h. getentropy is in glibc, musl, the BSDs, macOS and Emscripten alike, needs no open file
// and does not return less than it was asked for.
#include "engine/session/random.h"

#include <unistd.h>
#if defined(__APPLE__) || defined(__EMSCRIPTEN__)
#include <sys/random.h>
#endif

namespace remit {

bool random_id(Id& out) noexcept {
  // All zeros mean "no id"; that the generator gives them is less likely than any other fault.
  return getentropy(out.bytes.data(), out.bytes.size()) == 0 && !out.empty();
}

}  // namespace remit
