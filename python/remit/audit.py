"""The audit trail: a log that sessions write to, its records, and what shows that nobody changed them.

>>> import pathlib, remit, tempfile
>>> from remit import audit
>>> folder = tempfile.TemporaryDirectory()
>>> path = pathlib.Path(folder.name) / "trail.db"
>>> key, verifier = audit.generate_key("audit.acme.example")
>>> with audit.Log(path, origin="audit.acme.example", key=key) as log:
...     with remit.open(user="mike@acme.example", task=remit.compile("read docs:/a; expires 2h"), audit=log) as session:
...         decision = session.check("read", "docs:/a/x")
...         session.outcome(decision, True, "4 pages")
>>> [record.kind for record in audit.Reader(path).records()]
['opening', 'decision', 'outcome', 'end']
>>> bool(audit.verify(path, key=verifier)), bool(audit.replay(path))
(True, True)
>>> folder.cleanup()
"""

from __future__ import annotations

import atexit
import datetime
import json
import os
import typing
import weakref

from . import _remit
from .bulk import Progress
from .errors import RemitError
from .program import Program
from .records import Checkpoint, Finding, LogStatus, Record, Replay, Replayed, Verification

if typing.TYPE_CHECKING:
    import types

__all__ = ["Checkpoint", "Finding", "Log", "LogStatus", "Reader", "Record", "Replay", "Replayed", "Verification", "generate_key", "replay", "verify"]

Path = typing.Union[str, "os.PathLike[str]"]
_open: "weakref.WeakSet[Log]" = weakref.WeakSet()


class Log(_remit.AuditLog):
    """The audit trail in one SQLite file: `remit.open(audit=log)`. One log at a time writes a file.

    - `buffered`: False, and a decision returns after its record is on the disk; True, and it returns once the record
      stands in a bounded queue of `queue` events.
    - `origin`, `key`: the log's name and an Ed25519 private key (PEM), under which checkpoints are signed.
    - `sensitive`: attributes and facts whose values are never stored, only their HMAC-SHA256 under `seal_key`.
    - `unrecorded_actions`: read-only actions whose decisions stand where they cannot be recorded; all else is then denied.
    - `keep`: how long bodies are kept (six years where None), and `retention` for some systems another time:
      `[("short", ["web"], timedelta(days=90))]`.
    - `on_checkpoint`: called with each new checkpoint, a signed note, on the log's own thread: to keep it elsewhere.

    As a context manager it is closed at the end. Raises `RemitError`: audit_unavailable, bad_argument.
    """

    def __init__(
        self,
        path: Path,
        *,
        buffered: bool = False,
        origin: str = "remit",
        key: str = "",
        sensitive: typing.Sequence[str] = (),
        seal_key: str = "",
        unrecorded_actions: typing.Sequence[str] = (),
        queue: int = 16_384,
        keep: typing.Optional[datetime.timedelta] = None,
        retention: typing.Sequence[typing.Tuple[str, typing.Sequence[str], datetime.timedelta]] = (),
        on_checkpoint: typing.Optional[typing.Callable[[str], object]] = None,
    ) -> None:
        super().__init__(
            os.fspath(path),
            buffered=buffered,
            origin=origin,
            key=key,
            sensitive=list(sensitive),
            seal_key=seal_key,
            unrecorded_actions=list(unrecorded_actions),
            queue=queue,
            keep=keep,
            retention=[(name, list(systems), kept) for name, systems, kept in retention],
            on_checkpoint=on_checkpoint,
        )
        _open.add(self)

    def remove_expired(self, *, now: typing.Optional[datetime.datetime] = None) -> int:
        """Removes the bodies of records older than they are kept; their hashes stay. How many were removed."""
        return self._remove_expired(now)

    def __enter__(self) -> Log:
        return self

    def __exit__(
        self,
        kind: typing.Optional[typing.Type[BaseException]],
        error: typing.Optional[BaseException],
        traceback: typing.Optional[types.TracebackType],
    ) -> None:
        self.close()


@atexit.register
def _close_all() -> None:
    # The thread of a log may be in a callback, which it could not finish once the interpreter is gone.
    for log in list(_open):
        try:
            log.close()
        except RemitError:
            pass


