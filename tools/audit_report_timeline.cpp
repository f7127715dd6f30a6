// The time line of a report: a lane for each system, time from left to right, a mark for what was
// decided. Many decisions of one kind and moment are one larger mark, so that the picture's size
// does not grow with the session. See audit_report_page.h.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <map>
#include <tuple>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "tools/audit_report_page.h"

namespace remit::tools {
namespace {

constexpr double kWidth = 1000, kLeft = 150, kRight = 20, kTop = 12, kLane = 46;
constexpr std::int64_t kColumns = 120;
constexpr std::size_t kMaxLanes = 24;
constexpr std::int64_t kSecond = 1'000'000;
constexpr std::array<std::int64_t, 22> kSteps = {
    1,    2,     5,     10,    30,    60,     120,    300,     600,     1800,     3600,
    7200, 10800, 21600, 43200, 86400, 172800, 604800, 2592000, 7776000, 31536000, 315360000};

const char* name_of(Mark mark) {
  constexpr const char* kNames[] = {"allowed", "denied", "asked", "approved"};
  return kNames[static_cast<std::size_t>(mark)];
}

// Deny above, allow in the middle, ask and approval below: none covers another.
double row_of(Mark mark) { return mark == Mark::deny ? 10 : mark == Mark::allow ? 23 : 36; }

void draw(Html& out, Mark mark, double x, double y, double r) {
  switch (mark) {
    case Mark::allow:
      (out << "<circle class=\"allow\" cx=\"").at(x) << "\" cy=\"";
      (out.at(y) << "\" r=\"").at(r) << "\"/>";
      break;
    case Mark::deny:
      (out << "<path class=\"deny\" d=\"M").at(x - r) << " ";
      (out.at(y - r) << "L").at(x + r) << " ";
      (out.at(y + r) << "M").at(x + r) << " ";
      (out.at(y - r) << "L").at(x - r) << " ";
      out.at(y + r) << "\"/>";
      break;
    case Mark::ask:
      (out << "<path class=\"ask\" d=\"M").at(x) << " ";
      (out.at(y - r - 1) << "L").at(x + r + 1) << " ";
      (out.at(y) << "L").at(x) << " ";
      (out.at(y + r + 1) << "L").at(x - r - 1) << " ";
      out.at(y) << "Z\"/>";
      break;
    case Mark::approval:
      (out << "<path class=\"approval\" d=\"M").at(x) << " ";
      (out.at(y - r - 1) << "L").at(x + r + 1) << " ";
      (out.at(y + r) << "L").at(x - r - 1) << " ";
      out.at(y + r) << "Z\"/>";
      break;
  }
}

std::string tick_label(std::int64_t micros, std::int64_t step) {
  const std::chrono::sys_seconds time{std::chrono::seconds(micros / kSecond)};
  return step < 60      ? fmt::format("{:%H:%M:%S}", time)
         : step < 86400 ? fmt::format("{:%H:%M}", time)
                        : fmt::format("{:%Y-%m-%d}", time);
}

void draw_axis(Html& out, std::int64_t first, std::int64_t span, double bottom) {
  const auto step = std::find_if(kSteps.begin(), kSteps.end(),
                                 [&](std::int64_t s) { return span / (s * kSecond) < 9; });
  if (step == kSteps.end()) return;
  const std::int64_t micros = *step * kSecond;
  for (std::int64_t at = (first / micros + (first % micros > 0)) * micros; at <= first + span;
       at += micros) {
    const double x = kLeft + (kWidth - kLeft - kRight) * static_cast<double>(at - first) /
                                 static_cast<double>(span);
    (out << "<line class=\"grid\" x1=\"").at(x) << "\" x2=\"";
    (out.at(x) << "\" y1=\"").at(kTop) << "\" y2=\"";
    out.at(bottom) << "\"/>";
    (out << "<text text-anchor=\"middle\" x=\"").at(x) << "\" y=\"";
    (out.at(bottom + 18) << "\">").text(tick_label(at, *step)) << "</text>\n";
  }
}

void draw_legend(Html& out, double y) {
  double x = kLeft + 6;
  for (const Mark mark : {Mark::allow, Mark::deny, Mark::ask, Mark::approval}) {
    draw(out, mark, x, y - 4, 4);
    (out << "<text x=\"").at(x + 12) << "\" y=\"";
    (out.at(y) << "\">").text(name_of(mark)) << "</text>";
    x += 95;
  }
  (out << "<text x=\"").at(x + 10) << "\" y=\"";
  out.at(y) << "\">a larger mark is several at once</text>\n";
}

}  // namespace

Html report_timeline(const AuditReport& report) {
  Html out;
  if (report.events.empty()) return out;
  const auto by_time = [](const ReportEvent& a, const ReportEvent& b) { return a.time < b.time; };
  const auto [early, late] =
      std::minmax_element(report.events.begin(), report.events.end(), by_time);
  const std::int64_t first = early->time;
  const std::int64_t span =
      std::clamp<std::int64_t>(late->time - first, kSecond, std::int64_t{1} << 61);

  std::map<std::tuple<std::size_t, std::int64_t, Mark>, std::uint64_t> cells;
  const std::size_t lanes = std::min(report.systems.size(), kMaxLanes);
  for (const ReportEvent& event : report.events) {
    const std::size_t lane = std::min<std::size_t>(event.system, lanes - 1);
    const auto column =
        static_cast<std::int64_t>(static_cast<double>(event.time - first) /
                                  static_cast<double>(span) * static_cast<double>(kColumns - 1));
    ++cells[{lane, column, event.mark}];
  }
  const double bottom = kTop + kLane * static_cast<double>(lanes);
  out << "<h2>Time line</h2>\n<div class=\"scroll\"><svg viewBox=\"0 0 ";
  (out.at(kWidth) << " ").at(bottom + 52)
      << "\" role=\"img\" aria-label=\"Decisions over time, a lane for each system\">\n";
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const double y = kTop + kLane * static_cast<double>(lane);
    (out << "<rect class=\"row\" x=\"").at(kLeft - 10) << "\" width=\"";
    (out.at(kWidth - kLeft - kRight + 20) << "\" rx=\"5\" y=\"").at(y + 1.5) << "\" height=\"";
    out.at(kLane - 3) << "\"/>";
    std::string name = report.systems[lane];
    if (lane + 1 == lanes && report.systems.size() > lanes)
      name = fmt::format("{} others", report.systems.size() - lanes + 1);
    if (name.size() > 20) name.replace(17, std::string::npos, "...");
    (out << "<text class=\"lane\" text-anchor=\"end\" x=\"").at(kLeft - 20) << "\" y=\"";
    (out.at(y + kLane / 2 + 4) << "\">").text(name) << "</text>\n";
  }
  draw_axis(out, first, span, bottom);
  for (const auto& [cell, count] : cells) {
    const auto& [lane, column, mark] = cell;
    const double x = kLeft + (kWidth - kLeft - kRight) * static_cast<double>(column) /
                                 static_cast<double>(kColumns - 1);
    const double r = std::min(3.2 + 1.5 * std::log10(static_cast<double>(count)), 7.0);
    out << "<g><title>" << count << " ";
    out.text(fmt::format("{} in {}", name_of(mark), report.systems[lane])) << "</title>";
    draw(out, mark, x, kTop + kLane * static_cast<double>(lane) + row_of(mark), r);
    out << "</g>\n";
  }
  draw_legend(out, bottom + 44);
  return out << "</svg></div>\n";
}

}  // namespace remit::tools
