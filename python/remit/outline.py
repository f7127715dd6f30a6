"""What a program holds, read off its disassembly: systems, patterns, the constants of its conditions, its limits.

For probing and for pictures, where a mistake shows a poorer picture; no decision ever rests on it. The compiled form is
read rather than the text, so arguments, lets and modules have their final values, and a loaded image serves as well.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import typing

from . import _remit
from .texts import duration_text, time_text

if typing.TYPE_CHECKING:
    from .program import Program

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
STAR, ANY, DEEP = "*", "?", "**"
Token = typing.Tuple[bool, str]
"""A piece of a pattern: is it a wildcard, and its text."""

_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_PATTERN = re.compile(rf"(only )?([a-z][a-z0-9+-]*):{_QUOTED}")
_RULE = re.compile(r"rule (\d+): (allow|deny|ask|limit) at ")
_NODE = re.compile(rf"node (system|root|path|star) {_QUOTED}")
_ENTRY = re.compile(r"    (deny|ask|allow|limit|history) (\d+) actions (\d+)( only)?( guarded)?(?: pattern (.*))?$")
_MOST = re.compile(r"    most (\d+)(?: times| of ([^ ]+))(?: per (\d+))?$")
_READ = re.compile(r"    \d+  (test|has|compare_number|compare_word|compare_list|compare_attributes|in_numbers|in_words|contains_number"
                   r"|contains_word|in_attribute|like) ([^ ]+)(?: (?:==|!=|<=|>=|<|>))?(?: (.*))?$")  # fmt: skip
_WINDOW = re.compile(r"    \d+  window (\d+)\.\.(\d+) min")
_EXCEPT = re.compile(r"    \d+  except (.*)$")
_AFTER = re.compile(r"    \d+  after history (\d+)$")
_EXPIRES = re.compile(r"  expires after (\d+|never), at (\d+|never), starts (\d+|never), idle (\d+|never)$")
_STRETCH = re.compile(r"\\x([0-9a-f]{2})|\\(.)|(\*\*|\*|\?)|(.)", re.DOTALL)


@dataclasses.dataclass(frozen=True)
class Pattern:
    """Resources that an entry of a program's index names."""

    system: str
    text: str
    """As the language writes it, quotes aside."""
    only: bool = False

    @property
    def tokens(self) -> typing.List[Token]:
        """The path in pieces."""
        return tokens_of(self.text)

    def __str__(self) -> str:
        quoted = f'"{self.text}"' if re.search(r'[\s,;()\[\]{}"]', self.text) else self.text
        return f"{'only ' if self.only else ''}{self.system}:{quoted}"


@dataclasses.dataclass(frozen=True)
class Entry:
    """A rule, a limit or something remembered (`after`), at one pattern, for some of its system's actions."""

    kind: str
    """`'allow'`, `'deny'`, `'ask'`, `'limit'` or `'history'`."""
    id: int
    """Of the rule; of a `history` its own number."""
    pattern: Pattern
    actions: typing.Tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Operand:
    """A constant that a condition compares an attribute, or a fact, with."""

    operation: str
    constants: typing.Tuple[str, ...]
    """Texts without quotes, or numbers."""


@dataclasses.dataclass(frozen=True)
class Cap:
    """The amount of a limit."""

    most: int
    attribute: typing.Optional[str]
    per: typing.Optional[int]
    """In microseconds."""


@dataclasses.dataclass
class Outline:
    """The parts of one program, in the order of its text."""

    head: typing.List[str]
    """Lifetime and identity statements."""
    systems: typing.Dict[str, typing.List[str]]
    """Their actions."""
    entries: typing.List[Entry]
    excepts: typing.Dict[int, typing.List[Pattern]]
    operands: typing.Dict[int, typing.List[typing.Tuple[str, Operand]]]
    """Of a rule: attribute and operand."""
    windows: typing.Dict[int, typing.List[typing.Tuple[int, int]]]
    """Of a rule with `between`: minutes of the day."""
    after: typing.Dict[int, typing.List[int]]
    """Of a rule with `after`: the histories that it asks for."""
    caps: typing.Dict[int, Cap]
    expires_after: typing.Optional[int]
    """Microseconds from the opening; the next two since 1970."""
    expires_at: typing.Optional[int]
    starts: typing.Optional[int]
    idle: typing.Optional[int]

    def of(self, rule: int) -> typing.List[Entry]:
        """The entries of one rule or limit."""
        return [entry for entry in self.entries if entry.id == rule and entry.kind != "history"]


