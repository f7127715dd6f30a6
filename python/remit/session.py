"""Sessions: one agent working on one task for one person, from opening to end."""

from __future__ import annotations

import datetime
import typing
import weakref

from . import _remit
from .bulk import Decisions, check_many
from .guards import Guarded, guard
from .program import Program
from .types import AuditEvent, HostQuestion, Limit, PendingAsk, SavedState, Status
from .values import Value

if typing.TYPE_CHECKING:
    import types

    from ._remit import AuditSink, Decision, Identity, PrincipalRegistry, SqliteStore
    from .charts import Trail

Trigger = typing.Tuple[str, str]
Host = typing.Callable[[HostQuestion], bool]
Sink = typing.Union["AuditSink", typing.Callable[[AuditEvent], int]]


class Session(_remit.Session):
    """One agent working on one task for one person. `remit.open` and `delegate` make sessions.

    A session and all that is delegated from it form a tree with one state: limits, history, approvals, one clock. As a
    context manager it is ended when the block is left; without, dropping it ends nothing. Every method may be called from
    any thread. Times are datetimes with a time zone, None is the clock; within a tree the largest time seen in any call
    holds, so a clock set back extends nothing.

    >>> import remit
    >>> with remit.open(user="mike@acme.example", task=remit.compile("read docs:/clinical/A; expires 2h")) as session:
    ...     if session.check("read", "docs:/clinical/A/protocol.pdf"):
    ...         print("go ahead")
    go ahead
    >>> session.check("read", "docs:/clinical/A/protocol.pdf").reason
    'session_ended'
    """

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: typing.Optional[typing.Type[BaseException]],
        error: typing.Optional[BaseException],
        traceback: typing.Optional[types.TracebackType],
    ) -> None:
        # A session that lives in simulated time ends there, too.
        self.end(now=max(self._last_given, self.status().now) if self._last_given else None)

    _last_given: typing.Optional[datetime.datetime] = None
    _opened: typing.Optional[datetime.datetime] = None
    _children: typing.Sequence[weakref.ref[Session]] = ()

    def _moment(self) -> typing.Optional[datetime.datetime]:
        """A time that looking at the session may give: of one in simulated time never the clock's, which would end it."""
        return self._last_given

    @property
    def opened(self) -> typing.Optional[datetime.datetime]:
        """When it was opened, in UTC; None of a session that was restored or resumed."""
        return self._opened

    @property
    def children(self) -> typing.List[Session]:
        """The sub-sessions that this object has delegated and that are still referred to somewhere, oldest first."""
        return [child for child in (reference() for reference in self._children) if child is not None]

    def guard(self, action: str, resource: str, /, **attributes: typing.Union[str, Value]) -> Guarded:
        """Makes a function, or a coroutine, that is called only where this session allows it.

        `{name}` in `resource` stands for the function's argument of that name, as text; an attribute given as
        `name="{argument}"` is that argument's value. Before each call the request is required, so `Denied` and `Ask`
        come out of the call. An argument never adds a `/` that was not meant: text that fills a `{name}` behind a `/`
        may hold `/`, but a resource that is not canonical (`..`, an empty segment) is denied.

        >>> import remit
        >>> session = remit.open(user="mike@acme.example", task=remit.compile("read docs:/a when size <= 5MB; expires 2h"))
        >>> @session.guard("read", "docs:/{path}", size="{size}")
        ... def fetch(path, size=remit.Bytes(0)):
        ...     return f"the text of {path}"
        >>> fetch("a/protocol.pdf")
        'the text of a/protocol.pdf'
        >>> fetch("a/../b")
        Traceback (most recent call last):
            ...
        remit.errors.Denied: deny read docs:/a/../b: the resource is refused because it has a segment `.` or `..` (scope)
        """
        return guard(self, action, resource, attributes)

    def approve(
        self, ask: typing.Union[Decision, PendingAsk, str], approver: str, *, now: typing.Optional[datetime.datetime] = None
    ) -> None:
        """A person's yes to an ask of this session: less than 15 minutes later one check of exactly that request is granted.

        `ask` is a decision that asks, one of `pending()`, or an approval id. Raises `RemitError`: unknown_approval,
        already_approved, approval_used, approval_lapsed, approver_is_agent, session_over, audit_unavailable,
        store_unavailable, bad_argument.
        """
        self._approve(ask, approver, now)

    def revoke(self, by: str, why: str = "", *, now: typing.Optional[datetime.datetime] = None) -> None:
        """Ends this session and all beneath it, for every thread's next decision. Cannot fail."""
        self._revoke(by, why, now)

    def end(self, *, now: typing.Optional[datetime.datetime] = None) -> None:
        """The same, by its holder: requests are then denied `session_ended`."""
        self._end(now)

    def outcome(self, decision: Decision, ok: bool, detail: str = "", *, now: typing.Optional[datetime.datetime] = None) -> None:
        """What became of a decision of this session, in its caller's words: one more record of the audit trail.

        `detail` is for people, at most 4096 bytes, and never a secret. Where there is no trail nothing is done. Raises
        `RemitError`: bad_argument, audit_unavailable.
        """
        if decision.id is not None:
            self._outcome(decision, ok, detail, now)

    def delegate(
        self,
        agent: str,
        task: Program,
        *,
        guardrails: typing.Sequence[Program] = (),
        grants: typing.Sequence[Program] = (),
        purpose: str = "",
        facts: typing.Optional[typing.Mapping[str, Value]] = None,
        last_review: typing.Optional[datetime.datetime] = None,
        sponsor_revoked: bool = False,
        trigger: typing.Optional[Trigger] = None,
        now: typing.Optional[datetime.datetime] = None,
    ) -> Session:
        """A sub-session for another agent, with a scope of its own. It can do nothing that this session cannot.

        `agent` comes from the host, never from the agent that delegates; `facts` are `agent.NAME` only. Raises
        `RemitError`: session_over, not_yet_valid, no_delegation, too_deep, agent_not_allowed, user_not_allowed,
        wrong_kind, too_many_layers, audit_unavailable, store_unavailable, bad_argument.

        >>> import remit
        >>> task = remit.compile("read docs:/clinical; delegate to spiffe://acme.example/**; expires 2h")
        >>> with remit.open(user="mike@acme.example", task=task) as session:
        ...     child = session.delegate("spiffe://acme.example/agent/reader", remit.compile("read docs:/; expires 1h"))
        ...     child.check("read", "docs:/finance").reason
        'no_matching_rule'
        """
        made = self._delegate(
            task,
            agent=agent,
            guardrails=list(guardrails),
            grants=list(grants),
            purpose=purpose,
            facts=_plain(facts),
            last_review=last_review,
            sponsor_revoked=sponsor_revoked,
            trigger=trigger,
            now=now,
        )
        child = _adopt(made, now or self._last_given)
        child._opened = child.status(now=child._last_given).now
        # Weak: a sub-session lives as long as somebody works with it, however many there have been.
        self._children = [*(one for one in self._children if one() is not None), weakref.ref(child)]
        return child

    def could(self, action: str, pattern: str, *, now: typing.Optional[datetime.datetime] = None) -> str:
        """May this session do `action` to what a pattern names, or to what is beneath it? For listing tools.

        `'never'` and `'always'` are certain, `'maybe'` depends on the resource or its attributes. `now`: None is the
        largest time seen.

        >>> import remit
        >>> session = remit.open(user="mike@acme.example", task=remit.compile("read docs:/clinical; expires 2h"))
        >>> session.could("read", "docs:/clinical/**"), session.could("read", "docs:/**"), session.could("delete", "docs:/**")
        ('always', 'maybe', 'never')
        """
        return self._could(action, pattern, now)

    def check_many(
        self,
        actions: typing.Any,
        resources: typing.Any,
        attributes: typing.Optional[typing.Mapping[str, typing.Any]] = None,
        *,
        now: typing.Any = None,
        progress: bool = True,
    ) -> Decisions:
        """`check` for every row of some columns, in order, charging and remembering as it goes.

        A column is a list, a NumPy array, a pandas Series, or anything with Arrow's C data interface, whose texts are not
        copied; a single value holds for all rows. `attributes` maps names to columns: ints that are sizes go as
        `remit.Column(values, "size")`. `now` is one datetime, a column of times, or None for the clock at the call.
        A null action, resource or time denies with `malformed_request`, and leaves no record; a null attribute is one
        that the request does not have. On a terminal a bar shows progress once the work has lasted a second.

        Raises TypeError or ValueError for columns of other types or of different lengths. An exception on the way
        (Ctrl-C, a value of no Remit type) leaves charged what was decided before.

        >>> import remit
        >>> session = remit.open(user="mike@acme.example", task=remit.compile("read docs:/a at most 2 times; expires 2h"))
        >>> session.check_many("read", ["docs:/a/1", "docs:/b", "docs:/a/2", "docs:/a/3"]).reasons
        ['allowed_by_rule', 'no_matching_rule', 'allowed_by_rule', 'limit_exceeded']
        """
        return check_many(self, self.programs, actions, resources, attributes, now, True, progress)

    def would_many(
        self,
        actions: typing.Any,
        resources: typing.Any,
        attributes: typing.Optional[typing.Mapping[str, typing.Any]] = None,
        *,
        now: typing.Any = None,
        progress: bool = True,
    ) -> Decisions:
        """`would` for every row: as `check_many`, but nothing is charged or remembered."""
        return check_many(self, self.programs, actions, resources, attributes, now, False, progress)

    def status(self, *, now: typing.Optional[datetime.datetime] = None) -> Status:
        """Where the session stands: open or over, why, and when it ends."""
        return self._status(now)

    def pending(self, *, now: typing.Optional[datetime.datetime] = None) -> typing.List[PendingAsk]:
        """The tree's asks that can still be approved or used, oldest first."""
        return self._pending(now)

    def limits(self, *, now: typing.Optional[datetime.datetime] = None) -> typing.List[Limit]:
        """This session's limits and what remains of them, in the order of documents and text.

        >>> import remit
        >>> session = remit.open(user="mike@acme.example", task=remit.compile("read docs:/a at most 3 times; expires 2h"))
        >>> session.check("read", "docs:/a").allowed
        True
        >>> [limit.remaining for limit in session.limits()]
        [2]
        """
        return self._limits(now)

    def timeline(self, trail: typing.Optional[Trail] = None, *, width: float = 9.0) -> typing.Any:
        """A chart of the session: its life and its sub-sessions', how much of each limit is used, and what was decided.

        Decisions come from `trail`, an `audit.Reader` or records of one; a session itself remembers none. `width` is in
        inches. Returns a matplotlib figure; ImportError where matplotlib is not installed.
        """
        from .charts import timeline

        return timeline(self, trail, width=width)

    def save(self) -> SavedState:
        """The state of the whole tree as bytes, for `restore`. Raises `RemitError` where a store keeps it."""
        state, generation = self._save()
        return SavedState(state, generation)

    @classmethod
    def restore(
        cls,
        saved: typing.Union[SavedState, bytes],
        programs: typing.Sequence[Program],
        *,
        least_generation: int = 0,
        host: typing.Optional[Host] = None,
        principals: typing.Optional[PrincipalRegistry] = None,
        audit: typing.Optional[Sink] = None,
    ) -> typing.List[Session]:
        """All sessions of a saved tree, in the order in which they were opened. `programs` are those it was opened with.

        Raises `RemitError`: bad_state, unsupported_version, stale_state (older than `least_generation`), missing_program.
        Nothing is restored unless everything is.
        """
        state = saved.state if isinstance(saved, SavedState) else saved
        made = _remit.Session._restore(state, least_generation, list(programs), host, principals, audit)
        return [_adopt(one, None) for one in made]

    @classmethod
    def resume(
        cls,
        tree: str,
        programs: typing.Sequence[Program],
        store: SqliteStore,
        *,
        host: typing.Optional[Host] = None,
        principals: typing.Optional[PrincipalRegistry] = None,
        audit: typing.Optional[Sink] = None,
        refresh: typing.Optional[datetime.timedelta] = None,
    ) -> typing.List[Session]:
        """The tree that `store` keeps under an id (`Session.tree`), for this process too.

        Raises `RemitError`: unknown_session, store_unavailable, and as `restore`.
        """
        made = _remit.Session._resume(tree, list(programs), host, principals, audit, store, refresh)
        return [_adopt(one, None) for one in made]

    @property
    def programs(self) -> typing.List[Program]:
        """The documents it is decided by: its own first, then its parent's, and so on."""
        return [Program(one) for one in self._programs]

    def __repr__(self) -> str:
        facts = self.facts
        who = facts["agent"] or "an unnamed agent"
        whom = f" for {facts['user']}" if facts["user"] else ""
        return f"<Session {self.id} of {who}{whom}>"


