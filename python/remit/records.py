"""What an audit trail holds and what verifying it finds: small objects that nothing changes any more.

`remit.audit` is what people import; these stand here because the extension module makes them.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing


@dataclasses.dataclass(frozen=True)
class Record:
    """One record of the trail."""

    seq: int
    """1, 2, 3 ... without a gap."""
    leaf: str
    """SHA-256 of 0x00 and the record's text, in hexadecimal: its leaf in the hash tree."""
    time: datetime.datetime
    kind: str
    """`'opening'`, `'refusal'`, `'delegation'`, `'decision'`, `'approval'`, `'revocation'`, `'commit'`, `'rollback'`,
    `'outcome'`, `'end'`; and of the log itself `'gap'` and `'retention'`."""
    text: typing.Optional[str]
    """The record as it was hashed: canonical JSON. None where retention removed it."""
    fields: typing.Dict[str, typing.Any]
    """The same, parsed; empty where it was removed."""
    sentence: str
    """The record as one sentence."""


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """A signed note over the first `size` records. Keep some elsewhere: they tell a shortened log from the whole one."""

    size: int
    note: str


@dataclasses.dataclass(frozen=True)
class LogStatus:
    """How a log stands."""

    records: int
    """On the disk."""
    queued: int
    """Not there yet."""
    checkpointed: int
    """Records under the latest checkpoint."""
    unrecorded: int
    """Of the gap that is open: events that took effect unrecorded."""
    denied: int
    """And decisions that were denied for it."""
    failing: bool
    """The last attempt to write failed."""
    fault: typing.Optional[str]


@dataclasses.dataclass(frozen=True)
class Finding:
    """Something that is wrong with a log."""

    code: str
    """Stable, such as `'record_edited'`."""
    seq: typing.Optional[int]
    """The record it is about; None: about none alone."""
    text: str


@dataclasses.dataclass(frozen=True)
class Verification:
    """What verifying a log found."""

    origin: str
    key: typing.Optional[str]
    """By which checkpoints were judged; None: nobody signed the log, so it only agrees with itself."""
    records: int
    removed: int
    """Of those, bodies that retention removed."""
    programs: int
    checkpoints: int
    """Stored ones that are right."""
    checkpointed: int
    """Records under the largest of them."""
    earlier: int
    """The verifier's own that are right."""
    root: str
    """Of the hash tree over all records, in hexadecimal."""
    findings: typing.List[Finding]
    further: int
    """Findings beyond those."""

    @property
    def verified(self) -> bool:
        """True where nothing was found."""
        return not self.findings

    def __bool__(self) -> bool:
        return self.verified


@dataclasses.dataclass(frozen=True)
class Replayed:
    """A record that was not decided again as it says."""

    seq: int
    verdict: str
    """`'differs'`, or `'undecidable'` where the trail lacks something that the decision rested on."""
    effect: typing.Optional[str]
    """As decided again, where it was; so are reason and place."""
    reason: typing.Optional[str]
    place: typing.Optional[str]
    why: str
    """What differs, or what is lacking."""


@dataclasses.dataclass(frozen=True)
class Replay:
    """What deciding a whole trail again found."""

    same: int
    differ: int
    undecidable: int
    differences: typing.List[Replayed]
    """All but the same, in the order of the records."""

    def __bool__(self) -> bool:
        return self.differ == 0 and self.undecidable == 0
