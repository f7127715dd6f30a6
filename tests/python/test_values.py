"""Values both ways: what Python gives is what the host's check gets back, to the microsecond."""
import datetime
import random
import zoneinfo

import pytest

import remit

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)


def round_trip(value):
    seen = []
    session = remit.open(user="mike@acme.example", task=remit.compile("read docs:/a; expires 2h"), host=lambda question: seen.append(question.attributes["x"]) or True)
    assert session.check("read", "docs:/a", x=value)
    return seen[0]


@pytest.mark.parametrize("value", [True, False, 0, -2**63, 2**63 - 1, "", "text ü \U0001f600", remit.Bytes(0), remit.Bytes(2**63 - 1), remit.Resource("docs:/a"),
                                   datetime.timedelta(0), datetime.timedelta(days=-1, microseconds=1), datetime.timedelta(days=100_000_000, seconds=5, microseconds=7),
                                   EPOCH, datetime.datetime(1, 1, 1, tzinfo=UTC), datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), [], [1, 2], ["a"],
                                   [remit.Bytes(1)], [datetime.timedelta(1)]])
def test_round_trips(value):
    back = round_trip(value)
    assert back == value and type(back) is type(value)
    if isinstance(value, list):
        assert [type(item) for item in back] == [type(item) for item in value]


def test_times_at_random():
    choose = random.Random(11)
    zones = [UTC, datetime.timezone(datetime.timedelta(hours=5, minutes=45, seconds=7)), zoneinfo.ZoneInfo("Europe/Zurich"), zoneinfo.ZoneInfo("America/New_York")]
    for _ in range(300):
        at = datetime.datetime(choose.randint(2, 9998), choose.randint(1, 12), choose.randint(1, 28), choose.randint(0, 23), choose.randint(0, 59), choose.randint(0, 59),
                               choose.randint(0, 999_999), choose.choice(zones), fold=choose.randint(0, 1))
        back = round_trip(at)
        assert back.tzinfo is UTC and back - EPOCH == at.astimezone(UTC) - EPOCH
        lasts = datetime.timedelta(microseconds=choose.randint(-2**60, 2**60))
        assert round_trip(lasts) == lasts


@pytest.mark.parametrize("value,error,message", [
    (datetime.datetime(2026, 1, 1), ValueError, "`x` is a datetime without a time zone"), (1.5, TypeError, "`x` is a float"), (None, TypeError, "`x` is a NoneType"),
    (b"x", TypeError, "bytes"), ({"a": 1}, TypeError, "dict"), ([[1]], TypeError, "list"), (2**63, OverflowError, "64 bits"), (datetime.date(2026, 1, 1), TypeError, "date"),
    (datetime.timedelta.max, OverflowError, "days"), ([1.5], TypeError, "`x` is a float"),
])
def test_what_is_no_value(session_of, value, error, message):
    with pytest.raises(error, match=message):
        session_of("read docs:/a; expires 2h").check("read", "docs:/a", x=value)


def test_naive_times_are_refused_everywhere(session_of, now):
    naive = now.replace(tzinfo=None)
    session = session_of("read docs:/a; expires 2h")
    for call in (lambda: session.check("read", "docs:/a", now=naive), lambda: session.status(now=naive), lambda: session.end(now=naive), lambda: session_of("read docs:/a; expires 1h", now=naive)):
        with pytest.raises(ValueError, match="without a time zone"):
            call()
    with pytest.raises(TypeError, match="a time is a datetime"):
        session.check("read", "docs:/a", now=5)


def test_beyond_the_limits_of_a_request_is_a_decision(session_of, now):
    session = session_of("read docs:/a; expires 2h")
    for attributes in ({f"a{i}": 1 for i in range(65)}, {"x" * 65: 1}, {"x": "y" * 4097}, {"x": [1] * 257}, {"x": [1, "a"]}, {"user": "x"}, {"\udc80": 1}, {"x": "\udc80"}):
        assert session.check("read", "docs:/a", attributes, now=now).reason == "malformed_request", attributes


def test_what_the_caller_changes_later_changes_nothing(session_of, now):
    tags = ["a"]
    decision = session_of("read docs:/a; expires 2h").check("read", "docs:/a", {"tags": tags}, now=now)
    tags.append(decision)
    assert decision.attributes == {"tags": ("a",)}
    decision.attributes["tags"] = None
    assert decision.attributes == {"tags": ("a",)}