def _plain(facts: typing.Optional[typing.Mapping[str, Value]]) -> typing.Dict[str, Value]:
    return dict(facts) if facts is not None else {}


def _adopt(made: _remit.Session, simulated: typing.Optional[datetime.datetime]) -> Session:
    session = Session(made)
    session._last_given = simulated
    return session


def open(
    *,
    task: Program,
    agent: str = "",
    user: str = "",
    guardrails: typing.Sequence[Program] = (),
    grants: typing.Union[Program, typing.Sequence[Program]] = (),
    purpose: str = "",
    facts: typing.Optional[typing.Mapping[str, Value]] = None,
    identity: typing.Optional[Identity] = None,
    last_review: typing.Optional[datetime.datetime] = None,
    sponsor_revoked: bool = False,
    trigger: typing.Optional[Trigger] = None,
    host: typing.Optional[Host] = None,
    principals: typing.Optional[PrincipalRegistry] = None,
    audit: typing.Optional[Sink] = None,
    store: typing.Optional[SqliteStore] = None,
    refresh: typing.Optional[datetime.timedelta] = None,
    now: typing.Optional[datetime.datetime] = None,
) -> Session:
    """Opens a session: `agent` (a URI) works for `user`, within a task scope, guardrails and grants. All have to agree.

    - `purpose`: used where the task scope states none. `facts`: `user.NAME` and `agent.NAME` to a value.
    - `identity`: an `Identity`, from verified tokens, in place of `agent` and `user`.
    - `last_review`, `sponsor_revoked`, `trigger`: of a standing authorization. A trigger is `("schedule", "0 0 * * *")` or
      `("event", name)`.
    - `host`: the host's own access check, asked last, for what would otherwise be granted. Only True is a yes; an exception
      is a no.
    - `principals`: a registry whose revocations end the session. `audit`: where every event is written: a sink, or a
      function that gets an `AuditEvent` and returns its number (0: not written, and then nothing is granted).
    - `store`: where state outlives the process; what it last said is believed for `refresh` (half a second where None).
    - `now`: a datetime with a time zone; None is the clock.

    Callbacks are called from any thread, without a lock; they must not use the session. They live as long as its tree, so
    one that holds the session keeps both for good.

    Raises `RemitError`: agent_not_allowed, user_not_allowed, no_accountable_person, review_overdue, sponsor_revoked,
    principal_revoked, wrong_trigger, impersonation, unaccountable, identity_expired, audit_unavailable,
    store_unavailable, wrong_kind, too_many_layers, bad_argument.

    >>> import remit
    >>> task = remit.compile("read docs:/; expires 2h")
    >>> grants = remit.compile("grants mikes_access; read docs:/clinical")
    >>> session = remit.open(agent="spiffe://acme.example/agent/a", user="mike@acme.example", task=task, grants=grants)
    >>> session.check("read", "docs:/clinical/A").effect, session.check("read", "docs:/finance").effect
    ('allow', 'deny')
    """
    made = Session(
        task,
        list(guardrails) if not isinstance(guardrails, Program) else [guardrails],
        list(grants) if not isinstance(grants, Program) else [grants],
        agent=agent,
        user=user,
        purpose=purpose,
        facts=_plain(facts),
        last_review=last_review,
        sponsor_revoked=sponsor_revoked,
        trigger=trigger,
        identity=identity,
        host=host,
        principals=principals,
        audit=audit,
        store=store,
        refresh=refresh,
        now=now,
    )
    made._last_given = now
    made._opened = made.status(now=now).now
    return made
