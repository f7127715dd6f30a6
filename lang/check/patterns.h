// Resources and patterns as written -> as Pattern::text keeps them (language.md section 3).
// Knows no system and no variable: only escapes, quotes, wildcards, canonical form and limits.
// Covered by tests/check_patterns_test.cpp.
#pragma once

#include <string>
#include <string_view>

#include "lang/check/literals.h"

namespace remit::lang::checker {

inline constexpr std::size_t kMaxPattern = 4096;  // bytes with the system, as of requests
inline constexpr std::size_t kMaxSegments = 64;

struct PatternText {
  std::string system;
  std::string path;  // as Pattern::text: wildcards as their bytes, one trailing slash dropped
  LiteralFault fault;
  bool wild() const;
};

// `docs:/a/*.md`, `docs:"/Trial A"`.
PatternText decode_pattern(std::string_view written);

// `base` with `more` (`/hr/*`, as written) beneath it. The fault is about the whole, `written`.
PatternText extend_pattern(const PatternText& base, std::string_view more, std::string_view written);

// A resource that a host gives as the value of a parameter: canonical, without `*` and `?`.
PatternText decode_resource_value(std::string_view text);

// The string that a test's request is, wildcards and all: quotes and escapes undone, not checked.
std::string decode_request(std::string_view written);

// A path as Pattern::text -> how people read it: wildcards shown, escapes put back.
std::string write_pattern(std::string_view system, std::string_view path);

// The wildcards of a `like` glob become kStar and kQuestion; a glob that holds those bytes as text
// is a fault.
LiteralFault decode_glob(std::string_view text, std::string& out);

// An identifier pattern of `agent`, `on behalf of`, `delegate to`.
LiteralFault check_identifier_pattern(std::string_view text);

}  // namespace remit::lang::checker
