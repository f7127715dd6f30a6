"""Columns of tables, from lists, NumPy, pandas and Arrow, as the extension module reads them.

Nothing is imported here that a caller has not imported: what is given says what it is.
"""

from __future__ import annotations

import sys
import typing

TYPES = ("size", "duration", "time", "resource")
_MICROSECONDS = {"s": (1_000_000, 1), "ms": (1_000, 1), "us": (1, 1), "ns": (1, 1_000)}
_UNITS = {"h": 3600, "m": 60, "D": 86_400, "W": 604_800}


class Column:
    """A column whose ints or texts are of a type that columns cannot say: sizes, durations, times, resources.

    `type` is `"size"` (ints are bytes), `"duration"` (microseconds), `"time"` (microseconds since 1970 in UTC) or
    `"resource"` (texts). No copy is made.

    >>> import remit
    >>> session = remit.open(user="mike@acme.example", task=remit.compile("write ws:/b when size <= 5MB; expires 2h"))
    >>> sizes = [20_000, 6_000_000]
    >>> session.check_many("write", "ws:/b/a.md", {"size": remit.Column(sizes, "size")}).effects
    ['allow', 'deny']
    """

    __slots__ = ("codes", "per", "times", "type", "values")

    values: typing.Any
    type: str
    codes: typing.Any
    times: int
    per: int

    def __init__(self, values: typing.Any, type: str) -> None:
        if type not in TYPES:
            raise ValueError(f"a column is of type {', '.join(TYPES)}, not {type!r}")
        self.values = readable(values)
        self.type = type
        self.codes = None
        self.times = self.per = 1

    @classmethod
    def _of(cls, values: typing.Any, type: str = "", *, codes: typing.Any = None, unit: typing.Tuple[int, int] = (1, 1)) -> Column:
        made = cls.__new__(cls)
        made.values, made.type, made.codes = values, type, codes
        made.times, made.per = unit
        return made


def _loaded(values: typing.Any, library: str, name: str) -> bool:
    """Is this an object of that class of a library, which then has been imported?"""
    module = sys.modules.get(library)
    return module is not None and isinstance(values, getattr(module, name))


def _naive() -> typing.NoReturn:
    raise ValueError("these times have no time zone, so they name no point in time: say which, as in `.dt.tz_localize('UTC')`")


def readable(values: typing.Any) -> typing.Any:
    """`values` in a form that the extension module reads without copying it."""
    if isinstance(values, Column):
        return values
    if _loaded(values, "pandas", "Series") or _loaded(values, "pandas", "Index"):
        return _from_pandas(values)
    if _loaded(values, "numpy", "ndarray"):
        return _from_numpy(values)
    return values


def _from_numpy(values: typing.Any) -> typing.Any:
    if values.dtype.kind not in "mM":
        return values
    import numpy

    unit, count = numpy.datetime_data(values.dtype)
    if unit in _MICROSECONDS:
        times, per = _MICROSECONDS[unit]
    elif unit in _UNITS:
        times, per = _UNITS[unit] * 1_000_000, 1
    else:
        raise TypeError(f"times and durations in units of {unit!r} are not read: use microseconds")
    # NumPy's times have no zone by definition; it is UTC that they are read in.
    return Column._of(values.view("i8"), "time" if values.dtype.kind == "M" else "duration", unit=(times * count, per))


def _from_pandas(values: typing.Any) -> typing.Any:
    import pandas

    dtype = values.dtype
    if isinstance(dtype, pandas.CategoricalDtype):
        codes = values.cat.codes if isinstance(values, pandas.Series) else values.codes
        return Column._of(list(dtype.categories), codes=codes.to_numpy() if hasattr(codes, "to_numpy") else codes)
    if isinstance(dtype, pandas.DatetimeTZDtype):
        # In UTC, whatever the zone is.
        return _from_numpy((values.dt if isinstance(values, pandas.Series) else values).tz_convert(None).to_numpy())
    kind = getattr(dtype, "kind", "O")
    if type(dtype).__module__.startswith("numpy"):
        if kind == "M":
            _naive()
        return _from_numpy(values.to_numpy())
    # Columns that are Arrow's own inside hand it over as it is; pandas' own nullable ones are converted.
    array = values.array
    arrow = getattr(array, "_pa_array", None)
    if arrow is not None:
        return arrow
    return values.to_numpy(dtype=object, na_value=None)
