"""Many threads on one session: no limit is exceeded, and nobody waits for a thread that waits for the GIL."""
import concurrent.futures
import threading

import pytest

import remit
from remit import audit

TASK = "read docs:/a at most 1000 times; read docs:/b; ask send mail:*@acme.example; expires 2h"
THREADS, EACH = 8, 400
TIMEOUT = 60  # seconds; far more than it takes: only a deadlock reaches it


def together(work):
    barrier = threading.Barrier(THREADS)

    def run(index):
        barrier.wait()
        return work(index)

    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        return [future.result(timeout=TIMEOUT) for future in [pool.submit(run, i) for i in range(THREADS)]]


class Registry(remit.PrincipalRegistry):
    def is_revoked(self, principal):
        return False


def surroundings(kind, tmp_path):
    return {
        "plain": {},
        "host": {"host": lambda question: True},
        "registry": {"principals": Registry()},
        "sink": {"audit": lambda event: 1},
        "log": {"audit": audit.Log(tmp_path / "trail.db", buffered=True, key=audit.generate_key("remit")[0], on_checkpoint=lambda note: len(note))} if kind == "log" else {},
        "store": {"store": remit.SqliteStore(tmp_path / "state.db")} if kind == "store" else {},
    }[kind]


@pytest.mark.parametrize("kind", ["plain", "host", "registry", "sink", "log", "store"])
def test_a_limit_is_shared_and_never_exceeded(session_of, now, tmp_path, kind):
    given = surroundings(kind, tmp_path)
    session = session_of(TASK, **given)
    each = EACH if kind != "store" else 40  # every lease is synced to the disk

    def work(index):
        granted = 0
        for i in range(each):
            granted += bool(session.check("read", "docs:/a", now=now))
            session.check("read", "docs:/b", now=now)
            if i % 50 == 0:
                if "principals" in given:
                    given["principals"].changed()
                session.limits(now=now), session.pending(now=now), session.status(now=now)
                if kind != "store":
                    session.save()
                asked = session.check("send", f"mail:a{index}.{i}@acme.example", now=now)
                session.approve(asked, "mike@acme.example", now=now)
                assert session.check("send", f"mail:a{index}.{i}@acme.example", now=now)
        return granted

    assert sum(together(work)) == min(1000, THREADS * each)


def test_columns_and_single_checks_at_once(session_of, now):
    session = session_of(TASK)

    def work(index):
        if index % 2:
            return int(sum(session.check_many("read", ["docs:/a"] * 300, now=now).allowed))
        return sum(bool(session.check("read", "docs:/a", now=now)) for _ in range(300))

    assert sum(together(work)) == 1000


def test_decisions_do_not_wait_for_a_long_compilation(now, session_of):
    """The GIL is given up while a large document compiles: others go on."""
    session = session_of(TASK)
    text = "".join(f"read docs:/n{i}/x\n" for i in range(60_000)) + "expires 2h\n"
    done = threading.Event()
    seen = []

    def others():
        while not done.is_set():
            session.check("read", "docs:/b", now=now)
            seen.append(1)

    thread = threading.Thread(target=others)
    thread.start()
    try:
        before = len(seen)
        remit.compile(text)
        meanwhile = len(seen) - before
    finally:
        done.set()
        thread.join(TIMEOUT)
    assert meanwhile > 1000


def test_sessions_open_delegate_and_end_in_threads(now):
    task = remit.compile("read docs:/; delegate up to 3 levels to spiffe://acme.example/**; expires 2h")
    leaf = remit.compile("read docs:/a; expires 1h")

    def work(index):
        for i in range(50):
            with remit.open(agent=f"spiffe://acme.example/agent/{index}", user="mike@acme.example", task=task, now=now) as session:
                child = session.delegate(f"spiffe://acme.example/sub/{i}", leaf, now=now)
                assert child.check("read", "docs:/a", now=now)
            assert child.check("read", "docs:/a", now=now).reason == "session_ended"
        return 1

    assert sum(together(work)) == THREADS
