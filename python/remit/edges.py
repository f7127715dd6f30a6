"""Requests at the edges of documents: where a pattern begins and ends, where a threshold lies.

For `remit.diff` and `remit.testing.strategies`. Edges are tried, not all requests: what is found is true, what is not
found may still be there.
"""

from __future__ import annotations

import datetime
import itertools
import random
import typing

from . import _remit
from .outline import ANY, DEEP, STAR, Operand, Outline, Pattern, Token, outline, tokens_of
from .values import Bytes, Resource, Value

if typing.TYPE_CHECKING:
    from .program import Program

_FACTS = ("agent", "user", "purpose")
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_COMBINATIONS = 48  # of attribute values for one action and resource, at most
_SEED = 8


class Request(typing.NamedTuple):
    """A request as `session.check(*request)` takes it."""

    action: str
    resource: str
    attributes: typing.Dict[str, Value]


class Probe(typing.NamedTuple):
    """A request together with the session facts that it is asked under."""

    request: Request
    facts: typing.Dict[str, Value]


class Edges:
    """The edges of some programs together, in an order that never changes."""

    def __init__(self, programs: typing.Sequence[Program]) -> None:
        self.outlines = [outline(program) for program in programs]
        self.types: typing.Dict[str, typing.Optional[str]] = {}
        for program in reversed(programs):
            self.types.update(_remit.declared_attributes(program))
        self.patterns = list(dict.fromkeys(pattern for one in self.outlines for pattern in _patterns(one)))

    def systems(self) -> typing.List[str]:
        """The systems that rules speak of, and one of those that all rules treat alike (`anything`, or no rule at all)."""
        named = {pattern.system for pattern in self.patterns if pattern.text}
        kinds: typing.Dict[object, str] = {}
        for system in dict.fromkeys(system for one in self.outlines for system in one.systems):
            spoken = [(at, entry.kind, entry.id) for at, one in enumerate(self.outlines) for entry in one.entries if entry.pattern.system == system]
            kinds.setdefault(system if system in named else tuple(spoken), system)
        return sorted(kinds.values(), key=lambda system: system not in named)

    def resources(self, system: str) -> typing.List[str]:
        """Resources inside, at and just outside of each pattern of a system; the plain ones first."""
        own = [pattern for pattern in self.patterns if pattern.system == system and pattern.text]
        # A pattern that begins with `**` matters inside of what the others name.
        firm = [pattern for pattern in own if not pattern.text.startswith("/**")]
        bases = list(dict.fromkeys(made for pattern in firm for made in _instances(pattern.tokens, [""])))
        bases += [made for pattern in own if pattern not in firm for made in _instances(pattern.tokens, ["", *_folders(bases)])]
        if any(pattern.system == system and not pattern.text for pattern in self.patterns) or not own:
            bases += ["/somewhere/else"]
        found = [f"{base}/beneath" if base != "/" else "/beneath" for base in bases] + bases
        for base in bases:
            found += _neighbours(base)
        return [f"{system}:{path}" for path in dict.fromkeys(found) if path]

    def actions(self, system: str) -> typing.List[str]:
        """One action of a system for each set of rules that speak of it."""
        names = dict.fromkeys(name for one in self.outlines for name in one.systems.get(system, ()))
        kinds: typing.Dict[object, str] = {}
        for name in names:
            signature = tuple(
                (at, entry.kind, entry.id) for at, one in enumerate(self.outlines) for entry in one.entries
                if entry.pattern.system == system and name in entry.actions
            )  # fmt: skip
            kinds.setdefault((signature, tuple(name in one.systems.get(system, ()) for one in self.outlines)), name)
        return list(kinds.values())

    def values(self, system: str, action: str) -> typing.Dict[str, typing.List[typing.Optional[Value]]]:
        """Attributes and facts that rules for such requests look at: values at their thresholds, and None for none."""
        found: typing.Dict[str, typing.Dict[str, typing.Optional[Value]]] = {}
        for one in self.outlines:
            rules = [entry.id for entry in one.entries if entry.kind != "history" and entry.pattern.system == system and action in entry.actions]
            for rule in dict.fromkeys(rules):
                cap = one.caps.get(rule)
                if cap and cap.attribute:
                    of_cap = Operand("compare_number", (str(cap.most),))
                    found.setdefault(cap.attribute, {}).update((repr(value), value) for value in self._near(cap.attribute, of_cap))
                for name, operand in one.operands.get(rule, ()):
                    found.setdefault(name, {}).update((repr(value), value) for value in self._near(name, operand))
                    if operand.operation in ("compare_attributes", "in_attribute"):
                        other = operand.constants[0]
                        found.setdefault(other, {}).update((repr(value), value) for value in self._near(other, operand))
        return {name: [*values.values(), None] for name, values in found.items()}

    def probes(self, most: int) -> typing.Iterator[Probe]:
        """Every resource with every kind of action, and for each so many combinations of values.

        About `most` in all, shared out among the systems: of more there are fewer combinations, then fewer resources.
        """
        draw = random.Random(_SEED)
        systems = self.systems()
        share = max(1, most // len(systems))
        for system in systems:
            resources, actions = self.resources(system), self.actions(system)
            if len(resources) * len(actions) > share:
                resources = draw.sample(resources, max(1, share // len(actions)))
            combinations = min(_COMBINATIONS, max(1, share // (len(resources) * len(actions))))
            for action in actions:
                values = self.values(system, action)
                for resource in resources:
                    for chosen in _combinations(values, draw, combinations):
                        attributes = {name: value for name, value in chosen.items() if not is_fact(name)}
                        yield Probe(Request(action, resource, attributes), {name: value for name, value in chosen.items() if is_fact(name)})

    def moments(self) -> typing.List[datetime.timedelta]:
        """Times since the opening at which something ends, and just before."""
        ends = sorted({end for one in self.outlines for end in (one.expires_after, one.idle) if end})
        return [datetime.timedelta(microseconds=end - early) for end in ends for early in (1_000_000, 0) if end > early]

    def openings(self) -> typing.List[datetime.datetime]:
        """Points in time at which something begins or ends for good, and just before; and those of windows of a day."""
        points = sorted({point for one in self.outlines for point in (one.expires_at, one.starts) if point})
        found = [at(point - early) for point in points for early in (1_000_000, 0)]
        minutes = sorted({minute % 1440 for one in self.outlines for windows in one.windows.values() for pair in windows for minute in pair})
        monday = _EPOCH + datetime.timedelta(days=4 + 7 * 2969)
        if minutes:
            edges = {minute - early for minute in minutes for early in (1, 0)} | {60 * hour + 30 for hour in range(24)}
            found += [monday + datetime.timedelta(days=day, minutes=minute) for day in range(7) for minute in sorted(edges)]
        return found

    def _near(self, name: str, operand: Operand) -> typing.List[Value]:
        kind = self.types.get(name)
        if operand.operation == "like":
            return [made for glob in operand.constants for made in (*_instances(tokens_of(glob), [""]), _outside(glob))]
        if operand.operation == "test" or kind == "bool":
            return [True, False]
        if operand.operation in ("has", "compare_attributes", "in_attribute"):
            return _some(kind)
        if operand.operation.startswith("contains_"):
            # A list of what it looks for, and one without it.
            return [*([self._of(kind, one)] for one in operand.constants), []]
        if operand.operation == "compare_list":
            return [[self._of(kind, one) for one in operand.constants], []]
        numbers = operand.operation in ("compare_number", "in_numbers")
        texts = [str(int(one) + step) for one in operand.constants for step in (0, -1, 1)] if numbers else \
            [text for one in operand.constants for text in (one, one + "x")]  # fmt: skip
        # A fact of the session is declared nowhere; its number is tried as an int.
        return [self._of(kind or ("int" if numbers else None), one) for one in texts]

    def _of(self, kind: typing.Optional[str], text: str) -> Value:
        kind = (kind or "").replace("list of ", "")
        if kind == "size":
            return Bytes(max(0, int(text)))
        if kind == "duration":
            return datetime.timedelta(microseconds=int(text))
        if kind == "time":
            return at(int(text))
        return Resource(text) if kind == "resource" else int(text) if kind == "int" else text


def at(microseconds: int) -> datetime.datetime:
    """A time of the language as a datetime."""
    return _EPOCH + datetime.timedelta(microseconds=microseconds)


def is_fact(name: str) -> bool:
    """Does the session supply this, rather than the request?"""
    return name in _FACTS or name.startswith(("user.", "agent."))


def _patterns(one: Outline) -> typing.Iterator[Pattern]:
    for entry in one.entries:
        yield entry.pattern
    for patterns in one.excepts.values():
        yield from patterns


def _some(kind: typing.Optional[str]) -> typing.List[Value]:
    """Values of a type, for a condition that names none."""
    some: typing.Dict[str, typing.List[Value]] = {"int": [1, 2], "size": [Bytes(1), Bytes(2)], "duration": [datetime.timedelta(hours=1), datetime.timedelta(hours=2)],
            "time": [at(0), at(1)], "bool": [True, False]}  # fmt: skip
    return some.get(kind or "", ["a", "b"])


def _instances(tokens: typing.Sequence[Token], folders: typing.Sequence[str]) -> typing.List[str]:
    """Texts that a pattern matches: wildcards filled briefly, and, where it can, otherwise; `**` at the start by folders."""
    found = []
    leads = [token for token in tokens if token[0] and token[1] == DEEP]
    for star, deep in (("x", "deep"), ("y.z", "")):
        for folder in folders if leads else [""]:
            parts = []
            for at_, (wildcard, text) in enumerate(tokens):
                parts.append(text if not wildcard else {STAR: star, ANY: "q"}.get(text, folder.lstrip("/") if folder and at_ == 1 else deep))
            made = "".join(parts).replace("//", "/")
            found.append(made.rstrip("/") if leads and made != "/" else made)
    return list(dict.fromkeys(found))


def _outside(glob: str) -> str:
    """A text that misses a glob, if only just: its instance with its last character doubled, and one put before."""
    made = _instances(tokens_of(glob), [""])[0]
    return "-" + made + made[-1:]


def _folders(bases: typing.Sequence[str]) -> typing.List[str]:
    return [base for base in bases if base.startswith("/") and base != "/"][:12]


def _neighbours(base: str) -> typing.List[str]:
    """What lies beside a path: names with its prefix, its parent, another case, a way back up, the other kind of path."""
    if base in ("", "/"):
        return ["/elsewhere", "elsewhere"]
    parent, _, last = base.rpartition("/")
    found = [base + "x", base + "-2", parent or "/", f"{parent}/{last[:-1]}" if len(last) > 1 else "", base.swapcase(), base + "/.."]
    found += [f"{base}/../{last}x", f"{base}/%2e%2e/x", base + "/", f"{parent}/sibling" if parent else "elsewhere"]
    return [*found, base.lstrip("/") if base.startswith("/") else "/" + base]


def _combinations(
    values: typing.Mapping[str, typing.List[typing.Optional[Value]]], draw: random.Random, most: int
) -> typing.Iterator[typing.Dict[str, Value]]:
    """Choices of one value for each name: all of them, or, where they are too many, the first values and some others."""
    total = 1
    for options in values.values():
        total *= len(options)
    if total <= most:
        chosen: typing.Iterable[typing.Sequence[typing.Optional[Value]]] = itertools.product(*values.values())
    else:
        chosen = [[options[0] for options in values.values()], *([draw.choice(options) for options in values.values()] for _ in range(most - 1))]
    for one in chosen:
        yield {name: value for name, value in zip(values, one) if value is not None}
