"""What a document would have said to a log."""
import datetime
import random

import numpy
import pandas
import pyarrow
import pytest

import remit

HOUR = datetime.timedelta(hours=1)
GUARDRAIL = """guardrail g
allow any anything
deny read docs:/hr unless user.role == "lead"
deny write anything when size > 5MB
limit read docs:/ to 3 times per 1h
deny send mail: after read docs:/clinical
"""


@pytest.fixture
def log(now):
    choose = random.Random(7)
    count = 400
    return pandas.DataFrame({
        "time": [now + datetime.timedelta(minutes=7 * i) for i in range(count)],
        "agent": [choose.choice(["spiffe://acme.example/agent/a", "spiffe://acme.example/agent/b"]) for _ in range(count)],
        "user": [choose.choice(["mike@acme.example", "ann@acme.example"]) for _ in range(count)],
        "action": [choose.choice(["read", "read", "write", "send"]) for _ in range(count)],
        "resource": [choose.choice(["docs:/hr/x", "docs:/clinical/y", "docs:/z", "mail:bob@acme.example", "ws:/a"]) for _ in range(count)],
        "size": [choose.choice([1_000, 6_000_000]) for _ in range(count)],
        "role": [choose.choice(["lead", "nurse"]) for _ in range(count)],
    }).astype({"time": "datetime64[us, UTC]"})


def forms(log):
    return {"pandas": log, "arrow": pyarrow.Table.from_pandas(log), "dict": {name: list(log[name]) for name in log.columns}}


def test_each_row_by_itself(log):
    program = remit.compile(GUARDRAIL)
    decisions = program.backtest(log, facts={"user.role": "role"})
    reads_hr = (log.action == "read") & log.resource.str.startswith("docs:/hr") & (log.role != "lead")
    too_large = (log.action == "write") & (log["size"] > 5_000_000) & log.resource.str.match("docs|ws")
    reasons = numpy.array(decisions.reasons)
    assert set(reasons[reads_hr | too_large]) == {"denied_by_rule"}
    # No limit and no history: each row is the first of its session.
    possible = ((log.action == "read") | (log.action == "write")) & log.resource.str.match("docs|ws") | (log.action == "send") & log.resource.str.startswith("mail")
    assert set(reasons[possible & ~reads_hr & ~too_large]) == {"allowed_by_rule"}
    for table in forms(log).values():
        assert program.backtest(table, facts={"user.role": "role"}).reasons == decisions.reasons


@pytest.mark.parametrize("key", [None, "user"])
def test_in_order_it_is_what_sessions_say(log, key):
    task = remit.compile("allow any anything; expires 90d")
    program = remit.compile(GUARDRAIL)
    sessions, expected = {}, []
    for row in log.itertuples():
        name = getattr(row, key) if key else ""
        if name not in sessions:
            sessions[name] = remit.open(user="m@acme.example", task=task, guardrails=[program], facts={"user.role": "lead"}, now=row.time)
        expected.append(sessions[name].check(row.action, row.resource, size=remit.Bytes(row.size), now=row.time).reason)
    for table in forms(log).values():
        decisions = program.backtest(table, task=task, facts={"user.role": "lead"} if key is None else {"user.role": "lead", "user": "user"}, stateful=True, session=key)
        assert decisions.reasons == expected
    assert {"limit_exceeded", "denied_by_rule", "allowed_by_rule"} <= set(expected)


def test_rows_out_of_order_are_refused(log):
    program = remit.compile(GUARDRAIL)
    with pytest.raises(ValueError, match="row 1 is earlier"):
        program.backtest(log.iloc[::-1], stateful=True)
    assert len(program.backtest(log.iloc[::-1])) == len(log)


def test_relative_ends_count_from_each_row(now):
    program = remit.compile("read docs:/a; expires 1h; idle 20m")
    log = {"time": [now + i * HOUR for i in range(5)], "action": ["read"] * 5, "resource": ["docs:/a"] * 5}
    assert program.backtest(log).reasons == ["allowed_by_rule"] * 5
    assert program.backtest(log, stateful=True).reasons == ["allowed_by_rule"] + ["expired"] * 4
