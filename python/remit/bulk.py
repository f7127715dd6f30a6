"""Many decisions at once: the arrays that come out, the progress bar, and back-testing."""

from __future__ import annotations

import array
import collections
import sys
import time
import typing

from . import _remit
from .columns import Column, readable
from .types import Rule
from .values import Value

if typing.TYPE_CHECKING:
    import datetime

    from .program import Program

Columns = typing.Mapping[str, typing.Any]
_REASONS = tuple(_remit.REASONS)


class Decisions:
    """What came of many requests: one array for each part, in the order of the rows.

    NumPy arrays where NumPy has been imported, else arrays of the standard library. Unpacks to effect, reason and rule:
    `effect, reason, rule = session.check_many(...)`.

    - `effect`: uint8, an index into `remit.EFFECTS`: 0 deny, 1 ask, 2 allow
    - `reason`: uint8, an index into `tuple(remit.REASONS)`
    - `layer`: int16, the document that decided; -1 where none did
    - `rule`: int32, the rule's index in that document; -1 where none decided

    >>> import remit
    >>> session = remit.open(user="mike@acme.example", task=remit.compile("read docs:/a; expires 2h"))
    >>> decisions = session.check_many("read", ["docs:/a/1", "docs:/b", None])
    >>> decisions
    <Decisions of 3 rows: 1 allow, 2 deny>
    >>> decisions.effects, decisions.reasons
    (['allow', 'deny', 'deny'], ['allowed_by_rule', 'no_matching_rule', 'malformed_request'])
    >>> print(decisions.rule_at(0))
    <text>:1:1
    """

    effect: typing.Any
    reason: typing.Any
    layer: typing.Any
    rule: typing.Any

    def __init__(self, arrays: typing.Tuple[typing.Any, ...], programs: typing.Sequence[Program]) -> None:
        self.effect, self.reason, self.layer, self.rule = arrays
        self._rules = [program.rules for program in programs]

    def __len__(self) -> int:
        return len(self.effect)

    def __iter__(self) -> typing.Iterator[typing.Any]:
        return iter((self.effect, self.reason, self.rule))

    @property
    def allowed(self) -> typing.Any:
        """True for each allow: a NumPy mask, or a list of bools."""
        if isinstance(self.effect, array.array):
            return [effect == 2 for effect in self.effect]
        return self.effect == 2

    @property
    def effects(self) -> typing.List[str]:
        """The effects by name."""
        return [_remit.EFFECTS[effect] for effect in self.effect]

    @property
    def reasons(self) -> typing.List[str]:
        """The reasons by name."""
        return [_REASONS[reason] for reason in self.reason]

    def rule_at(self, row: int) -> typing.Optional[Rule]:
        """The rule that decided a row; None where none did."""
        layer, rule = int(self.layer[row]), int(self.rule[row])
        return None if layer < 0 or rule < 0 else self._rules[layer][rule]

    def counts(self) -> typing.Dict[typing.Tuple[str, str], int]:
        """How many rows there are of each effect and reason, the most frequent first."""
        found: typing.Dict[int, int] = {}
        if isinstance(self.effect, array.array):
            found = dict(collections.Counter(effect * 256 + reason for effect, reason in zip(self.effect, self.reason)))
        else:
            import numpy

            for effect in range(len(_remit.EFFECTS)):
                each = numpy.bincount(self.reason[self.effect == effect])
                found.update({effect * 256 + reason: int(count) for reason, count in enumerate(each) if count})
        ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
        return {(_remit.EFFECTS[key >> 8], _REASONS[key & 255]): count for key, count in ordered}

    def to_pandas(self, index: typing.Any = None) -> typing.Any:
        """A DataFrame with the columns effect, reason, layer and rule (`file:line:column`); all but layer categorical."""
        import pandas

        places = [str(rule) for rules in self._rules for rule in rules]
        firsts = [0]
        for rules in self._rules:
            firsts.append(firsts[-1] + len(rules))
        import numpy

        known = (self.rule >= 0) & (self.layer >= 0)
        codes = numpy.where(known, numpy.asarray(firsts)[self.layer] + self.rule, -1)
        unique = list(dict.fromkeys(places))
        where = {place: code for code, place in enumerate(unique)}
        codes = numpy.asarray([where[place] for place in places] + [-1])[codes]
        return pandas.DataFrame(
            {
                "effect": pandas.Categorical.from_codes(self.effect, list(_remit.EFFECTS)),
                "reason": pandas.Categorical.from_codes(self.reason, list(_REASONS)),
                "layer": self.layer,
                "rule": pandas.Categorical.from_codes(codes, unique),
            },
            index=index,
        )

    def __repr__(self) -> str:
        parts = [(effect, sum(count for (name, _), count in self.counts().items() if name == effect)) for effect in ("allow", "ask", "deny")]
        told = ", ".join(f"{count} {effect}" for effect, count in parts if count)
        return f"<Decisions of {len(self)} row{'' if len(self) == 1 else 's'}{': ' + told if told else ''}>"


