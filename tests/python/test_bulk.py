"""Many at once is one at a time: columns of every form give what single checks give."""
import array
import datetime
import random
import subprocess
import sys

import numpy
import pandas
import pyarrow
import pytest

import remit

TEXT = """
system docs "documents" { action read, write; attribute size: size; attribute n: int; attribute done: bool; attribute tags: list of string
  attribute made: time; attribute took: duration; attribute source: resource }
read docs:/a when size <= 5MB or done
read docs:/ä when "x" in tags
write docs:/a at most 5 times
write docs:/b when made < 2026-01-01T00:00Z and took > 2s and source == docs:/a
ask write docs:/c
deny read docs:/a/secret because "secret"
expires 2h
"""
UTC = datetime.timezone.utc
MADE = [datetime.datetime(2025, 6, 1, 12, 0, 0, 123456, tzinfo=UTC), datetime.datetime(2026, 6, 1, tzinfo=UTC), None]
TOOK = [datetime.timedelta(seconds=1), datetime.timedelta(days=-1, microseconds=7), datetime.timedelta(hours=3), None]


def make_rows(count, seed=5):
    choose = random.Random(seed)
    resources = ["docs:/a", "docs:/a/x", "docs:/a/secret/1", "docs:/ä/é", "docs:/b", "docs:/c", "docs:/a/../b", "", "nowhere:/a", None, "docs:/a/" + "long" * 9]
    rows = {
        "action": [choose.choice(["read", "read", "write", "raed", None]) for _ in range(count)],
        "resource": [choose.choice(resources) for _ in range(count)],
        "size": [choose.choice([1, 5_000_000, 5_000_001, None]) for _ in range(count)],
        "n": [choose.choice([-1, 0, 2**62, None]) for _ in range(count)],
        "done": [choose.choice([True, False, None]) for _ in range(count)],
        "tags": [choose.choice([["x", "y"], ["y"], [], None]) for _ in range(count)],
        "made": [choose.choice(MADE) for _ in range(count)],
        "took": [choose.choice(TOOK) for _ in range(count)],
        "source": [choose.choice(["docs:/a", "docs:/b", None]) for _ in range(count)],
    }
    return rows


def typed(name, value):
    return remit.Bytes(value) if name == "size" else remit.Resource(value) if name == "source" else value


def one_at_a_time(session, rows, now, call="check"):
    out = []
    for i, (action, resource) in enumerate(zip(rows["action"], rows["resource"])):
        if action is None or resource is None:
            out.append(("deny", "malformed_request", None))
            continue
        attributes = {name: typed(name, column[i]) for name, column in rows.items() if name not in ("action", "resource") and column[i] is not None}
        decision = getattr(session, call)(action, resource, attributes, now=now)
        out.append((decision.effect, decision.reason, decision.rule))
    return out


def told(decisions):
    return [(effect, reason, decisions.rule_at(i)) for i, (effect, reason) in enumerate(zip(decisions.effects, decisions.reasons))]


def as_lists(rows):
    return {**rows, "size": remit.Column(rows["size"], "size"), "source": remit.Column(rows["source"], "resource")}


def as_objects(rows):
    def column(values):
        made = numpy.empty(len(values), object)
        made[:] = values
        return made

    made = {name: column(values) for name, values in rows.items()}
    return {**made, "size": remit.Column(made["size"], "size"), "source": remit.Column(made["source"], "resource")}


