// See audit_report.h.
#include "tools/audit_report.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <unordered_map>

#include <fmt/format.h>
#include <remit/program.h>

#include "engine/image/view.h"
#include "tools/audit_sentence.h"
#include "tools/errors.h"

namespace remit::tools {
namespace {

constexpr std::size_t kMaxExamples = 5;
constexpr std::size_t kKeptRows = 500;  // of a table of the page

void require(const Status& status) {
  if (!status.ok()) throw BadInput(status.error().text);
}

// Null where there is none, or what stands there is no JSON: a trail may be forged, and a page is
// made of it all the same.
Json body_of(const AuditRecord& record) {
  if (!record.body) return {};
  try {
    return parse_json(*record.body);
  } catch (const BadInput&) {
    return {};
  }
}

std::string text_of(const Json& record, const char* name) {
  return std::string(audit_text(record, name));
}

const Json* object_of(const Json& record, const char* name) {
  const auto found = record.find(name);
  return found != record.end() && found->is_object() ? &*found : nullptr;
}

std::uint64_t whole_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}
// Amounts beyond what JSON's numbers hold are written as text.
std::int64_t amount_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

std::string request_text(const Json& record) {
  return text_of(record, "action") + " " +
         (record.contains("resource") ? audit_shown(record, "resource") : "");
}

class Gatherer {
 public:
  explicit Gatherer(const AuditReader& reader) : reader_(reader) {}

  AuditReport gather(const std::string& session) {
    const std::string root = find(session);
    find_family(root);
    order(root);
    // The records of all of them, in the order in which they happened.
    std::vector<std::uint64_t> numbers;
    for (const ReportSession& one : out_.sessions) {
      remit::AuditFilter filter;
      filter.session = one.id;
      require(reader_.each(
          filter, [&](const AuditRecord& record) { return numbers.push_back(record.seq), true; }));
    }
    std::sort(numbers.begin(), numbers.end());
    for (const std::uint64_t seq : numbers) {
      const auto read =
          reader_.record(seq, [&](const AuditRecord& record) { return take(record), true; });
      if (!read.ok()) throw BadInput(read.error().text);
    }
    find_gaps();
    load_programs();
    name_limits();
    std::stable_sort(
        out_.reasons.begin(), out_.reasons.end(), [](const ReportReason& a, const ReportReason& b) {
          return std::pair(a.effect != "deny", b.count) < std::pair(b.effect != "deny", a.count);
        });
    return std::move(out_);
  }

 private:
  std::string find(const std::string& session) {
    std::set<std::string> found;
    remit::AuditFilter filter;
    filter.session = session;
    filter.limit = 1;
    if (!session.empty())
      require(reader_.each(
          filter, [&](const AuditRecord& record) { return found.emplace(record.session), true; }));
    if (found.empty()) {  // how it begins: what opened it says the whole
      for (const char* kind : {"opening", "delegation"}) {
        remit::AuditFilter all;
        all.kind = kind;
        require(reader_.each(all, [&](const AuditRecord& record) {
          if (!session.empty() && record.session.starts_with(session))
            found.emplace(record.session);
          return found.size() < 2;
        }));
      }
    }
    if (found.empty())
      throw BadInput(
          fmt::format("the trail has no session {}; `remit audit show --kind opening` lists them",
                      audit_name(session)));
    if (found.size() > 1)
      throw BadInput(fmt::format("several sessions begin with {}: {} and {}", audit_name(session),
                                 *found.begin(), *found.rbegin()));
    return *found.begin();
  }

  // Delegations come after what they are from, so that one pass finds all descendants.
  void find_family(const std::string& root) {
    std::set<std::string, std::less<>> known{root};
    remit::AuditFilter filter;
    filter.kind = "delegation";
    require(reader_.each(filter, [&](const AuditRecord& record) {
      const Json body = body_of(record);
      const std::string parent = text_of(body, "parent");
      if (known.contains(parent) && known.emplace(record.session).second)
        children_[parent].emplace_back(record.session);
      return true;
    }));
  }

  // Each before its children. Without recursion: a forged trail may be as deep as it is long.
  void order(const std::string& root) {
    std::vector<std::pair<std::string, std::size_t>> open{{root, 0}};
    while (!open.empty()) {
      const auto [session, depth] = std::move(open.back());
      open.pop_back();
      at_[session] = out_.sessions.size();
      out_.sessions.emplace_back().id = session;
      out_.sessions.back().depth = depth;
      const auto found = children_.find(session);
      if (found == children_.end()) continue;
      for (auto child = found->second.rbegin(); child != found->second.rend(); ++child)
        open.emplace_back(*child, depth + 1);
    }
  }