def _arrays(rows: int) -> typing.Tuple[typing.Any, ...]:
    """Empty arrays for the answers of so many rows: effect, reason, layer, rule."""
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return tuple(array.array(code, bytes(rows * size)) for code, size in (("B", 1), ("B", 1), ("h", 2), ("i", 4)))
    return tuple(numpy.empty(rows, dtype) for dtype in ("uint8", "uint8", "int16", "int32"))


class Progress:
    """A bar on standard error, where that is a terminal, once the work has lasted for a second."""

    def __init__(self, what: str, shown: bool = True) -> None:
        self._what = what
        self._started = self._drawn = time.monotonic()
        self._shown = shown and sys.stderr is not None and sys.stderr.isatty()
        self._visible = False

    def __enter__(self) -> typing.Optional[typing.Callable[[int, int], None]]:
        return self._show if self._shown else None

    def __exit__(self, *error: object) -> None:
        if self._visible:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def _show(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._started < 1 or now - self._drawn < 0.1:
            return
        self._drawn, self._visible = now, True
        filled = 30 * done // total
        print(f"\r{self._what} [{'#' * filled}{'.' * (30 - filled)}] {100 * done // total}%\x1b[K", end="", file=sys.stderr, flush=True)


def _columns(given: typing.Optional[Columns]) -> typing.Dict[str, typing.Any]:
    return {name: readable(values) for name, values in (given or {}).items()}


def check_many(
    session: _remit.Session,
    programs: typing.Sequence[Program],
    actions: typing.Any,
    resources: typing.Any,
    attributes: typing.Optional[Columns],
    now: typing.Any,
    charge: bool,
    progress: bool,
) -> Decisions:
    """See `Session.check_many`."""
    with Progress("deciding", progress) as bar:
        arrays = _remit.check_many(session, readable(actions), readable(resources), _columns(attributes), readable(now), charge, _arrays, bar)
    return Decisions(arrays, programs)


def _column_of(table: typing.Any, given: typing.Any) -> typing.Any:
    """A column of a table by name; anything but a str is a column, or a value, itself."""
    return table[given] if isinstance(given, str) else given


def _names_of(table: typing.Any) -> typing.List[str]:
    for attribute in ("column_names", "columns"):
        names = getattr(table, attribute, None)
        if names is not None and (attribute == "column_names" or not callable(names)):
            return [name for name in names if isinstance(name, str)]
    return list(table)


def backtest(
    program: Program,
    table: typing.Any,
    action: str,
    resource: str,
    time: typing.Union[str, datetime.datetime],
    attributes: typing.Optional[typing.Sequence[str]],
    facts: typing.Optional[typing.Mapping[str, typing.Union[str, Value]]],
    task: typing.Optional[Program],
    guardrails: typing.Sequence[Program],
    grants: typing.Sequence[Program],
    stateful: bool,
    session: typing.Optional[str],
    progress: bool,
) -> Decisions:
    """See `Program.backtest`."""
    programs = [*([task] if task is not None else []), program, *guardrails, *grants]
    declared: typing.Dict[str, typing.Optional[str]] = {}
    for one in reversed(programs):
        declared.update(_remit.declared_attributes(one))
    names = _names_of(table)
    taken = {action, resource, time, session}
    chosen = [name for name in names if name in declared and name not in taken] if attributes is None else list(attributes)
    values = {}
    for name in chosen:
        column = readable(table[name])
        kind = declared.get(name)
        values[name] = Column(column, kind) if kind in ("size", "duration", "time", "resource") and not isinstance(column, Column) else column
    if facts is None:
        facts = {name: name for name in ("agent", "user") if name in names}
    known = {name: readable(table[fact]) if isinstance(fact, str) and fact in names else fact for name, fact in facts.items()}
    common = (programs, readable(table[action]), readable(table[resource]), values, readable(_column_of(table, time)), known)
    with Progress("back-testing", progress) as bar:
        if not stateful:
            if session is not None:
                raise TypeError("session names the column of a stateful back-test: give stateful=True")
            return Decisions(_remit.backtest_rows(*common, _arrays, bar), programs)
        keys = "" if session is None else readable(table[session])
        return Decisions(_remit.backtest_sessions(*common, keys, _arrays, bar), programs)
