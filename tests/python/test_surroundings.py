"""What Python gives a session: host checks, registries, stores."""
import datetime
import gc
import weakref

import pytest

import remit

TASK = "read docs:/a at most 5 times; expires 2h"
ignore_unraisable = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def test_the_host_is_asked_last_and_only_true_is_yes(session_of, now):
    questions = []

    def host(question):
        questions.append(question)
        return question.resource == "docs:/a/yes"

    session = session_of(TASK, host=host, facts={"user.role": "lead"})
    assert session.check("read", "docs:/a/yes", size=remit.Bytes(5), now=now)
    assert session.check("read", "docs:/a/no", now=now).reason == "denied_by_host"
    assert session.check("read", "docs:/b", now=now).reason == "no_matching_rule"
    assert [question.resource for question in questions] == ["docs:/a/yes", "docs:/a/no"]
    first = questions[0]
    assert (first.action, first.attributes, first.now) == ("read", {"size": remit.Bytes(5)}, now)
    assert first.facts["user"] == "mike@acme.example" and first.facts["user.role"] == "lead"
    assert list(session.check_many("read", ["docs:/a/yes", "docs:/a/no"], now=now).allowed) == [True, False]


@ignore_unraisable
@pytest.mark.parametrize("answer", [lambda q: None, lambda q: 1, lambda q: "yes", lambda q: 1 / 0, lambda: True])
def test_what_is_no_yes_is_a_no(session_of, now, answer):
    assert session_of(TASK, host=answer).check("read", "docs:/a", now=now).reason == "denied_by_host"


def test_registries(session_of, now):
    principals = remit.MemoryPrincipals()
    session = session_of(TASK, principals=principals)
    assert session.check("read", "docs:/a", now=now)
    principals.revoke("mike@acme.example", by="it@acme.example", why="left", now=now)
    assert session.check("read", "docs:/a", now=now).reason == "revoked"
    with pytest.raises(remit.RemitError) as refused:
        session_of(TASK, principals=principals)
    assert refused.value.code == "principal_revoked"


@ignore_unraisable
def test_registries_in_python_fail_closed(session_of, now):
    class Registry(remit.PrincipalRegistry):
        answer = False

        def is_revoked(self, principal):
            return self.answer() if callable(self.answer) else self.answer

    for broken in (lambda: 1 / 0, lambda: None, lambda: "no"):
        registry = Registry()
        session = session_of(TASK, principals=registry)
        assert session.check("read", "docs:/a", now=now)
        registry.answer = broken
        registry.changed()
        assert session.check("read", "docs:/a", now=now).reason == "revoked"

    class Empty(remit.PrincipalRegistry):
        pass

    with pytest.raises(remit.RemitError):
        session_of(TASK, principals=Empty())


def test_a_registry_in_python_lives_as_long_as_the_session(session_of, now):
    class Registry(remit.PrincipalRegistry):
        def is_revoked(self, principal):
            return False

    registry = Registry()
    session = session_of(TASK, principals=registry)
    registry.changed()
    gone = weakref.ref(registry)
    del registry
    gc.collect()
    assert session.check("read", "docs:/a", now=now)
    del session
    gc.collect()
    assert gone() is None


def test_callbacks_are_let_go_with_the_tree(session_of, now):
    class Host:
        def __call__(self, question):
            return True

    host = Host()
    gone = weakref.ref(host)
    session = session_of(TASK, host=host)
    decision = session.check("read", "docs:/a", now=now)
    del host, session
    gc.collect()
    assert gone() is not None and decision.session.check("read", "docs:/a", now=now)  # a decision keeps its session
    del decision
    gc.collect()
    assert gone() is None


def test_a_store_outlives_the_session(tmp_path, session_of, now):
    program = remit.compile(TASK)
    store = remit.SqliteStore(tmp_path / "state.db", busy=datetime.timedelta(seconds=1))
    session = remit.open(user="mike@acme.example", task=program, store=store, now=now)
    assert session.check("read", "docs:/a", now=now)
    [again] = remit.Session.resume(session.tree, [program], store)
    assert again.id == session.id
    # Two handles of one tree, as two processes would have it: together they get no more than the limit.
    granted = [(session if i % 2 else again).check("read", "docs:/a", now=now).allowed for i in range(10)]
    assert sum(granted) <= 4
    session.end(now=now)
    store.forget(session.tree)
    with pytest.raises(remit.RemitError) as unknown:
        remit.Session.resume(session.tree, [program], store)
    assert unknown.value.code == "unknown_session"
    with pytest.raises(remit.RemitError):
        remit.SqliteStore(tmp_path / "nowhere" / "state.db")


@pytest.mark.parametrize("name,value", [("host", 5), ("audit", 5), ("principals", 5), ("store", 5), ("refresh", 5), ("trigger", "x"), ("facts", {"user.x": 1.5})])
def test_what_does_not_fit_is_refused(session_of, name, value):
    with pytest.raises((TypeError, RuntimeError)):
        session_of(TASK, **{name: value})