  void take(const AuditRecord& record) {
    const Json body = body_of(record);
    if (!body.is_object()) {
      ++out_.unreadable;
      return;
    }
    ++out_.records;
    if (out_.sentences.size() < kMaxSentences) {
      out_.sentences.emplace_back(record.seq, audit_sentence(body));
    } else {
      ++out_.left_out;
    }
    const std::string time = text_of(body, "time");
    if (out_.first.empty()) out_.first = time;
    out_.last = time;
    ReportSession& session = out_.sessions[at_.at(std::string(record.session))];
    const std::string_view kind = record.kind;
    if (kind == "opening" || kind == "delegation") {
      session.opening = body;
      if (body.contains("programs")) programs_.push_back(body["programs"]);
    }
    if (kind == "end" || kind == "revocation") session.end = body;
    if (kind == "decision") take_decision(session, body, record.time.time_since_epoch().count());
    if (kind == "approval") take_approval(session, body, record.time.time_since_epoch().count());
    if (kind == "rollback") ++out_.reserved_back;
    if (kind == "outcome") {
      ++out_.outcomes;
      if (const auto ok = body.find("ok"); ok == body.end() || *ok != true) {
        ++out_.failed;
        if (out_.failures.size() < kKeptRows) out_.failures.push_back(body);
      }
    }
  }

  std::uint32_t system_of(const Json& body) {
    const std::string_view resource = audit_text(body, "resource");
    const std::size_t colon = resource.find(':');
    const std::string name(colon == std::string_view::npos ? "(malformed)"
                                                           : resource.substr(0, colon));
    const auto [found, fresh] =
        systems_.emplace(name, static_cast<std::uint32_t>(out_.systems.size()));
    if (fresh) out_.systems.push_back(name);
    return found->second;
  }

  void mark(ReportSession& session, const Json& body, std::int64_t time, Mark mark) {
    const std::uint32_t system = system_of(body);
    ++session.counts[static_cast<std::size_t>(mark)];
    ++out_.actions[{out_.systems[system], text_of(body, "action")}][static_cast<std::size_t>(mark)];
    // A time line of forged times is drawn, too: 36,000 years to either side are enough.
    constexpr std::int64_t kFar = std::int64_t{1} << 60;
    out_.events.push_back({std::clamp(time, -kFar, kFar), system, mark});
  }

  void take_decision(ReportSession& session, const Json& body, std::int64_t time) {
    const std::string effect = text_of(body, "effect");
    const Mark what = effect == "allow" ? Mark::allow : effect == "ask" ? Mark::ask : Mark::deny;
    mark(session, body, time, what);
    if (what != Mark::allow) take_reason(body, effect);
    if (what == Mark::ask) ask_of(body).times += 1;
    if (text_of(body, "reason") == "granted_by_approval") {
      if (ReportAsk& ask = ask_of(body); ask.used_at.empty()) ask.used_at = text_of(body, "time");
    }
    const auto charges = body.find("charges");
    if (charges != body.end() && charges->is_array()) take_charges(body, *charges);
  }

  void take_reason(const Json& body, const std::string& effect) {
    const Json* rule = object_of(body, "rule");
    const Json* layer = object_of(body, "layer");
    ReportReason one;
    one.effect = effect;
    one.reason = text_of(body, "reason");
    one.place = audit_place(body);
    if (rule != nullptr) one.because = text_of(*rule, "because");
    if (layer != nullptr) one.layer = text_of(*layer, "kind") + " " + text_of(*layer, "name");
    const std::string key =
        one.effect + '\n' + one.reason + '\n' + one.place + '\n' + one.because + '\n' + one.layer;
    const auto [found, fresh] = reasons_.emplace(key, out_.reasons.size());
    if (fresh) {
      one.first = text_of(body, "time");
      out_.reasons.push_back(std::move(one));
    }
    ReportReason& reason = out_.reasons[found->second];
    ++reason.count;
    reason.last = text_of(body, "time");
    const std::string request = request_text(body);
    if (reason.examples.size() < kMaxExamples &&
        std::find(reason.examples.begin(), reason.examples.end(), request) == reason.examples.end())
      reason.examples.push_back(request);
  }

