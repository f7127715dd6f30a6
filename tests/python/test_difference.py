"""remit.diff: each witness is so when asked again, and small changes of every kind are found."""
import datetime

import hypothesis
import pytest

import remit
from remit.testing import strategies as policies

HEAD = "expires 2h\nread docs:/clinical/A except docs:/clinical/A/hr\nwrite ws:/b when size <= 5MB\n"


def found(old, new):
    return remit.diff(remit.compile(old, file="old.scope"), remit.compile(new, file="new.scope"))


@pytest.mark.parametrize("old,new,gained,resource,conditions", [
    ("docs:/clinical/A except", "docs:/clinical/AB except", True, "docs:/clinical/AB", ""),
    (" except docs:/clinical/A/hr", "", True, "docs:/clinical/A/hr", ""),
    ("read docs:/clinical/A except", "read only docs:/clinical/A except", False, "docs:/clinical/A/", ""),
    ("read docs", "read, delete docs", True, "docs:/clinical/A", ""),
    ("5MB", "6MB", True, "ws:/b", "5000001B"),
    ("5MB", "5MB and filename like \"*.md\"", False, "ws:/b", "5MB"),
    ("when size <= 5MB", "when size <= 5MB and user.role == \"lead\"", False, "ws:/b", ""),
    ("when size <= 5MB", "unless size > 5MB or purpose == \"x\"", False, "ws:/b", ""),
    ("write ws:/b", "ask write ws:/b", False, "ws:/b", "5MB"),
    ("/hr\n", "/hr at most 3 times\n", False, "docs:/clinical/A", "after 3 of the same"),
    ("/hr\n", "/hr\ndeny write ws:/b after read docs:/clinical\n", False, "ws:/b", "after read docs:/clinical"),
    ("expires 2h", "expires 3h", True, "docs:/clinical/A", "2h after the opening"),
    ("expires 2h", "expires 2h\nidle 20m", False, "docs:/clinical/A", "20m after the opening"),
    ("expires 2h", "expires 2h; starts 2026-12-01T10:00Z", False, "docs:/clinical/A", ""),
    ("/hr\n", "/hr between 09:00 and 18:00 on mon-fri in Europe/Zurich\n", False, "docs:/clinical/A", "at Mon"),
])
def test_a_change_is_found(old, new, gained, resource, conditions):
    assert old in HEAD
    difference = found(HEAD, HEAD.replace(old, new))
    fitting = [one for one in difference.witnesses if one.gained == gained and one.resource.startswith(resource) and conditions in one.conditions]
    assert fitting, str(difference)
    assert all(one in (difference.gained if gained else difference.lost) for one in fitting)


def test_guardrails_are_compared_in_every_system():
    base = "guardrail g\nallow any anything\n"
    assert any(one.resource.startswith("secrets:") for one in found(base, base + "deny read secrets:\n").lost)
    lost = found(base, base + "deny read secrets: after read web:\n").lost
    assert any("after read web:" in one.conditions for one in lost)
    assert found(base, base + "deny share anything\n").lost[0].action == "share"


def test_what_opens_a_session_is_compared_as_text():
    difference = found(HEAD, HEAD + "agent spiffe://acme.example/**\n")
    assert difference.witnesses == [] and difference.head == ['+ agent "spiffe://acme.example/**"']


def test_it_says_that_it_proves_nothing():
    difference = found(HEAD, HEAD)
    assert (difference.witnesses, difference.differing) == ([], 0) and difference.tried > 100
    assert "no proof" in str(difference)


@hypothesis.settings(max_examples=40, deadline=None, derandomize=True, database=None)
@hypothesis.given(policies.programs(), policies.programs())
def test_every_witness_holds_when_asked_again(old, new):
    """Each document is asked by `session.check`, which is another way than the one that found the witness."""
    for witness in remit.diff(old, new).witnesses:
        for program, verdict in ((old, witness.old), (new, witness.new)):
            session = remit.open(user="mike@acme.example", task=program, purpose=witness.facts.get("purpose", ""), now=witness.opened)
            now = witness.opened + witness.after
            for request in witness.earlier:
                session.check(*request, now=now)
            decision = session.check(witness.action, witness.resource, witness.attributes, now=now)
            assert (decision.effect, decision.reason, decision.rule) == (verdict.effect, verdict.reason, verdict.rule), str(witness)


def test_old_and_new_change_places():
    one, two = remit.compile(HEAD), remit.compile(HEAD.replace("5MB", "6MB"))
    there, back = remit.diff(one, two), remit.diff(two, one)
    assert [(w.action, w.resource) for w in there.gained] == [(w.action, w.resource) for w in back.lost] != []
    assert there.lost == back.gained == []
    assert all(isinstance(w.after, datetime.timedelta) for w in there.witnesses)


def test_large_documents_are_tried_all_over():
    """Many patterns, attributes and systems: no system is left out for another's sake, and it does not take for ever."""
    rules = [f"read {system}:/folder{number} when size <= {number}KB and purpose == \"x{number}\"" for system in ("docs", "ws", "fs", "crm") for number in range(1, 150)]
    text = "expires 2h\n" + "\n".join(rules) + "\nread secrets:/a\n"
    difference = found(text, text.replace("read secrets:/a\n", "read secrets:/ab\n"))
    assert difference.tried < 40_000
    assert any(one.resource.startswith("secrets:/ab") for one in difference.gained) and any(one.resource.startswith("secrets:/a") for one in difference.lost)
