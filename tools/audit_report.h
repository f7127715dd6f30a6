// What a report about one session says, gathered from the trail: the session and all that were
// delegated from it. audit_report_page.cpp makes a page of it. Covered by
// tests/audit_report_test.py.
//
// Lists that grow with the session are cut, and how much was left out is kept.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <remit/audit_reader.h>

#include "tools/json.h"

namespace remit::tools {

enum class Mark : std::uint8_t { allow, deny, ask, approval };
inline constexpr std::size_t kMarks = 4;

struct ReportSession {
  std::string id;
  Json opening;  // its opening or delegation; null where that was removed
  Json end;      // its end or revocation; null where there is none
  std::size_t depth = 0;
  std::array<std::uint64_t, kMarks> counts{};
};

// Refusals and asks that have reason and rule in common.
struct ReportReason {
  std::string effect, reason, place, because, layer;
  std::uint64_t count = 0;
  std::string first, last;            // times
  std::vector<std::string> examples;  // `send mail:bob@acme.example`, each once
};

// A request that a person was asked about.
struct ReportAsk {
  std::string approval, request, because, asked;
  std::string digest;       // of the exact request: what the approval is bound to
  std::uint64_t times = 0;  // that it was asked
  std::string approved_at, approved_by, meaning, used_at;
};

struct ReportLimit {
  std::string statement, place, layer;
  std::uint64_t charges = 0;
  std::int64_t amount = 0, used = 0;  // in all; after the last one
};

struct ReportProgram {
  std::string digest, kind, name;
  std::vector<std::pair<std::string, std::string>> files;  // name, source
};

struct ReportEvent {
  std::int64_t time = 0;
  std::uint32_t system = 0;
  Mark mark{};
};

struct AuditReport {
  std::vector<ReportSession>
      sessions;                      // the one asked for first, each before those it delegated to
  std::string first, last;           // times
  std::vector<std::string> systems;  // as they came up
  std::vector<ReportEvent> events;
  std::map<std::pair<std::string, std::string>, std::array<std::uint64_t, kMarks>>
      actions;                        // by system, action
  std::vector<ReportReason> reasons;  // of denials and asks
  std::vector<ReportAsk> asks;
  std::vector<ReportLimit> limits;
  std::vector<ReportProgram> programs;  // in the order of layers
  std::vector<Json> gaps;               // of the log, while the session went on
  std::vector<Json> failures;           // outcomes that were not ok, the first ones
  std::uint64_t outcomes = 0, failed = 0, reserved_back = 0;
  std::vector<std::pair<std::uint64_t, std::string>> sentences;  // seq and what happened
  std::uint64_t records = 0, left_out = 0, unreadable = 0;
};

inline constexpr std::size_t kMaxSentences = 1000;

// `session`: its 32 digits, or how they begin. BadInput where there is none, or several.
AuditReport gather_report(const AuditReader& reader, const std::string& session);

}  // namespace remit::tools