  ReportAsk& ask_of(const Json& body) {
    const std::string id = text_of(body, "approval");
    const auto [found, fresh] = asks_.emplace(id, out_.asks.size());
    if (fresh) {
      ReportAsk& ask = out_.asks.emplace_back();
      ask.approval = id;
      ask.request = request_text(body);
      ask.asked = text_of(body, "time");
      if (const Json* rule = object_of(body, "rule")) ask.because = text_of(*rule, "because");
    }
    return out_.asks[found->second];
  }

  void take_approval(ReportSession& session, const Json& body, std::int64_t time) {
    mark(session, body, time, Mark::approval);
    ReportAsk& ask = ask_of(body);
    ask.digest = text_of(body, "request");
    ask.approved_at = text_of(body, "time");
    ask.approved_by = text_of(body, "by");
    ask.meaning = text_of(body, "meaning");
  }

  void take_charges(const Json& body, const Json& charges) {
    const auto programs = body.find("programs");
    for (const Json& charge : charges) {
      const std::size_t layer = whole_of(charge, "layer");
      const auto rule = static_cast<std::uint32_t>(whole_of(charge, "rule"));
      if (programs == body.end() || !programs->is_array() || layer >= programs->size() ||
          !(*programs)[layer].is_string())
        continue;
      const auto [found, fresh] = limits_.emplace(
          std::pair((*programs)[layer].get<std::string>(), rule), out_.limits.size());
      if (fresh) out_.limits.emplace_back();
      ReportLimit& limit = out_.limits[found->second];
      ++limit.charges;
      if (__builtin_add_overflow(limit.amount, amount_of(charge, "amount"), &limit.amount))
        limit.amount = std::numeric_limits<std::int64_t>::max();
      limit.used = amount_of(charge, "used");
    }
  }

  // What the log could not record is no session's, but it may have been this one's.
  void find_gaps() {
    if (out_.first.empty()) return;
    remit::AuditFilter filter;
    filter.kind = "gap";
    require(reader_.each(filter, [&](const AuditRecord& record) {
      Json body = body_of(record);
      const std::string time = text_of(body, "time");
      if (body.is_object() && time >= out_.first && out_.gaps.size() < kKeptRows)
        out_.gaps.push_back(std::move(body));
      return true;
    }));
  }

  const Program* load(const std::string& digest) {
    const auto [found, fresh] = loaded_.emplace(digest, std::nullopt);
    if (fresh) {
      const auto image = reader_.program(digest);
      if (!image.ok()) throw BadInput(image.error().text);
      if (image.value()) {
        auto program = Program::load(*image.value());
        if (program.ok()) found->second = std::move(program).value();
      }
    }
    return found->second ? &*found->second : nullptr;
  }

  void load_programs() {
    std::set<std::string> shown;
    for (const Json& digests : programs_) {
      for (const Json& digest : digests) {
        if (!digest.is_string() || !shown.insert(digest.get<std::string>()).second) continue;
        ReportProgram& one = out_.programs.emplace_back();
        one.digest = digest.get<std::string>();
        const Program* program = load(one.digest);
        if (program == nullptr) continue;
        one.kind = to_string(program->kind());
        one.name = program->name();
        for (const image::File& file : program->view().files)
          one.files.emplace_back(program->view().text(file.name),
                                 program->view().text(file.source));
      }
    }
  }

  void name_limits() {
    for (const auto& [key, at] : limits_) {
      const Program* program = load(key.first);
      if (program == nullptr) continue;
      const RuleInfo rule = program->rule(key.second);
      ReportLimit& limit = out_.limits[at];
      limit.statement = rule.source;
      limit.place = fmt::format("{}:{}", rule.file, rule.line);
      limit.layer = fmt::format("{} {}", to_string(program->kind()), program->name());
    }
  }

  const AuditReader& reader_;
  AuditReport out_;
  std::unordered_map<std::string, std::size_t> at_;  // session -> out_.sessions
  std::map<std::string, std::vector<std::string>, std::less<>> children_;
  std::unordered_map<std::string, std::uint32_t> systems_;
  std::unordered_map<std::string, std::size_t> reasons_, asks_;
  std::map<std::pair<std::string, std::uint32_t>, std::size_t> limits_;  // program, rule
  std::vector<Json> programs_;
  std::map<std::string, std::optional<Program>> loaded_;
};

}  // namespace

AuditReport gather_report(const AuditReader& reader, const std::string& session) {
  return Gatherer(reader).gather(session);
}

}  // namespace remit::tools
