// From an event to its record: one canonical JSON object, and the columns by which it is found. The
// form is described in remit/audit_reader.h.
//
// What all records of a session share is written once and kept, so that a decision's record is put
// together from few pieces. Not thread-safe: it belongs to the thread that writes. Covered by
// tests/audit_record_test.cpp.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <remit/audit.h>

#include "engine/audit/event.h"
#include "engine/audit/seal.h"
#include "engine/audit/session_part.h"
#include "engine/image/sha256.h"

namespace remit::audit {

// A record. Columns are empty where they do not apply; they borrow from the event and the renderer,
// until the next call.
struct Rendered {
  std::string body;
  std::int64_t time = 0;
  std::string_view kind, session, agent, person, system, action, resource, effect, reason, decision,
      retention_class;
};

// What a removal did: bodies removed by it, from before when they may be gone by now, and over all
// that were ever removed of that class the digest of removed_digest.h.
struct Removed {
  std::int64_t before = 0;
  std::uint64_t count = 0, in_all = 0;
  image::Digest digest{};
};

class Renderer {
 public:
  explicit Renderer(const AuditOptions& options);

  // May throw std::bad_alloc. `latest` is the latest time of any earlier record. `fresh` says
  // whether the event is the first of its session that is seen here.
  const Rendered& render(const QueuedEvent& event, std::uint64_t seq, std::int64_t latest,
                         bool& fresh, const Removed& removed = {});
  // Every session counts as not seen yet.
  void forget() noexcept { parts_.clear(); }

 private:
  // An attribute and the name that it has in the record.
  struct Named {
    std::string_view key;
    const Attribute* attribute;
  };

  static constexpr std::size_t kMaxParts = 4096;

  const SessionPart& part_of(const std::shared_ptr<const AuditedSession>& session, bool& fresh);
  void render_session_event(const SessionPart& part, const QueuedEvent& event, std::uint64_t seq,
                            std::int64_t latest);
  void render_own(const QueuedEvent& event, std::uint64_t seq, std::int64_t latest,
                  const Removed& removed);
  void write_open(std::string_view name);
  void write_sealed();
  void write_opened(const AuditedSession& session);
  void write_rule(const Layers& layers);
  void take_names(std::span<const Attribute> attributes,
                  const std::vector<std::string_view>* referenced);
  bool is_sensitive(std::string_view name) const noexcept;
  std::string_view class_of(std::string_view system) const noexcept;

  void key(std::string_view name) { out_.body.append(",\"").append(name).append("\":"); }
  void text(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    key(name);
    write_text_of(value);
  }
  void write_text_of(std::string_view value);

  std::vector<std::string> sensitive_, unrecorded_;
  std::vector<RetentionClass> classes_;
  Seal seal_;
  std::unordered_map<const AuditedSession*, std::unique_ptr<SessionPart>> parts_;

  // Of the record at hand; kept for their memory.
  Rendered out_;
  UnpackedEvent event_;
  std::vector<Named> open_, sealed_;  // by key, each once
  std::deque<std::string> odd_keys_;
  std::string decision_column_, value_;
};

}  // namespace remit::audit
