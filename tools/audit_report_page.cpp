// See audit_report_page.h.
#include "tools/audit_report_page.h"

#include <fmt/format.h>

#include "tools/audit_report_style.h"
#include "tools/audit_sentence.h"

namespace remit::tools {
namespace {

std::uint64_t total(const AuditReport& report, Mark mark) {
  std::uint64_t out = 0;
  for (const ReportSession& session : report.sessions)
    out += session.counts[static_cast<std::size_t>(mark)];
  return out;
}

std::string agent_of(const Json& opening) {
  const std::string_view agent = audit_text(opening, "agent");
  return agent.empty() ? "an unknown agent" : std::string(agent);
}

std::string person_of(const Json& opening) {
  const std::string_view person = audit_person(opening);
  return person.empty() ? "an unknown person" : std::string(person);
}

void fact(Html& out, const char* name, std::string_view value) {
  if (value.empty()) return;
  (out << "<dt>").text(name) << "</dt>";
  (out << "<dd>").text(value) << "</dd>\n";
}

std::string joined(const Json& list) {
  std::string out;
  if (!list.is_array()) return out;
  for (const Json& item : list) {
    if (item.is_string()) out += (out.empty() ? "" : " → ") + item.get<std::string>();
  }
  return out;
}

Html header(const AuditReport& report, const ReportLog& log) {
  const Json& opening = report.sessions.front().opening;
  Html out;
  out << "<p class=\"kicker\">Audit report</p>\n<h1>";
  out.text(agent_of(opening)) << " on behalf of ";
  out.text(person_of(opening)) << "</h1>\n<p class=\"lead\">Between ";
  out.text(short_time(report.first)) << " and ";
  out.text(short_time(report.last)) << " UTC: ";
  const std::uint64_t decisions =
      total(report, Mark::allow) + total(report, Mark::deny) + total(report, Mark::ask);
  out.text(counted(decisions, "decision")) << " about ";
  out.text(counted(report.systems.size(), "system")) << ".</p>\n<div class=\"tiles\">\n";
  const auto tile = [&](Mark mark, const char* what) {
    out << "<div class=\"tile\"><b>" << total(report, mark) << "</b><span>";
    out.text(what) << "</span></div>\n";
  };
  tile(Mark::allow, "allowed");
  tile(Mark::deny, "denied");
  tile(Mark::ask, "put to a person");
  tile(Mark::approval, "approved");
  out << "</div>\n";
  // The first page says it, the last one how.
  if (log.verified.verified())
    return out << "<p class=\"verdict good\">✓ The log was verified when this page was made: see "
                  "the end.</p>\n";
  return out << "<p class=\"verdict bad\">✗ The log is not verified, so what follows may be wrong: "
                "see the end.</p>\n";
}

Html warnings(const AuditReport& report) {
  Html out;
  for (const Json& gap : report.gaps) {
    const auto count = [&](const char* name) {
      return gap.contains(name) && gap[name].is_number() ? gap[name].dump() : std::string("0");
    };
    out << "<div class=\"box bad\"><p><b>Incomplete.</b> The log records at ";
    out.text(short_time(audit_text(gap, "time"))) << " UTC that ";
    out.text(count("count")) << " events took effect unrecorded and ";
    out.text(count("denied")) << " decisions were denied for want of a record: ";
    out.text(audit_text(gap, "why")) << ". Some may be of this session.</p></div>\n";
  }
  if (report.unreadable != 0) {
    out << "<div class=\"box bad\"><p><b>Incomplete.</b> " << report.unreadable;
    out << " records of this session were removed or cannot be read.</p></div>\n";
  }
  const std::string_view habit = audit_text(report.sessions.front().opening, "habit");
  if (!habit.empty()) {
    out << "<div class=\"box soft\"><p><b>The identity was incomplete</b> (";
    out.text(habit) << "): the host named the missing half when it opened the session.</p></div>\n";
  }
  return out;
}

Html who(const AuditReport& report) {
  const ReportSession& session = report.sessions.front();
  const Json& opening = session.opening;
  Html out;
  out << "<h2>Who, for whom, why</h2>\n<dl>\n";
  fact(out, "Agent", agent_of(opening));
  if (opening.contains("chain") && opening["chain"].size() > 1)
    fact(out, "Chain of agents", joined(opening["chain"]));
  fact(out, "On behalf of", audit_text(opening, "on_behalf_of"));
  fact(out, "Sponsor", audit_text(opening, "sponsor"));
  if (opening.contains("trigger"))
    fact(out, "Started by",
         fmt::format("{} {}", audit_text(opening["trigger"], "kind"),
                     audit_text(opening["trigger"], "text")));
  fact(out, "Purpose", audit_text(opening, "purpose"));
  fact(out, "Opened", short_time(audit_text(opening, "time")) + " UTC");
  if (session.end.is_object()) {
    const std::string_view by = audit_text(session.end, "by"), why = audit_text(session.end, "why");
    fact(out, audit_text(session.end, "kind") == "revocation" ? "Revoked" : "Ended",
         fmt::format("{} UTC{}{}{}{}", short_time(audit_text(session.end, "time")),
                     by.empty() ? "" : " by ", by, why.empty() ? "" : ": ", why));
  } else {
    fact(out, "Ended", "not in this log: it expired, or still goes on");
  }
  fact(out, "Session", session.id);
  fact(out, "Delegated from", audit_text(opening, "parent"));
  fact(out, "Trace", audit_text(opening, "trace"));
  fact(out, "Transaction", audit_text(opening, "txn"));
  return out << "</dl>\n";
}

Html tree(const AuditReport& report) {
  Html out;
  if (report.sessions.size() < 2) return out;
  out << "<h2>Delegation</h2>\n<p>The session handed parts of its task on. Each of these could do "
         "no more than the one above it.</p>\n<ul class=\"tree\">\n";
  for (const ReportSession& session : report.sessions) {
    out << "<li style=\"margin-left:" << std::min<std::size_t>(session.depth, 12) * 24
        << "px\"><b>";
    out.text(agent_of(session.opening)) << "</b>";
    if (const std::string_view purpose = audit_text(session.opening, "purpose"); !purpose.empty())
      (out << ": ").text(purpose);
    out << "<br><span class=\"quiet\">" << session.counts[0] << " allowed, " << session.counts[1]
        << " denied, " << session.counts[2] << " asked; session <code>";
    out.text(session.id) << "</code></span></li>\n";
  }
  return out << "</ul>\n";
}

Html source(const std::string& text) {
  Html out;
  out << "<pre class=\"source\">";
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    (out << "<span>").text(line) << "</span>";
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return out << "</pre>\n";
}

Html scope(const AuditReport& report) {
  Html out;
  out << "<h2>What was permitted</h2>\n<p>Every decision was made by these documents, as they "
         "stand here. All of them have to agree.</p>\n";
  for (const ReportProgram& program : report.programs) {
    out << "<h3>";
    if (program.kind.empty()) {
      out << "A program that the log does not have";
    } else {
      out.text(program.kind) << " ";
      out.text(program.name.empty() ? "without a name" : program.name);
    }
    out << "</h3>\n<p class=\"quiet\">SHA-256 <code>";
    out.text(program.digest) << "</code></p>\n";
    for (const auto& [name, text] : program.files) {
      (out << "<p class=\"mono\">").text(name) << "</p>\n";
      out << source(text);
    }
  }
  return out;
}

Html integrity(const AuditReport& report, const ReportLog& log) {
  const audit::VerifyReport& verified = log.verified;
  Html out;
  out << "<h2>How to verify this</h2>\n";
  if (verified.verified()) {
    out << "<div class=\"box good\"><p><b>✓ Verified.</b> When this page was made, all ";
    out.text(counted(verified.records, "record"))
        << " of the log agreed with their hashes, the hash tree and ";
    out.text(counted(verified.checkpoints, "signed checkpoint")) << ".";
    if (!log.key_given && verified.key)
      out << " The key was the log's own word: compare it with the one that you know.";
    if (!verified.key)
      out << " The log is not signed: whoever could write the file could have made it so.";
    out << "</p></div>\n";
  } else {
    out << "<div class=\"box bad\"><p><b>✗ Not verified.</b> The log is not what it was when it "
           "was written:</p><ul>\n";
    for (std::size_t i = 0; i < std::min<std::size_t>(verified.findings.size(), 20); ++i) {
      const audit::Finding& finding = verified.findings[i];
      out << "<li>";
      if (finding.seq != 0) out << "record " << finding.seq << ": ";
      out.text(finding.text) << "</li>\n";
    }
    out << "</ul></div>\n";
  }
  out << "<dl>\n";
  fact(out, "Log", verified.origin);
  if (verified.key) fact(out, "Verifier key", verified.key->text());
  out << "</dl>\n";
  if (log.checkpoint) {
    out << "<p>The checkpoint that the log was under, a signed note that public tools can "
           "verify:</p>\n<pre>";
    out.lines(*log.checkpoint) << "</pre>\n";
  }
  out << "<p>To verify the log against it, save these lines as <code>report.note</code>, get the "
         "verifier key from whoever keeps the log's key, and run:</p>\n<pre>";
  (out << "remit audit verify ").text(log.database);
  if (verified.key) (out << " --key ").text(verified.key->text());
  if (log.checkpoint) out << " --checkpoint report.note";
  (out << "\nremit audit show ").text(log.database);
  (out << " --session ").text(report.sessions.front().id) << "</pre>\n";
  out << "<p class=\"quiet\">The records that this page is about are those with the numbers listed "
         "under “What happened”; each can be proved to be in the log by "
         "<code>remit audit prove</code>.</p>\n";
  return out;
}

}  // namespace

std::string short_time(std::string_view time) {
  std::string out(time.substr(0, 19));
  if (out.size() > 10 && out[10] == 'T') out[10] = ' ';
  return out.empty() ? "an unknown time" : out;
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  if (count == 1) return fmt::format("1 {}", one);
  return many.empty() ? fmt::format("{} {}s", count, one) : fmt::format("{} {}", count, many);
}

std::string report_page(const AuditReport& report, const ReportLog& log) {
  Html out;
  out << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         // Should anything ever slip through: nothing here may run or be fetched.
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
         "'unsafe-inline'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
  const Json& opening = report.sessions.front().opening;
  out.text(fmt::format("{} on behalf of {}, {}", agent_of(opening), person_of(opening),
                       short_time(report.first)))
      << "</title>\n<style>";
  out << kReportStyle << "</style>\n</head>\n<body>\n<main>\n";
  out << header(report, log) << warnings(report) << report_timeline(report) << who(report)
      << report_actions(report) << report_reasons(report) << report_asks(report)
      << report_limits(report) << tree(report) << scope(report) << report_records(report)
      << integrity(report, log);
  out << "<footer>Made at ";
  out.text(short_time(log.made)) << " UTC from ";
  out.text(log.database) << ". Times are UTC.</footer>\n</main>\n</body>\n</html>\n";
  return out.str();
}

}  // namespace remit::tools
