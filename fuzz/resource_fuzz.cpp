// Resource strings. Every way to scan gives the same answer, the reference's reader agrees, and a string
// that is accepted is put together again from its parts.
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "engine/image/resource.h"
#include "fuzz/check.h"
#include "tests/reference/canonical.h"

namespace {

using namespace remit::detail;

std::string put_together(std::string_view text, const ResourceParts& parts) {
  std::string result(text.substr(0, parts.system));
  result += parts.rooted ? ":/" : ":";
  std::size_t begin = parts.first();
  for (std::size_t i = 0; i < parts.segments; ++i) {
    if (i != 0) result += '/';
    result += text.substr(begin, parts.ends[i] - begin);
    begin = parts.ends[i] + 1u;
  }
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ResourceParts parts;
  const ResourceFault fault = scan_resource(text, parts);
  for (const ResourceScanner& scanner : resource_scanners()) {
    ResourceParts other;
    REMIT_FUZZ_CHECK(scanner.scan(text, other) == fault);
    if (fault != ResourceFault::none) continue;
    REMIT_FUZZ_CHECK(other.length == parts.length && other.system == parts.system && other.rooted == parts.rooted && other.segments == parts.segments);
    REMIT_FUZZ_CHECK(std::memcmp(other.ends, parts.ends, parts.segments * sizeof parts.ends[0]) == 0);
  }
  remit::reference::Asked asked;
  REMIT_FUZZ_CHECK(remit::reference::read_resource(text, asked) == (fault == ResourceFault::none));
  if (fault != ResourceFault::none) return 0;
  const std::string canonical = put_together(text, parts);
  REMIT_FUZZ_CHECK(canonical == text.substr(0, parts.length));
  ResourceParts again;
  REMIT_FUZZ_CHECK(scan_resource(canonical, again) == ResourceFault::none && again.length == canonical.size());
  return 0;
}
