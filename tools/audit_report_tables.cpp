// The tables of a report. See audit_report_page.h.
#include <fmt/format.h>

#include "tools/audit_report_page.h"
#include "tools/audit_sentence.h"

namespace remit::tools {
namespace {

// Rows of one table; beyond that it says how many more there were.
constexpr std::size_t kShownRows = 200;

void rest(Html& out, std::size_t size) {
  if (size > kShownRows)
    (out << "<p class=\"quiet\">and ").text(counted(size - kShownRows, "more row", "more rows"))
        << "</p>\n";
}

void effect(Html& out, std::string_view effect) {
  if (effect == "ask") {
    out << "<b class=\"ask\">◆ ask</b>";
  } else {
    out << "<b class=\"deny\">✕ deny</b>";
  }
}

// Date and time, each in one piece.
void moment(Html& out, std::string_view time) {
  const std::string text = short_time(time);
  const std::size_t blank = text.size() == 19 ? 10 : text.size();
  (out << "<span>").text(text.substr(0, blank)) << "</span> <span>";
  if (blank != text.size()) out.text(text.substr(blank + 1));
  out << "</span>";
}

void number(Html& out, std::uint64_t value) {
  out << "<td class=\"n\">";
  if (value == 0) {
    out << "<span class=\"quiet\">–</span>";
  } else {
    out << value;
  }
  out << "</td>";
}

}  // namespace

Html report_actions(const AuditReport& report) {
  Html out;
  if (report.actions.empty()) return out;
  out << "<h2>By system and action</h2>\n<table>\n<thead><tr><th>System</th><th>Action</th><th "
         "class=\"n\">Allowed</th><th class=\"n\">Denied</th>"
         "<th class=\"n\">Asked</th></tr></thead>\n<tbody>\n";
  std::size_t rows = 0;
  for (const auto& [key, counts] : report.actions) {
    if (++rows > kShownRows) break;
    (out << "<tr><td>").text(key.first) << "</td>";
    (out << "<td>").text(key.second) << "</td>";
    for (const Mark mark : {Mark::allow, Mark::deny, Mark::ask})
      number(out, counts[static_cast<std::size_t>(mark)]);
    out << "</tr>\n";
  }
  out << "</tbody>\n</table>\n";
  rest(out, report.actions.size());
  return out;
}

Html report_reasons(const AuditReport& report) {
  Html out;
  out << "<h2>What was refused, and why</h2>\n";
  if (report.reasons.empty()) return out << "<p>Nothing was.</p>\n";
  out << "<div class=\"scroll\"><table class=\"reasons\">\n<thead><tr><th>Effect</th><th "
         "class=\"n\">Times</th><th>Reason</th><th>For "
         "example</th><th>First and last</th></tr></thead>\n<tbody>\n";
  for (std::size_t i = 0; i < std::min(report.reasons.size(), kShownRows); ++i) {
    const ReportReason& one = report.reasons[i];
    out << "<tr><td>";
    effect(out, one.effect);
    out << "</td><td class=\"n\">" << one.count << "</td><td>";
    out.text(one.reason);
    if (!one.place.empty()) (out << " at <code>").text(one.place) << "</code>";
    if (one.place.empty() && !one.layer.empty()) (out << " in ").text(one.layer);
    if (!one.because.empty()) (out << "<span class=\"because\">").text(one.because) << "</span>";
    out << "</td><td>";
    for (const std::string& example : one.examples) (out << "<code>").text(example) << "</code>";
    out << "</td><td class=\"time\">";
    moment(out, one.first);
    if (one.last != one.first) moment(out << "<br>", one.last);
    out << "</td></tr>\n";
  }
  out << "</tbody>\n</table></div>\n";
  rest(out, report.reasons.size());
  return out;
}

Html report_asks(const AuditReport& report) {
  Html out;
  if (report.asks.empty()) return out;
  out << "<h2>What a person was "
         "asked</h2>\n<div class=\"scroll\"><table "
         "class=\"asks\">\n<thead><tr><th>Request</th><th>Asked</th><th>Answer</th><th>Used</"
         "th></tr></thead>\n<tbody>\n";
  for (std::size_t i = 0; i < std::min(report.asks.size(), kShownRows); ++i) {
    const ReportAsk& ask = report.asks[i];
    (out << "<tr><td><code>").text(ask.request) << "</code>";
    if (!ask.because.empty()) (out << "<span class=\"because\">").text(ask.because) << "</span>";
    moment(out << "</td><td class=\"time\">", ask.asked);
    if (ask.times > 1)
      (out << "<br><span class=\"quiet\">").text(counted(ask.times, "time")) << "</span>";
    out << "</td><td>";
    if (ask.approved_at.empty()) {
      out << "<span class=\"quiet\">no answer</span>";
    } else {
      out << "<b class=\"approval\">▲ ";
      out.text(ask.meaning.empty() ? "approved" : ask.meaning) << "</b> by ";
      out.text(ask.approved_by) << "<br><span class=\"quiet\">";
      out.text(short_time(ask.approved_at)) << "<br>approval <code>";
      out.text(ask.approval) << "</code>";
      if (!ask.digest.empty()) (out << "<br>of request <code>").text(ask.digest) << "</code>";
      out << "</span>";
    }
    out << "</td><td class=\"time\">";
    if (ask.used_at.empty()) {
      out << "<span class=\"quiet\">–</span>";
    } else {
      moment(out, ask.used_at);
    }
    out << "</td></tr>\n";
  }
  out << "</tbody>\n</table></div>\n<p class=\"quiet\">An approval is for exactly one request, and "
         "for "
         "one use of it: it is bound to the request’s digest in the log.</p>\n";
  rest(out, report.asks.size());
  return out;
}

Html report_limits(const AuditReport& report) {
  Html out;
  if (!report.limits.empty()) {
    out << "<h2>Limits</h2>\n<table>\n<thead><tr><th>Limit</th><th class=\"n\">Charged</th><th "
           "class=\"n\">In all</th><th class=\"n\">Used at the end</th></tr></thead>\n<tbody>\n";
    for (std::size_t i = 0; i < std::min(report.limits.size(), kShownRows); ++i) {
      const ReportLimit& limit = report.limits[i];
      (out << "<tr><td><code>").text(limit.statement) << "</code><span class=\"because\">";
      out.text(limit.place) << ", ";
      out.text(limit.layer) << "</span></td><td class=\"n\">";
      out.text(counted(limit.charges, "time"))
          << "</td><td class=\"n\">" << limit.amount << "</td><td class=\"n\">" << limit.used
          << "</td></tr>\n";
    }
    out << "</tbody>\n</table>\n";
    rest(out, report.limits.size());
  }
  if (report.outcomes != 0 || report.reserved_back != 0) {
    out << "<h2>What became of it</h2>\n<p>The caller reported ";
    out.text(counted(report.outcomes, "outcome"))
        << ", of which " << report.failed << " were failures; ";
    out.text(counted(report.reserved_back, "reservation was", "reservations were"))
        << " given back.</p>\n";
  }
  if (!report.failures.empty()) {
    out << "<table>\n<thead><tr><th>Time</th><th>Failure</th><th>Decision</th></tr></"
           "thead>\n<tbody>\n";
    for (std::size_t i = 0; i < std::min(report.failures.size(), kShownRows); ++i) {
      moment(out << "<tr><td class=\"time\">", audit_text(report.failures[i], "time"));
      out << "</td>";
      (out << "<td>").text(audit_text(report.failures[i], "detail")) << "</td>";
      (out << "<td><code>").text(audit_text(report.failures[i], "decision"))
          << "</code></td></tr>\n";
    }
    out << "</tbody>\n</table>\n";
  }
  return out;
}

Html report_records(const AuditReport& report) {
  Html out;
  out << "<h2>What happened</h2>\n<ol class=\"records\">\n";
  for (const auto& [seq, sentence] : report.sentences) {
    out << "<li><span class=\"seq\">" << seq << "</span><span class=\"what\">";
    out.text(sentence) << "</span></li>\n";
  }
  out << "</ol>\n";
  if (report.left_out != 0) {
    (out << "<p class=\"quiet\">and ").text(counted(report.left_out, "more record", "more records"))
        << ", which are counted above: <code>remit audit show --session ";
    out.text(report.sessions.front().id) << "</code> prints all.</p>\n";
  }
  return out;
}

}  // namespace remit::tools
