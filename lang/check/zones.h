// IANA time zones: name -> offsets from 1970 through 2100. Covered by tests/check_zones_test.cpp.
//
// Reads the compiled zone files of the system (TZif, RFC 8536). We do not go through a tz library:
// the packaged one stops at the last transition that the file lists (2037) and then freezes the
// offset, where the file's footer says how daylight saving goes on.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lang/check/resolved.h"

namespace remit::lang::checker {

// The zone, or nothing where the system knows none of that name. "UTC" needs no file. Never throws
// but for memory.
std::optional<Zone> find_zone(std::string_view name);

// The known zone name nearest to `name` (`Europe/Zurich` for `Europe/Zürich`), or "".
std::string nearest_zone(std::string_view name);

// True where the system has any zone data at all.
bool has_zone_data();

// The offsets that `tzif` (the bytes of a zone file) gives from 1970 through 2100; empty where it is
// not in order. Exposed for the tests.
std::vector<Zone::Step> read_tzif(std::string_view tzif);

}  // namespace remit::lang::checker