class Reader(_remit.AuditReader):
    """Reads an audit log, while it is being written or after. It changes nothing; its length is the number of records.

    Raises `RemitError` (audit_unavailable) where the file is no audit log.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(os.fspath(path))

    def records(
        self,
        *,
        session: typing.Optional[str] = None,
        agent: typing.Optional[str] = None,
        person: typing.Optional[str] = None,
        system: typing.Optional[str] = None,
        kind: typing.Optional[str] = None,
        action: typing.Optional[str] = None,
        effect: typing.Optional[str] = None,
        reason: typing.Optional[str] = None,
        decision: typing.Optional[str] = None,
        resource_prefix: typing.Optional[str] = None,
        since: typing.Optional[datetime.datetime] = None,
        until: typing.Optional[datetime.datetime] = None,
        first: int = 1,
        newest_first: bool = False,
    ) -> typing.Iterator[Record]:
        """The records for which all that is given holds, in order; read in batches, so a trail of any length may be.

        `person` is the user, else the sponsor; `resource_prefix` is byte for byte; `since` <= time < `until`. `first` is
        the smallest seq.
        """
        wanted = {
            "session": session, "agent": agent, "person": person, "system": system, "kind": kind, "action": action,
            "effect": effect, "reason": reason, "decision": decision, "resource_prefix": resource_prefix,
            "since": since, "until": until, "newest_first": newest_first, "limit": 1000, "from": first, "to": len(self),
        }  # fmt: skip
        while True:
            batch = self._records(wanted)
            for seq, leaf, time, what, text in batch:
                fields = {} if text is None else json.loads(text)
                sentence = f"record {seq} was removed by retention" if text is None else _remit.audit_sentence(text)
                yield Record(seq, leaf, time, what, text, fields, sentence)
            if len(batch) < 1000:
                return
            if newest_first:
                wanted["to"] = batch[-1][0] - 1
            else:
                wanted["from"] = batch[-1][0] + 1

    def program(self, digest: str) -> Program:
        """The program of that digest, as sessions were opened with it. KeyError where there is none."""
        image = self._program(digest)
        if image is None:
            raise KeyError(digest)
        return Program.load(image)

    @property
    def programs(self) -> typing.Dict[str, str]:
        """The names of all programs, by digest."""
        return dict(self._programs())

    @property
    def checkpoints(self) -> typing.List[Checkpoint]:
        """The log's signed notes, oldest first."""
        return self._checkpoints()

    @property
    def origin(self) -> typing.Optional[str]:
        """The log's name in its checkpoints."""
        return self._meta("origin")

    @property
    def verifier_key(self) -> typing.Optional[str]:
        """The key that the log says it is signed with; None: with none. Only the log's own word."""
        return self._meta("verifier_key")


def verify(path: Path, *, key: str = "", earlier: typing.Sequence[typing.Union[str, Checkpoint]] = (), progress: bool = True) -> Verification:
    """Whether a log is what it was when it was written. Truthy where nothing is wrong.

    `key` is the verifier key, from whoever keeps the log's key; without it the log's own word is taken. `earlier` are
    checkpoints that were kept elsewhere: without one, a shorter log in its place would pass. Raises `RemitError`.
    """
    notes = [one.note if isinstance(one, Checkpoint) else one for one in earlier]
    with Progress("verifying", progress) as bar:
        return _remit.audit_verify(os.fspath(path), key, notes, bar)


def replay(path: Path, *, session: str = "") -> Replay:
    """Decides every recorded request again, with the recorded programs, facts, times and state, and compares.

    `session`: only the tree of this one, by its id or the beginning of it. Truthy where all was decided again as it is
    recorded. Raises `RemitError`.
    """
    same, differ, undecidable, differences = _remit.audit_replay(os.fspath(path), session)
    return Replay(same, differ, undecidable, differences)


def generate_key(origin: str) -> typing.Tuple[str, str]:
    """A fresh key for a log of that name: the private half (PEM, for `Log`) and the verifier key (for `verify`)."""
    return _remit.audit_generate_key(origin)
