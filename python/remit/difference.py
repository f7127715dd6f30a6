"""What changes between two versions of a document, shown by requests that one permits and the other does not."""

from __future__ import annotations

import dataclasses
import datetime
import difflib
import typing

from . import _remit
from .edges import Edges, Probe, Request
from .outline import outline
from .texts import duration_text, time_text, value_text
from .types import Rule
from .values import Value

if typing.TYPE_CHECKING:
    from .program import Program

_OPENED = datetime.datetime(2026, 12, 1, 9, 0, tzinfo=datetime.timezone.utc)  # a Tuesday
_MOST_TRIED = 20_000  # about so many, before those with a past
_MOST_REPEATED = 1_000  # of one request, to fill a limit
_RANK = {"deny": 0, "ask": 1, "allow": 2}


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What one of the two documents says to a request."""

    effect: str
    reason: str
    rule: typing.Optional[Rule]

    def __str__(self) -> str:
        return f"{self.effect}, {self.reason}" + (f" at {self.rule.file}:{self.rule.line}" if self.rule else "")


@dataclasses.dataclass(frozen=True)
class Witness:
    """A request to which the two documents give different answers. Each of them was asked."""

    action: str
    resource: str
    attributes: typing.Dict[str, Value]
    facts: typing.Dict[str, Value]
    """Session facts that it was asked under."""
    opened: datetime.datetime
    after: datetime.timedelta
    """Since the opening."""
    earlier: typing.Tuple[Request, ...]
    """What the session had asked before."""
    old: Verdict
    new: Verdict

    @property
    def gained(self) -> bool:
        """True where the new document permits more: ask for deny, or allow for either."""
        return _RANK[self.new.effect] > _RANK[self.old.effect]

    @property
    def conditions(self) -> str:
        """What beside action and resource belongs to the request, in words; may be empty."""
        parts = [f"with {name} = {value_text(value)}" for name, value in self.attributes.items()]
        parts += [f"where {name} is {value_text(value)}" for name, value in self.facts.items()]
        same = [one for one in self.earlier if one == Request(self.action, self.resource, self.attributes)]
        if same:
            parts.append(f"after {len(same)} of the same")
        elif self.earlier:
            parts.append(f"after {self.earlier[-1].action} {self.earlier[-1].resource}")
        if self.after:
            parts.append(f"{duration_text(self.after)} after the opening")
        if self.opened != _OPENED:
            parts.append(f"at {self.opened:%a} {time_text(self.opened)}")
        return ", ".join(parts)

    def __str__(self) -> str:
        request = " ".join(part for part in (self.action, self.resource, self.conditions) if part)
        return f"{'+' if self.gained else '-'} {request}: {self.old} -> {self.new}"


@dataclasses.dataclass(frozen=True)
class Diff:
    """The requests whose answer changes: one for each pair of deciding rules, the simplest that was found.

    Found by asking both documents about the edges of both: what is here is so, and each can be checked; but not every
    request was asked, so an empty difference is no proof that there is none.
    """

    old: Program
    new: Program
    witnesses: typing.List[Witness]
    tried: int
    """How many requests both were asked."""
    differing: int
    """How many of them came out differently."""
    head: typing.List[str]
    """Changed lifetime and identity statements, `- ` and `+ ` before them."""

    @property
    def gained(self) -> typing.List[Witness]:
        """What the new document permits and the old one does not."""
        return [witness for witness in self.witnesses if witness.gained]

    @property
    def lost(self) -> typing.List[Witness]:
        """What the old document permits and the new one does not."""
        return [witness for witness in self.witnesses if not witness.gained]

    def __str__(self) -> str:
        lines = [str(witness) for witness in self.gained + self.lost] + self.head
        told = f"{self.differing} of {self.tried} requests at the edges of both came out differently"
        return "\n".join([*lines, told + ("" if self.differing else "; that is no proof that none would")])

    def __repr__(self) -> str:
        return f"<Diff {len(self.gained)} gained, {len(self.lost)} lost, {self.tried} requests tried>"


def diff(old: Program, new: Program) -> Diff:
    """Which requests two versions of a document answer differently, each with a request that shows it.

    Requests are made from the patterns, conditions, limits, histories and ends of both and asked of both, each document by
    itself, as in `Program.backtest`; see `Diff` for what that can and cannot say. Times are of a session opened at
    2026-12-01T09:00Z, a Tuesday, where nothing needs another. Only effects count, not reasons.

    >>> import remit
    >>> old = remit.compile("read docs:/clinical/A; expires 2h", file="old.scope")
    >>> new = remit.compile("read docs:/clinical except docs:/clinical/A/hr; expires 2h", file="new.scope")
    >>> print(remit.diff(old, new))
    + read docs:/clinical: deny, no_matching_rule -> allow, allowed_by_rule at new.scope:1
    - read docs:/clinical/A/hr: allow, allowed_by_rule at old.scope:1 -> deny, no_matching_rule
    ...
    """
    cases = _cases(Edges([old, new]))
    before, after = _decide(old, cases), _decide(new, cases)
    found: typing.Dict[object, Witness] = {}
    differing = 0
    for case, was, now in zip(cases, before, after):
        if was.effect == now.effect:
            continue
        differing += 1
        last = case.requests[-1]
        witness = Witness(*last, case.facts, case.opened, case.after, tuple(case.requests[:-1]), was, now)
        key = (last.action, last.resource.partition(":")[0], was, now)
        if key not in found or _length(witness) < _length(found[key]):
            found[key] = witness
    witnesses = sorted(found.values(), key=lambda one: (not one.gained, bool(one.earlier), bool(one.after)))
    return Diff(old, new, witnesses, len(cases), differing, _heads(old, new))


class _Case(typing.NamedTuple):
    """Requests of one session, in order; the answer to the last one counts."""

    requests: typing.List[Request]
    facts: typing.Dict[str, Value]
    opened: datetime.datetime = _OPENED
    after: datetime.timedelta = datetime.timedelta()


def _cases(edges: Edges) -> typing.List[_Case]:
    probes = list(edges.probes(_MOST_TRIED))
    cases = [_Case([probe.request], probe.facts) for probe in probes]
    plain = _one_each(probes)
    cases += [_Case([probe.request], probe.facts, opened) for opened in edges.openings() for probe in plain]
    cases += [_Case([probe.request], probe.facts, _OPENED, after) for after in edges.moments() for probe in plain]
    # What a document remembers is asked for first. It matters to every request of its system's rules.
    firsts = {(probe.request.action, probe.request.resource): probe for probe in reversed(probes)}
    for past in _remembered(edges):
        cases += [_Case([past, probe.request], probe.facts) for probe in list(firsts.values())[-_MOST_TRIED // 4 :]]
    for count in sorted({cap.most for one in edges.outlines for cap in one.caps.values() if cap.attribute is None and cap.most < _MOST_REPEATED}):
        cases += [_Case([probe.request] * (count + 1), probe.facts) for probe in plain]
    return cases


def _one_each(probes: typing.Sequence[Probe]) -> typing.List[Probe]:
    """A few probes of each kind of action in each system: what also has to be tried at many times, or many times."""
    found: typing.Dict[object, typing.Dict[str, Probe]] = {}
    for probe in probes:
        few = found.setdefault((probe.request.action, probe.request.resource.partition(":")[0]), {})
        if len(few) < 4:
            few.setdefault(probe.request.resource, probe)
    return [probe for few in found.values() for probe in few.values()][:120]


def _remembered(edges: Edges) -> typing.List[Request]:
    found: typing.Dict[object, Request] = {}
    for one in edges.outlines:
        for entry in one.entries:
            if entry.kind == "history" and entry.actions:
                for resource in edges.resources(entry.pattern.system):
                    found.setdefault((entry.pattern, entry.actions[0]), Request(entry.actions[0], resource, {}))
                    break
    return list(found.values())


def _decide(program: Program, cases: typing.Sequence[_Case]) -> typing.List[Verdict]:
    """The last answer of each case. Cases of one request without a past are judged by themselves, which is much faster."""
    alone = [case for case in cases if len(case.requests) == 1 and not case.after]
    long = [case for case in cases if len(case.requests) > 1 or case.after]
    answers = {id(case): verdict for group in (alone, long) for case, verdict in zip(group, _ask(program, group))}
    return [answers[id(case)] for case in cases]


def _ask(program: Program, cases: typing.Sequence[_Case]) -> typing.List[Verdict]:
    rows: typing.List[typing.Tuple[int, _Case, Request, datetime.datetime]] = []
    lasts = []
    for number, case in enumerate(cases):
        if case.after:  # opened by a request that is denied and leaves nothing behind
            rows.append((number, case, Request("read", "none:/", {}), case.opened))
        rows += [(number, case, request, case.opened + case.after) for request in case.requests]
        lasts.append(len(rows) - 1)
    if not rows:
        return []
    names = dict.fromkeys(name for _, _, request, _ in rows for name in request.attributes)
    facts = dict.fromkeys(name for case in cases for name in case.facts)
    # Attributes and facts are named in lower case, so these names are no attribute's.
    table: typing.Dict[str, typing.Any] = {
        "Case": [str(number) for number, _, _, _ in rows],
        "Action": [request.action for _, _, request, _ in rows],
        "Resource": [request.resource for _, _, request, _ in rows],
        "Time": [when for _, _, _, when in rows],
        **{name: [request.attributes.get(name) for _, _, request, _ in rows] for name in names},
        **{name: [case.facts.get(name) for _, case, _, _ in rows] for name in facts},
    }
    stateful = len(rows) > len(cases)
    decisions = program.backtest(
        table, action="Action", resource="Resource", time="Time", attributes=list(names), facts={name: name for name in facts},
        stateful=stateful, session="Case" if stateful else None, progress=False,
    )  # fmt: skip
    reasons = tuple(_remit.REASONS)
    return [
        Verdict(_remit.EFFECTS[decisions.effect[row]], reasons[decisions.reason[row]], decisions.rule_at(row)) for row in lasts
    ]


def _heads(old: Program, new: Program) -> typing.List[str]:
    """Statements about life and identity that differ; they decide who may open a session, which no request shows."""
    changed = difflib.unified_diff(outline(old).head, outline(new).head, n=0, lineterm="")
    return [f"{line[0]} {line[1:]}" for line in changed if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def _length(witness: Witness) -> int:
    """How much there is to read: short texts, few conditions and no past come first."""
    return len(witness.resource) + 40 * (len(witness.attributes) + len(witness.facts) + bool(witness.earlier)) + 20 * bool(witness.after)
