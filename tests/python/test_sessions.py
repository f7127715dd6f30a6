"""Sessions from Python: opening, decisions, approvals, delegation, limits, saved state."""
import asyncio
import datetime

import pytest

import remit

TEXT = """
read docs:/clinical/A at most 3 times
write ws:/proj/B when size <= 5MB
ask send mail:*@acme.example because "mail needs your yes"
deny delete ws:/ because "agents tidy nothing away"
delegate to spiffe://acme.example/**
expires 2h
"""
HOUR = datetime.timedelta(hours=1)


def test_check_names_rule_and_reason(session_of, now):
    decision = session_of(TEXT).check("delete", "ws:/proj/B/x", now=now)
    assert not decision and not decision.allowed and not decision.asks
    assert (decision.effect, decision.reason, decision.layer) == ("deny", "denied_by_rule", 0)
    assert decision.sentence == remit.REASONS["denied_by_rule"]
    assert (decision.rule.kind, decision.rule.line, decision.rule.because) == ("deny", 5, "agents tidy nothing away")
    assert (decision.action, decision.resource, decision.attributes, decision.now) == ("delete", "ws:/proj/B/x", {}, now)
    assert "agents tidy nothing away" in decision.explain()


def test_attributes_as_dict_and_by_keyword_are_the_same(session_of, now):
    session = session_of(TEXT)
    size = remit.Bytes(5_000_000)
    for decision in (session.check("write", "ws:/proj/B/x", {"size": size}, now=now), session.check("write", "ws:/proj/B/x", size=size, now=now)):
        assert decision and decision.attributes == {"size": size} and type(decision.attributes["size"]) is remit.Bytes
    with pytest.raises(TypeError, match="'size' is given twice"):
        session.check("write", "ws:/proj/B/x", {"size": size}, size=size)


@pytest.mark.parametrize("arguments,message", [
    ((), "0 positional arguments"), (("read",), "1 positional"), (("read", "docs:/a", {}, 1), "4 positional"),
    ((1, "docs:/a"), "the action is a str, not int"), (("read", b"docs:/a"), "the resource is a str, not bytes"),
    (("read", "docs:/a", ["size"]), "attributes are a dict"),
])
def test_wrong_calls_say_what_is_wanted(session_of, arguments, message):
    with pytest.raises(TypeError, match=message):
        session_of(TEXT).check(*arguments)


@pytest.mark.parametrize("resource,reason", [("docs:/a/../b", "malformed_resource"), ("", "malformed_resource"), ("docs:/\udc80", "malformed_resource"),
                                             ("nowhere:/a", "unknown_system"), ("docs:/\0", "malformed_resource")])
def test_bad_resources_are_denied_and_never_raise(session_of, now, resource, reason):
    assert session_of(TEXT).check("read", resource, now=now).reason == reason


def test_limits_are_charged_by_check_only(session_of, now):
    session = session_of(TEXT)
    for _ in range(5):
        assert session.would("read", "docs:/clinical/A", now=now)
    for left in (2, 1, 0):
        assert session.check("read", "docs:/clinical/A", now=now)
        assert session.limits(now=now)[0].remaining == left
    assert session.check("read", "docs:/clinical/A", now=now).reason == "limit_exceeded"


def test_reservation_goes_back(session_of, now):
    session = session_of(TEXT)
    with pytest.raises(RuntimeError):
        with session.reserve("read", "docs:/clinical/A", now=now) as reservation:
            assert reservation and reservation.granted and reservation.decision.allowed
            assert session.limits(now=now)[0].used == 1
            raise RuntimeError("the document is gone")
    assert session.limits(now=now)[0].used == 0
    with session.reserve("read", "docs:/clinical/A", now=now) as reservation:
        pass
    reservation.rollback()  # too late: it was committed
    assert session.limits(now=now)[0].used == 1


def test_approval_is_for_exactly_that_request(session_of, now):
    session = session_of(TEXT)
    with pytest.raises(remit.Ask) as caught:
        session.require("send", "mail:bob@acme.example", now=now)
    asked = caught.value.decision
    [pending] = session.pending(now=now)
    assert (pending.id, pending.resource, pending.approved) == (asked.approval, "mail:bob@acme.example", False)
    assert pending.rules[0].because == "mail needs your yes"
    with pytest.raises(remit.RemitError) as refused:
        session.approve(asked, "spiffe://acme.example/agent/a", now=now)
    assert refused.value.code == "approver_is_agent"
    session.approve(pending, "mike@acme.example", now=now)
    assert session.check("send", "mail:ann@acme.example", now=now).asks
    granted = session.require("send", "mail:bob@acme.example", now=now)
    assert (granted.reason, granted.approval) == ("granted_by_approval", asked.approval)
    assert session.check("send", "mail:bob@acme.example", now=now).asks


