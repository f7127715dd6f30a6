// The canonical form of a requested resource (language.md section 3, "Requested resources"):
// scan_resource is the one door. It says whether a string is canonical and where its parts are, and
// is the first thing every decision does, so it is built from byte masks and touches each byte of
// ordinary text once. Covered by tests/resource_test.cpp, which judges every variant by a plain
// reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace remit::detail {

inline constexpr std::size_t kMaxResourceBytes = 4096;  // the dropped trailing '/' counts
inline constexpr std::size_t kMaxSegments = 64;

// Where the parts of a canonical resource are: offsets in bytes into the scanned text.
struct ResourceParts {
  std::uint16_t length;              // without a dropped trailing '/'
  std::uint16_t system;              // length of the system's name; text[system] == ':'
  std::uint8_t rooted;               // 1: a '/' follows the colon
  std::uint8_t segments;             // 0 only for the root, `docs:/`
  std::uint16_t ends[kMaxSegments];  // segment i ends here and begins at ends[i-1]+1, the first at
                                     // system+1+rooted

  std::size_t first() const noexcept { return std::size_t{system} + 1 + rooted; }
};

// Why a resource is not canonical. Of several faults of one text the one that stands first here is
// reported, whichever variant found it.
enum class ResourceFault : std::uint8_t {
  none,
  too_long,
  no_system,
  bad_system_name,
  empty_path,
  too_many_segments,
  empty_segment,
  dot_segment,
  backslash,
  percent_encoding,
  invalid_utf8,
  forbidden_character,
  not_nfc,
};

// `out` means something only where the answer is `none`. A null view is an empty text.
ResourceFault scan_resource(std::string_view text, ResourceParts& out) noexcept;

// What is wrong, to be read after "the resource is refused because ".
const char* describe(ResourceFault fault) noexcept;

// The ways to scan, all with the same answers. scan_resource takes the best that the build has;
// tests and benchmarks reach each.
struct ResourceScanner {
  const char* name;
  ResourceFault (*scan)(std::string_view text, ResourceParts& out) noexcept;
};
struct ResourceScanners {
  const ResourceScanner* first;
  std::size_t count;
  const ResourceScanner* begin() const noexcept { return first; }
  const ResourceScanner* end() const noexcept { return first + count; }
};
ResourceScanners resource_scanners() noexcept;

}  // namespace remit::detail