def as_arrow(rows, text=pyarrow.string(), chunks=3):
    kinds = {"action": text, "resource": text, "size": pyarrow.int64(), "n": pyarrow.int64(), "done": pyarrow.bool_(), "tags": pyarrow.list_(pyarrow.string()),
             "made": pyarrow.timestamp("us", "Europe/Zurich"), "took": pyarrow.duration("us"), "source": text}
    made = {}
    for name, values in rows.items():
        step = max(1, len(values) // chunks)
        # Each chunk is a slice of a larger array, so that offsets count.
        parts = [pyarrow.array([None, *values[at:at + step]], kinds[name])[1:] for at in range(0, len(values), step)]
        made[name] = pyarrow.chunked_array(parts, kinds[name])
    return {**made, "size": remit.Column(made["size"], "size"), "source": remit.Column(made["source"], "resource")}


def as_dictionaries(rows):
    made = as_arrow(rows)
    made["action"] = made["action"].dictionary_encode()
    made["resource"] = made["resource"].dictionary_encode()
    return made


def as_pandas(rows):
    frame = pandas.DataFrame({name: pandas.Series(values, dtype=object) for name, values in rows.items()})
    frame["action"] = frame["action"].astype("category")
    frame["resource"] = frame["resource"].astype("string")
    if pandas.__version__ >= "3":
        frame["source"] = frame["source"].astype("str")
    frame["made"] = pandas.to_datetime(frame["made"], utc=True).dt.tz_convert("Europe/Zurich")
    frame["took"] = pandas.to_timedelta(frame["took"])
    frame["n"] = frame["n"].astype("Int64")
    return {**{name: frame[name] for name in frame.columns}, "size": remit.Column(frame["size"], "size"), "source": remit.Column(frame["source"], "resource")}


FORMS = {
    "lists": as_lists, "objects": as_objects, "arrow": as_arrow, "arrow one chunk": lambda rows: as_arrow(rows, chunks=1),
    "arrow large": lambda rows: as_arrow(rows, pyarrow.large_string()), "arrow views": lambda rows: as_arrow(rows, pyarrow.string_view()),
    "dictionaries": as_dictionaries, "pandas": as_pandas,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("count", [1, 300, 9001])
def test_columns_give_what_single_checks_give(session_of, now, form, count):
    rows = make_rows(count, seed=count)
    expected = one_at_a_time(session_of(TEXT), rows, now)
    made = FORMS[form](rows)
    session = session_of(TEXT)
    attributes = {name: column for name, column in made.items() if name not in ("action", "resource")}
    assert told(session.would_many(made["action"], made["resource"], attributes, now=now)) == one_at_a_time(session, rows, now, "would")
    assert told(session.check_many(made["action"], made["resource"], attributes, now=now)) == expected
    assert len(set(reason for _, reason, _ in expected)) > 5 or count == 1


def test_values_hold_for_all_rows_and_arrays_are_numpys(session_of, now):
    decisions = session_of(TEXT).check_many("write", ["docs:/a"] * 7, now=now)
    effect, reason, rule = decisions
    assert isinstance(effect, numpy.ndarray) and (effect.dtype, reason.dtype, rule.dtype, decisions.layer.dtype) == ("uint8", "uint8", "int32", "int16")
    assert list(decisions.allowed) == [True] * 5 + [False] * 2 and list(effect) == [2] * 5 + [0] * 2
    assert decisions.counts() == {("allow", "allowed_by_rule"): 5, ("deny", "limit_exceeded"): 2}
    frame = decisions.to_pandas(index=range(10, 17))
    assert list(frame["reason"].value_counts()[:2]) == [5, 2] and frame.loc[10, "rule"] == "<text>:6:1"


def test_times_may_be_a_column(session_of, now):
    hours = [0, 1, 2, 3]
    times = [now + datetime.timedelta(hours=h) for h in hours]
    naive = numpy.array([t.replace(tzinfo=None) for t in times], "datetime64[s]")
    forms = [times, naive, pandas.Series(pandas.to_datetime(times)), pyarrow.array(times, pyarrow.timestamp("ns", "UTC")), naive.astype("datetime64[ns]"),
             remit.Column([int(t.timestamp()) * 1_000_000 for t in times], "time")]
    for form in forms:
        assert session_of(TEXT).check_many("write", ["docs:/a"] * 4, now=form).reasons == ["allowed_by_rule"] * 2 + ["expired"] * 2
    for wrong in (pandas.Series(pandas.to_datetime(times)).dt.tz_localize(None), pyarrow.array([t.replace(tzinfo=None) for t in times]), [t.replace(tzinfo=None) for t in times]):
        with pytest.raises(ValueError, match="time zone"):
            session_of(TEXT).check_many("write", ["docs:/a"] * 4, now=wrong)


def test_numbers_of_every_width(session_of, now):
    values = [0, 1, 5, 100]
    expected = session_of(TEXT).would_many("read", "docs:/a", {"size": remit.Column(values, "size")}, now=now).effects
    for form in [numpy.array(values, kind) for kind in ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8")] + [array.array("H", values)] + [
            pyarrow.array(values, kind()) for kind in (pyarrow.int8, pyarrow.uint8, pyarrow.int16, pyarrow.uint16, pyarrow.int32, pyarrow.uint32, pyarrow.uint64)]:
        assert session_of(TEXT).would_many("read", "docs:/a", {"size": remit.Column(form, "size")}, now=now).effects == expected
    assert list(session_of(TEXT).would_many("read", "docs:/a", {"done": numpy.array([True, False])}, now=now).allowed) == [True, False]
    assert session_of(TEXT).would_many("read", numpy.array(["docs:/ä", "docs:/a", ""]), {"tags": [["x"], ["x"], ["x"]]}, now=now).reasons == [
        "allowed_by_rule", "no_matching_rule", "malformed_resource"]
    every_other = numpy.array([5_000_000, 0, 5_000_001, 0])[::2]
    assert session_of(TEXT).would_many("read", "docs:/a", {"size": remit.Column(every_other, "size")}, now=now).effects == ["allow", "deny"]


@pytest.mark.parametrize("actions,resources,attributes,message", [
    ("read", "docs:/a", None, "has to have rows"), ("read", ["docs:/a"] * 2, {"n": [1] * 3}, "column `n` has 3 rows, others have 2"),
    ("read", [b"docs:/a"], None, "`resource` is a bytes"), ("read", [5], None, "column `resource` holds a value of type int in row 0; string is wanted"),
    ("read", ["docs:/a"], {"n": [1.5]}, "`n` is a float"), ("read", ["docs:/a"], {"n": numpy.array([1.5])}, "column `n` is a buffer"),
    ("read", ["docs:/a"], {"n": pyarrow.array([1.5])}, "Arrow format \"g\""), ("read", ["docs:/a"], {"n": numpy.array([2**63], "u8")}, "64 bits"),
    ("read", numpy.zeros((2, 2)), None, "in one dimension"), ("read", ["docs:/a"], {"n": pyarrow.array([[[1]]])}, "lists of lists"),
    ("read", ["docs:/a"], {"n": {1, 2}}, "`n` is a set"),
])
def test_columns_that_are_none(session_of, now, actions, resources, attributes, message):
    with pytest.raises((TypeError, ValueError), match=message):
        session_of(TEXT).check_many(actions, resources, attributes, now=now)


def test_nothing_at_all(session_of, now):
    for empty in ([], numpy.array([], object), pyarrow.array([], pyarrow.string()), pyarrow.chunked_array([], pyarrow.string()), pandas.Series([], dtype=object)):
        assert len(session_of(TEXT).check_many("read", empty, now=now)) == 0


def test_without_numpy_plain_arrays_come_out():
    """In a process of its own: nothing of this package may import NumPy, pandas or Arrow by itself."""
    program = ("import array, sys, remit\n"
               "session = remit.open(user='m@acme.example', task=remit.compile('read docs:/a; expires 2h'))\n"
               "decisions = session.check_many('read', ['docs:/a', 'docs:/b'])\n"
               "assert isinstance(decisions.effect, array.array) and list(decisions.effect) == [2, 0] and decisions.allowed == [True, False]\n"
               "assert decisions.counts() == {('allow', 'allowed_by_rule'): 1, ('deny', 'no_matching_rule'): 1}\n"
               "assert not {'numpy', 'pandas', 'pyarrow', 'IPython', 'matplotlib'} & set(sys.modules)\n")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_signal_ends_a_long_run(session_of, now):
    import signal

    def stop(*_):
        raise KeyboardInterrupt

    old = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(KeyboardInterrupt):
            session_of(TEXT).would_many("read", remit.Column(pyarrow.array(["docs:/a"] * 3_000_000), "resource"), now=now)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


def test_progress_is_told(monkeypatch, session_of, now):
    from remit import bulk

    told = []
    monkeypatch.setattr(bulk.Progress, "__enter__", lambda self: lambda done, total: told.append((done, total)))
    session_of(TEXT).would_many("read", ["docs:/a"] * 150_000, now=now)
    assert told == [(65_536, 150_000), (131_072, 150_000), (150_000, 150_000)]