def test_delegation_and_revocation(session_of, now):
    session = session_of(TEXT)
    child = session.delegate("spiffe://acme.example/agent/b", remit.compile("read docs:/; expires 1h"), now=now)
    assert isinstance(child, remit.Session) and child.parent == session.id and child.tree == session.id
    assert child.facts["agent"] == "spiffe://acme.example/agent/b" and child.facts["user"] == "mike@acme.example"
    assert [program.kind for program in child.programs] == ["scope", "scope"]
    assert child.check("read", "docs:/clinical/A", now=now)
    assert child.check("read", "docs:/finance", now=now).layer == 1
    assert [verdict.effect for verdict in child.verdicts("read", "docs:/finance", now=now)] == ["allow", "deny"]
    session.revoke("it@acme.example", "incident 7", now=now)
    assert child.check("read", "docs:/clinical/A", now=now).reason == "revoked"
    status = child.status(now=now)
    assert (status.open, status.reason, status.by, status.why) == (False, "revoked", "it@acme.example", "incident 7")


def test_time_is_the_callers_and_never_runs_back(session_of, now):
    session = session_of(TEXT)
    assert session.status(now=now).ends == now + 2 * HOUR
    assert session.check("read", "docs:/clinical/A", now=now + 2 * HOUR).reason == "expired"
    assert session.check("read", "docs:/clinical/A", now=now).reason == "expired"


def test_the_clock_is_read_where_no_time_is_given():
    session = remit.open(user="mike@acme.example", task=remit.compile("read docs:/a; expires 2h"))
    before = datetime.datetime.now(datetime.timezone.utc)
    decision = session.check("read", "docs:/a")
    assert decision and before <= decision.now <= datetime.datetime.now(datetime.timezone.utc)


def test_a_block_ends_the_session(session_of, now):
    with session_of(TEXT) as session:
        assert session.check("read", "docs:/clinical/A", now=now)
    assert session.check("read", "docs:/clinical/A", now=now).reason == "session_ended"
    assert session.status(now=now).now == now  # it ended in the time that it lived in


def test_save_and_restore(session_of, now):
    session = session_of(TEXT)
    session.check("read", "docs:/clinical/A", now=now)
    saved = session.save()
    [again] = remit.Session.restore(saved, session.programs, least_generation=saved.generation)
    assert again.id == session.id and again.limits(now=now)[0].used == 1
    with pytest.raises(remit.RemitError) as stale:
        remit.Session.restore(saved, session.programs, least_generation=saved.generation + 1)
    assert stale.value.code == "stale_state"
    with pytest.raises(remit.RemitError) as damaged:
        remit.Session.restore(saved.state[:-1] + b"x", session.programs)
    assert damaged.value.code == "bad_state"


def test_guards_on_functions_generators_and_coroutines(session_of):
    session = remit.open(user="mike@acme.example", task=remit.compile("read docs:/a when size <= 5MB; expires 2h"))
    calls = []

    @session.guard("read", "docs:/{path}", size="{size}")
    def fetch(path, *, size):
        """Fetches."""
        calls.append(path)
        return path

    @session.guard("read", "docs:/{path}", size=remit.Bytes(1))
    async def fetch_later(path):
        calls.append(path)
        return path

    @session.guard("read", "docs:/{path}", size=remit.Bytes(1))
    def fetch_each(path):
        calls.append(path)
        yield path

    assert fetch("a/x", size=remit.Bytes(5)) == "a/x" and fetch.__doc__ == "Fetches."
    assert asyncio.run(fetch_later("a/y")) == "a/y" and list(fetch_each("a/z")) == ["a/z"]
    for call in (lambda: fetch("a", size=5), lambda: fetch("b", size=remit.Bytes(5)), lambda: asyncio.run(fetch_later("b")), lambda: list(fetch_each("b"))):
        with pytest.raises(remit.Denied):
            call()
    assert calls == ["a/x", "a/y", "a/z"]
    with pytest.raises(TypeError, match="has no parameter for"):
        session.guard("read", "docs:/{nowhere}")(lambda path: path)
    with pytest.raises(ValueError, match="a brace stands alone"):
        session.guard("read", "docs:/{}")


def test_a_session_that_was_never_opened_is_no_crash():
    made = remit.Session.__new__(remit.Session)
    with pytest.raises(TypeError):
        made.check("read", "docs:/a")
    with pytest.raises(TypeError):
        type(remit.open(user="m@x.example", task=remit.compile("read docs:/a; expires 1h")).check("read", "docs:/a"))()
