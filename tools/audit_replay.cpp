// The records of a replay, one after the other; a decision is in audit_replay_decide.cpp. The door
// is in audit_replay.h.
#include "tools/audit_replay.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "tools/audit_sentence.h"
#include "tools/errors.h"

namespace remit::tools {
namespace {

using Verdict = Replayed::Verdict;

Time time_of(const Json& record) {
  const std::optional<Time> time = parse_audit_time(audit_text(record, "time"));
  if (!time) throw BadInput("has no time");
  return *time;
}

std::size_t program_count(const Json& record) {
  const auto list = record.find("programs");
  return list != record.end() && list->is_array() ? list->size() : 0;
}

// Refusals for what only the host or the system knew.
bool rests_on_host(std::string_view code) {
  constexpr std::array<std::string_view, 9> kCodes = {
      "review_overdue",    "sponsor_revoked", "principal_revoked",
      "identity_expired",  "bad_argument",    "audit_unavailable",
      "store_unavailable", "out_of_memory",   "session_over"};
  return std::find(kCodes.begin(), kCodes.end(), code) != kCodes.end();
}

}  // namespace

Replay::Replay(const AuditTrail& trail, const ReplaySettings& settings, Report report)
    : trail_(trail),
      settings_(settings),
      report_(std::move(report)),
      opener_(trail, settings.with) {}

void Replay::run(const std::function<void(std::uint64_t seq)>& progress) {
  if (!settings_.session.empty()) find_tree();
  RecordFilter rollbacks;
  rollbacks.kinds = {"rollback"};
  trail_.each(rollbacks, [&](const TrailRecord& record) {
    rolled_back_.emplace(audit_text(record.fields, "decision"));
    return true;
  });
  trail_.each({}, [&](const TrailRecord& record) {
    progress(record.seq);
    if (record.body.empty()) {
      if (audit_text(record.fields, "kind") == "decision")
        lose_all(fmt::format("the text of record {} went, as retention says", record.seq));
      return true;
    }
    const std::string_view session = audit_text(record.fields, "session");
    if (followed_.empty() || session.empty() || followed_.contains(session)) take(record.fields);
    return true;
  });
  for (auto& [root, tree] : trees_) settle_waiting(tree);
}

// Everything that hangs together with the session that is asked for.
void Replay::find_tree() {
  std::map<std::string, std::string, std::less<>> roots;
  std::string root;
  RecordFilter beginnings;
  beginnings.kinds = {"opening", "delegation"};
  trail_.each(beginnings, [&](const TrailRecord& record) {
    const std::string session(audit_text(record.fields, "session"));
    const auto parent = roots.find(audit_text(record.fields, "parent"));
    const std::string above = parent == roots.end() ? session : parent->second;
    roots[session] = above;
    if (!session.starts_with(settings_.session)) return true;
    if (!root.empty() && root != above) {
      throw BadInput(fmt::format("more than one session begins with {}", settings_.session));
    }
    root = above;
    return true;
  });
  if (root.empty())
    throw BadInput(
        fmt::format("no session whose opening is in the trail begins with {}", settings_.session));
  for (const auto& [session, above] : roots) {
    if (above == root) followed_.insert(session);
  }
}

void Replay::take(const Json& record) {
  const std::string_view kind = audit_text(record, "kind");
  if (kind == "decision") return decide(record);
  if (kind == "opening") return open(record);
  if (kind == "delegation") return delegate(record);
  if (kind == "refusal") return refuse(record);
  if (kind == "approval") return approve(record);
  if (kind == "commit" || kind == "rollback") return settle(record);
  if (kind == "revocation" || kind == "end") return revoke_or_end(record);
  if (kind == "gap") return lose_all(fmt::format("record {} is a gap", record.value("seq", 0)));
}

void Replay::opened(const Json& record, RecordedSession session) {
  Replayed out;
  if (!session.lost.empty()) {
    out = {Verdict::undecidable, "", "", "", session.lost};
  } else if (!session.refused.empty()) {
    out = {Verdict::differs, "deny", session.refused, "", "it is refused"};
  }
  const std::string id(audit_text(record, "session"));
  layers_[id] = program_count(record);
  sessions_.insert_or_assign(id, std::move(session));
  report_(record, out);
}

void Replay::open(const Json& record) { opened(record, opener_.open(record)); }

void Replay::delegate(const Json& record) {
  const auto parent = sessions_.find(audit_text(record, "parent"));
  if (parent == sessions_.end()) {
    RecordedSession lost;
    lost.root = audit_text(record, "session");
    lost.lost = "the opening of its parent is not in the trail";
    return opened(record, std::move(lost));
  }
  opened(record, opener_.delegate(record, parent->second, layers_[parent->first]));
}

void Replay::refuse(const Json& record) {
  if (settings_.with.any()) return;  // nothing followed from it
  const std::string_view code = audit_text(record, "reason");
  if (rests_on_host(code) || !audit_text(record, "parent").empty()) {
    return report_(record, {Verdict::undecidable, "", "", "",
                            "the trail does not have all that the refusal rested on"});
  }
  const RecordedSession session = opener_.open(record);
  if (!session.lost.empty())
    return report_(record, {Verdict::undecidable, "", "", "", session.lost});
  if (session.refused != code && rests_on_host(session.refused)) {
    return report_(record, {Verdict::undecidable, "", "", "",
                            "the trail does not have all that the refusal rested on"});
  }
  if (session.refused == code)
    return report_(record, {Verdict::same, "deny", session.refused, "", ""});
  report_(record,
          {Verdict::differs, session.refused.empty() ? "allow" : "deny", session.refused, "",
           session.refused.empty() ? "it is opened" : "it is refused for another reason"});
}

void Replay::decide(const Json& record) {
  const auto in = sessions_.find(audit_text(record, "session"));
  if (in == sessions_.end()) {
    return report_(record,
                   {Verdict::undecidable, "", "", "", "the session's opening is not in the trail"});
  }
  Tree& tree = trees_[in->second.root];
  ++tree.steps;
  if (std::optional<Replayed> found = attempt(record))
    return tree.waiting.push_back({record, tree.steps, *std::move(found)});
  // What this one changed may be what others waited for.
  std::vector<Waiting> waiting = std::move(tree.waiting);
  tree.waiting.clear();
  for (Waiting& one : waiting) {
    if (!attempt(one.record)) continue;
    if (tree.steps - one.since >= kPatience)
      report_(one.record, one.found);
    else
      tree.waiting.push_back(std::move(one));
  }
}

void Replay::settle_waiting(Tree& tree) {
  const std::vector<Waiting> waiting = std::move(tree.waiting);
  tree.waiting.clear();
  for (const Waiting& one : waiting) {
    if (attempt(one.record)) report_(one.record, one.found);
  }
}

void Replay::approve(const Json& record) {
  const auto in = sessions_.find(audit_text(record, "session"));
  const auto ask = asks_.find(audit_text(record, "approval"));
  if (in == sessions_.end() || !in->second.session || ask == asks_.end()) {
    if (settings_.with.any()) return;  // other documents need not ask
    return report_(record,
                   {Verdict::undecidable, "", "", "", "what it approves was not decided again"});
  }
  Session& session = *in->second.session;
  const Time now = time_of(record);
  Replayed out;
  const Status done = session.approve(ask->second.id, audit_text(record, "by"), now);
  if (!done.ok())
    out = {Verdict::differs, "deny", to_string(done.error().code), "", "the approval is refused"};
  if (done.ok() || !settings_.with.any()) report_(record, out);
}

void Replay::settle(const Json& record) {
  const auto reserved = reservations_.find(audit_text(record, "decision"));
  if (reserved == reservations_.end()) return;
  if (audit_text(record, "kind") == "rollback") reserved->second.rollback();
  reservations_.erase(reserved);
}

void Replay::revoke_or_end(const Json& record) {
  const auto in = sessions_.find(audit_text(record, "session"));
  if (in == sessions_.end() || !in->second.session) return;
  if (audit_text(record, "kind") == "end") return in->second.session->end(time_of(record));
  in->second.session->revoke(audit_text(record, "by"), audit_text(record, "why"), time_of(record));
}

void Replay::lose_all(const std::string& why) {
  for (const auto& [id, session] : sessions_) {
    Tree& tree = trees_[session.root];
    settle_waiting(tree);
    if (tree.unknown.empty()) tree.unknown = why;
  }
}

}  // namespace remit::tools
