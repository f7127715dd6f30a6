"""What sessions, programs and the compiler report: small objects that nothing changes any more."""

from __future__ import annotations

import dataclasses
import datetime
import typing

from .values import Bytes, Value

Amount = typing.Union[int, Bytes, datetime.timedelta]


@dataclasses.dataclass(frozen=True)
class Diagnostic:
    """One finding of the compiler. Lines and columns count from 1; the end is after the last character."""

    severity: str
    """`'error'` or `'warning'`."""
    code: str
    """Stable, such as `'unknown-action'`."""
    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    message: str
    """What is wrong, and what was expected."""
    help: str
    """What to write instead; may be empty."""
    excerpt: str
    """The source line; of a very long one the part around the place."""
    excerpt_column: int
    """The column of the excerpt's first character."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.severity}[{self.code}]: {self.message}"


@dataclasses.dataclass(frozen=True)
class Rule:
    """A rule or limit of a document, and where it stands."""

    kind: str
    """`'allow'`, `'deny'`, `'ask'` or `'limit'`."""
    file: str
    line: int
    column: int
    because: typing.Optional[str]
    """The author's reason, where one is given."""
    source: str
    """The statement's first line as written; empty where the image has no source."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclasses.dataclass(frozen=True)
class MemoryUse:
    """What of a document needs a session that remembers."""

    limits: bool
    history: bool
    idle: bool
    delegation: bool
    """Concerns opening sub-sessions, not decisions."""


@dataclasses.dataclass(frozen=True)
class TestOutcome:
    """What came of one test of a document."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    name: str
    passed: bool
    expected: str
    """Of the expectation that failed."""
    got: str
    failure: typing.Optional[Diagnostic]
    """Where that expectation stands, and its source line."""


@dataclasses.dataclass(frozen=True)
class DocumentTests:
    """What came of the tests of one document."""

    file: str
    outcomes: typing.List[TestOutcome]
    untested: typing.List[Diagnostic]
    """Warnings of rules that no test reached, where coverage was asked for."""

    @property
    def passed(self) -> bool:
        """True where every test passed."""
        return all(outcome.passed for outcome in self.outcomes)


@dataclasses.dataclass(frozen=True)
class Status:
    """Where a session stands."""

    reason: str
    """`'allowed_by_rule'` while it is open, else why every request is denied."""
    ends: typing.Optional[datetime.datetime]
    """The earliest end that it and its ancestors have; in UTC."""
    now: datetime.datetime
    """The largest time that the tree has seen; in UTC."""
    by: typing.Optional[str]
    """Who revoked it."""
    why: typing.Optional[str]

    @property
    def open(self) -> bool:
        """True while requests are decided by the documents."""
        return self.reason == "allowed_by_rule"


@dataclasses.dataclass(frozen=True)
class Limit:
    """One limit of one document, as it stands in a session."""

    layer: int
    """Index of the document: task scope 0, guardrails, grants."""
    rule: typing.Optional[Rule]
    most: Amount
    """Times (int), a size (`Bytes`), a duration, or a number, as the limit says."""
    used: Amount
    remaining: Amount
    attribute: typing.Optional[str]
    """What is summed; None: requests are counted."""
    per: typing.Optional[datetime.timedelta]
    """A sliding window; None: the whole session."""


@dataclasses.dataclass(frozen=True)
class PendingAsk:
    """An ask that waits for a person, or an approval that waits to be used."""

    id: str
    session: str
    action: str
    resource: str
    approved: bool
    asked_at: datetime.datetime
    approved_at: typing.Optional[datetime.datetime]
    approver: typing.Optional[str]
    rules: typing.List[Rule]
    """The ask rules that it answers, of all documents."""


@dataclasses.dataclass(frozen=True)
class SavedState:
    """The state of a tree of sessions. Keep it where agents cannot reach: its checksum guards against damage only."""

    state: bytes
    generation: int
    """One higher with every save: give the last one to `Session.restore`, which refuses older states."""


@dataclasses.dataclass(frozen=True)
class Identifier:
    """The name of an agent or a person, read. Two are the same principal exactly if their `text` is the same."""

    kind: str
    """`'spiffe'`, `'wimse'`, `'uri'`, `'email'` or `'name'`."""
    text: str
    """Canonical: scheme and trust domain of a workload in lower case, all else as given."""
    trust_domain: typing.Optional[str]
    path: typing.Optional[str]


@dataclasses.dataclass(frozen=True)
class HostQuestion:
    """What the host's own access check is asked, last of all, for what would otherwise be granted."""

    action: str
    resource: str
    attributes: typing.Dict[str, Value]
    facts: typing.Dict[str, Value]
    """Of the session that asks: `agent`, `user`, `sponsor`, `purpose`, `trigger` and the host's own, where known."""
    now: datetime.datetime


@dataclasses.dataclass(frozen=True)
class AuditEvent:
    """One thing that a session did, as a sink written in Python gets it."""

    kind: str
    """`'opening'`, `'refusal'` (of an opening or a delegation), `'delegation'`, `'decision'`, `'approval'`,
    `'revocation'`, `'commit'`, `'rollback'`, `'outcome'` or `'end'`."""
    time: datetime.datetime
    session: typing.Optional[str]
    """None where it was refused."""
    parent: typing.Optional[str]
    facts: typing.Dict[str, Value]
    chain: typing.List[str]
    """Agents, the outermost first, the session's own last."""
    habit: str
    """`'none'`, or the bad habit that the host made up for."""
    action: typing.Optional[str]
    resource: typing.Optional[str]
    attributes: typing.Dict[str, Value]
    effect: typing.Optional[str]
    reason: typing.Optional[str]
    rule: typing.Optional[Rule]
    decision: typing.Optional[str]
    """Names the decision; joins a commit, a rollback and an outcome to it."""
    approval: typing.Optional[str]
    by: typing.Optional[str]
    why: typing.Optional[str]
    error: typing.Optional[str]
    """Of a refusal: the code of the `RemitError`."""
    ok: typing.Optional[bool]
    """Of an outcome, and in `detail` what the caller said of it."""
    detail: typing.Optional[str]