def tokens_of(text: str) -> typing.List[Token]:
    """A quoted pattern or glob in pieces: escapes are resolved, wildcards told apart."""
    found = []
    for piece in _STRETCH.finditer(text):
        code, escaped, wildcard, plain = piece.groups()
        found.append((wildcard is not None, wildcard or escaped or plain or chr(int(code or "0", 16))))
    return found


def plain(text: str) -> str:
    """The text between quotes, its escapes resolved."""
    return "".join(piece for _, piece in tokens_of(text))


def outline(program: Program) -> Outline:
    """Reads one program.

    >>> import remit
    >>> found = outline(remit.compile("read docs:/a when size <= 5MB at most 3 times; expires 2h"))
    >>> [(entry.kind, str(entry.pattern), entry.actions) for entry in found.entries]
    [('allow', 'docs:/a', ('read',)), ('limit', 'docs:/a', ('read',))]
    >>> found.operands[0], found.caps[1].most
    ([('size', Operand(operation='compare_number', constants=('5000000',)))], 3)
    """
    return _Reader().read(_remit.disassemble(program))


class _Reader:
    def __init__(self) -> None:
        self.out = Outline([], {}, [], {}, {}, {}, {}, {}, None, None, None, None)
        self.rule = -1
        self.node = Pattern("", "")

    def read(self, listing: str) -> Outline:
        for line in listing.split("\n")[1:]:
            if line.startswith("  ") and self.rule < 0 and not self.node.system:
                self.head(line)
            elif line.startswith("system "):
                name, _, actions = line[len("system ") :].partition(":")
                self.out.systems[name] = actions.split()
            elif line.startswith("rule "):
                found = _RULE.match(line)
                self.rule = int(found[1]) if found else self.rule
            elif line.startswith("node "):
                found = _NODE.match(line)
                system, _, text = (found[2] if found else ":").partition(":")
                self.node = Pattern(system, text)
            elif self.node.system:
                self.entry(line)
            else:
                self.guard(line)
        self.out.entries.sort(key=lambda entry: (entry.kind == "history", entry.id))
        return self.out

    def head(self, line: str) -> None:
        found = _EXPIRES.match(line)
        if not found:
            self.out.head.append(re.sub(_QUOTED, lambda quoted: f'"{plain(quoted[1])}"', line.strip()))
            return
        one = self.out
        one.expires_after, one.expires_at, one.starts, one.idle = (None if text == "never" else int(text) for text in found.groups())
        for word, length in (("expires", one.expires_after), ("idle", one.idle)):
            if length is not None:
                one.head.append(f"{word} {duration_text(datetime.timedelta(microseconds=length))}")
        for word, point in (("expires", one.expires_at), ("starts", one.starts)):
            if point is not None:
                one.head.append(f"{word} {time_text(_EPOCH + datetime.timedelta(microseconds=point))}")

    def entry(self, line: str) -> None:
        found = _ENTRY.match(line)
        if not found:
            return
        kind, id, mask, only, _, pattern = found.groups()
        named = _patterns(pattern)[0] if pattern else dataclasses.replace(self.node, only=bool(only))
        actions = tuple(action for bit, action in enumerate(self.out.systems.get(named.system, ())) if int(mask) >> bit & 1)
        self.out.entries.append(Entry(kind, int(id), named, actions))

    def guard(self, line: str) -> None:
        for form, take in ((_MOST, self.most), (_READ, self.operand), (_WINDOW, self.window), (_EXCEPT, self.excepted), (_AFTER, self.follows)):
            found = form.match(line)
            if found:
                take(found)
                return

    def most(self, found: typing.Match[str]) -> None:
        self.out.caps[self.rule] = Cap(int(found[1]), found[2], int(found[3]) if found[3] else None)

    def operand(self, found: typing.Match[str]) -> None:
        text = found[3] or ""
        quoted = [plain(one) if found[1] != "like" else one for one in re.findall(_QUOTED, text)]
        constants = tuple(quoted) if '"' in text else tuple(re.findall(r"-?\d+|[a-z_][\w.]*", text))
        self.out.operands.setdefault(self.rule, []).append((found[2], Operand(found[1], constants)))

    def window(self, found: typing.Match[str]) -> None:
        self.out.windows.setdefault(self.rule, []).append((int(found[1]), int(found[2])))

    def excepted(self, found: typing.Match[str]) -> None:
        self.out.excepts.setdefault(self.rule, []).extend(_patterns(found[1]))

    def follows(self, found: typing.Match[str]) -> None:
        self.out.after.setdefault(self.rule, []).append(int(found[1]))


def _patterns(text: str) -> typing.List[Pattern]:
    return [Pattern(found[2], found[3], bool(found[1])) for found in _PATTERN.finditer(text)]
