"""The audit trail from Python: writing, reading, verifying, replaying, and sinks written in Python."""
import datetime
import sqlite3

import pytest

import remit
from remit import audit

TASK = """read docs:/a at most 3 times because "enough"
ask send mail:*@acme.example
delegate to spiffe://acme.example/**
expires 2h
"""


@pytest.fixture
def trail(tmp_path):
    return tmp_path / "trail.db"


def play(log, now):
    session = remit.open(agent="spiffe://acme.example/agent/a", user="mike@acme.example", task=remit.compile(TASK, file="t.scope"), audit=log, now=now)
    for i in range(5):
        session.check("read", f"docs:/a/{i}", size=remit.Bytes(i), now=now)
    asked = session.check("send", "mail:bob@acme.example", now=now)
    session.approve(asked, "mike@acme.example", now=now)
    granted = session.check("send", "mail:bob@acme.example", now=now)
    session.outcome(granted, False, "the mailbox is full", now=now)
    child = session.delegate("spiffe://acme.example/agent/b", remit.compile("read docs:/; expires 1h"), now=now)
    child.check("read", "docs:/b", now=now)
    with session.reserve("read", "docs:/b", now=now):
        pass
    session.revoke("it@acme.example", "done", now=now)
    return session, granted


@pytest.mark.parametrize("buffered", [False, True])
def test_what_is_written_is_read_verified_and_replayed(trail, now, buffered):
    key, verifier = audit.generate_key("audit.acme.example")
    notes = []
    with audit.Log(trail, origin="audit.acme.example", key=key, buffered=buffered, on_checkpoint=notes.append) as log:
        session, granted = play(log, now)
        log.flush()
        assert log.status.records == len(audit.Reader(trail)) and not log.status.failing
    reader = audit.Reader(trail)
    records = list(reader.records())
    assert [record.seq for record in records] == list(range(1, len(reader) + 1)) and records[0].kind == "opening"
    assert granted.id is not None and granted.record is not None
    assert reader.origin == "audit.acme.example" and reader.verifier_key == verifier
    [outcome] = reader.records(kind="outcome")
    assert outcome.fields["decision"] == granted.id and outcome.time == now
    denied = list(reader.records(effect="deny", session=session.id))
    assert {record.fields["reason"] for record in denied} == {"limit_exceeded", "no_matching_rule"} and "mike@acme.example" in denied[0].sentence
    assert [record.seq for record in reader.records(newest_first=True)] == [record.seq for record in reversed(records)]
    assert list(reader.records(since=now + datetime.timedelta(seconds=1))) == []
    assert set(reader.programs.values()) and all(reader.program(digest).digest == digest for digest in reader.programs)
    with pytest.raises(KeyError):
        reader.program("0" * 64)
    found = audit.verify(trail, key=verifier, earlier=notes)
    assert found and found.verified and (found.records, found.checkpointed, found.earlier) == (len(records), len(records), len(notes)) and notes
    again = audit.replay(trail)
    assert again and again.same > 8 and not again.differences


def test_an_edited_record_is_found(trail, now):
    with audit.Log(trail) as log:
        play(log, now)
    with sqlite3.connect(trail) as database:
        [(table,)] = database.execute("select name from sqlite_master where type = 'table' and sql like '%body%' limit 1")
        for (trigger,) in database.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            database.execute(f"drop trigger {trigger}")
        database.execute(f"update {table} set body = replace(body, 'docs:/a/1', 'docs:/a/9')")
    database.close()
    found = audit.verify(trail)
    assert not found and any(finding.seq == 3 for finding in found.findings)


def test_a_log_has_one_writer_and_bad_files_say_so(trail, now):
    with audit.Log(trail):
        with pytest.raises(remit.RemitError) as second:
            audit.Log(trail)
        assert second.value.code == "audit_unavailable"
    with pytest.raises(remit.RemitError):
        audit.Log(trail.parent / "nowhere" / "x.db")
    (trail.parent / "text.db").write_text("no database")
    for call in (audit.Reader, audit.verify, audit.replay):
        try:
            result = call(trail.parent / "text.db")
        except remit.RemitError as error:
            assert error.code == "audit_unavailable"
        else:
            assert not result


def test_a_closed_log_grants_nothing(trail, now, session_of):
    log = audit.Log(trail)
    session = session_of(TASK, audit=log)
    assert session.check("read", "docs:/a", now=now)
    log.close()
    assert session.check("read", "docs:/a", now=now).reason == "audit_unavailable"


def test_a_sink_in_python(now, session_of):
    events = []

    def sink(event):
        events.append(event)
        return len(events)

    session, granted = play(sink, now)
    assert [event.kind for event in events] == ["opening", *["decision"] * 6, "approval", "decision", "outcome", "delegation", *["decision"] * 2, "revocation"]
    assert events[1].resource == "docs:/a/0" and events[1].attributes == {"size": remit.Bytes(0)} and events[1].rule.because == "enough"
    assert events[0].facts["user"] == "mike@acme.example" and granted.record == 9


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("broken", [lambda event: 0, lambda event: None, lambda event: 1 / 0, lambda event: -1])
def test_a_sink_that_fails_grants_nothing(broken, now, session_of):
    with pytest.raises(remit.RemitError) as refused:
        session_of(TASK, audit=broken)
    assert refused.value.code == "audit_unavailable"
    works = [True]
    session = session_of(TASK, audit=lambda event: 1 if works[0] else broken(event))
    works[0] = False
    assert session.check("read", "docs:/a", now=now).reason == "audit_unavailable"
