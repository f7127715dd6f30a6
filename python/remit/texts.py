"""Values in words, as the language writes them; for people, in reports and pictures."""

from __future__ import annotations

import datetime
import typing

from .values import Bytes, Resource, Value

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))
_SIZES = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "KB"))


def duration_text(value: datetime.timedelta) -> str:
    """A duration, largest unit first; what is below a second only where it is all there is.

    >>> import datetime
    >>> duration_text(datetime.timedelta(hours=25, seconds=5)), duration_text(datetime.timedelta(milliseconds=5))
    ('1d1h5s', '5ms')
    """
    left = int(abs(value).total_seconds())
    parts = []
    for length, unit in _UNITS:
        count, left = divmod(left, length)
        if count:
            parts.append(f"{count}{unit}")
    text = "".join(parts) or f"{abs(value) // datetime.timedelta(milliseconds=1)}ms"
    return f"-{text}" if value < datetime.timedelta(0) else text


def time_text(value: datetime.datetime) -> str:
    """A time in UTC, to the second."""
    return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def size_text(value: int) -> str:
    """A size in the largest unit that says it exactly.

    >>> size_text(5_000_000), size_text(5_000_001)
    ('5MB', '5000001B')
    """
    for unit, name in _SIZES:
        if value and value % unit == 0:
            return f"{value // unit}{name}"
    return f"{int(value)}B"


def value_text(value: typing.Union[Value, typing.Any]) -> str:
    """Any value of an attribute or a fact.

    >>> value_text(["a", "b"]), value_text(Bytes(5_000_000)), value_text(True)
    ('["a", "b"]', '5MB', 'true')
    """
    if isinstance(value, datetime.timedelta):
        return duration_text(value)
    if isinstance(value, datetime.datetime):
        return time_text(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Bytes):
        return size_text(value)
    if isinstance(value, Resource):
        return str(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(value_text(one) for one in value) + "]"
    return str(value)
