// The form of an audit log in SQLite. Read with remit/audit_reader.h.
//
// Append-only: triggers refuse to change or delete anything, but for one door: a record's body, and
// what names somebody or something, may go once it is older than `remove_before` of its class in
// `retention`. seq, leaf, time, kind and class stay. Triggers keep honest programs honest; against
// others there is the hash tree.
//
// `nodes` holds the complete subtrees of level 1 and up; the leaves, level 0, stand with their
// records.
#pragma once

namespace remit::audit {

// "RmtA" as a number: says that the file is ours. The user version is that of the form below.
inline constexpr int kApplication = 0x526d7441;
inline constexpr int kForm = 1;

inline constexpr const char* kSchema = R"sql(
CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE records (
  seq INTEGER PRIMARY KEY CHECK (seq > 0), leaf BLOB NOT NULL CHECK (length(leaf) = 32), body TEXT, time INTEGER NOT NULL,
  kind TEXT NOT NULL, session TEXT, agent TEXT, person TEXT, system TEXT, action TEXT, resource TEXT, effect TEXT, reason TEXT,
  decision TEXT, class TEXT NOT NULL) STRICT;
CREATE INDEX records_by_session ON records (session) WHERE session IS NOT NULL;
CREATE INDEX records_by_agent ON records (agent) WHERE agent IS NOT NULL;
CREATE INDEX records_by_person ON records (person) WHERE person IS NOT NULL;
CREATE INDEX records_by_resource ON records (system, resource) WHERE system IS NOT NULL;
CREATE INDEX records_by_time ON records (time);
CREATE INDEX records_by_effect ON records (effect) WHERE effect <> 'allow';
CREATE INDEX records_by_decision ON records (decision) WHERE decision IS NOT NULL;
CREATE TABLE nodes (level INTEGER NOT NULL CHECK (level > 0), position INTEGER NOT NULL, hash BLOB NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (level, position)) STRICT, WITHOUT ROWID;
CREATE TABLE programs (digest TEXT PRIMARY KEY, name TEXT NOT NULL, image BLOB NOT NULL) STRICT;
CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
CREATE TABLE retention (class TEXT PRIMARY KEY, remove_before INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TRIGGER records_stay BEFORE DELETE ON records BEGIN SELECT raise(ABORT, 'an audit log is append-only'); END;
CREATE TRIGGER records_hold BEFORE UPDATE ON records WHEN NOT (
  OLD.body IS NOT NULL AND OLD.kind <> 'retention' AND NEW.body IS NULL AND NEW.seq = OLD.seq AND NEW.leaf = OLD.leaf AND NEW.time = OLD.time AND NEW.kind = OLD.kind
  AND NEW.class = OLD.class AND NEW.session IS NULL AND NEW.agent IS NULL AND NEW.person IS NULL AND NEW.system IS NULL AND NEW.action IS NULL
  AND NEW.resource IS NULL AND NEW.effect IS NULL AND NEW.reason IS NULL AND NEW.decision IS NULL
  AND OLD.time < coalesce((SELECT remove_before FROM retention WHERE class = OLD.class), -9223372036854775808))
BEGIN SELECT raise(ABORT, 'an audit log is append-only'); END;
CREATE TRIGGER nodes_stay BEFORE DELETE ON nodes BEGIN SELECT raise(ABORT, 'an audit log is append-only'); END;
CREATE TRIGGER nodes_hold BEFORE UPDATE ON nodes BEGIN SELECT raise(ABORT, 'an audit log is append-only'); END;
CREATE TRIGGER programs_stay BEFORE DELETE ON programs BEGIN SELECT raise(ABORT, 'an audit log is append-only'); END;
CREATE TRIGGER programs_hold BEFORE UPDATE ON programs BEGIN SELECT raise(ABORT, 'an audit log is append-only'); END;
CREATE TRIGGER checkpoints_stay BEFORE DELETE ON checkpoints BEGIN SELECT raise(ABORT, 'an audit log is append-only'); END;
CREATE TRIGGER checkpoints_hold BEFORE UPDATE ON checkpoints BEGIN SELECT raise(ABORT, 'an audit log is append-only'); END;
CREATE TRIGGER meta_stays BEFORE DELETE ON meta BEGIN SELECT raise(ABORT, 'an audit log is append-only'); END;
CREATE TRIGGER meta_holds BEFORE UPDATE ON meta BEGIN SELECT raise(ABORT, 'an audit log is append-only'); END;
)sql";

}  // namespace remit::audit
