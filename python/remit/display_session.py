"""How a session looks in a notebook: what remains of it, in time and in amounts, and what has been delegated from it."""

from __future__ import annotations

import datetime
import typing

from .markup import MUTED, Child, Markup, bar, card, chip, code, join, muted, table, tag
from .texts import duration_text, time_text, value_text
from .types import Limit, PendingAsk, Status

if typing.TYPE_CHECKING:
    from .session import Session

_DEPTH = 16  # of the tree; the language allows no deeper delegation than documents say


def session_view(session: Session) -> Markup:
    """Who works for whom, what is left, what waits for a person, and the sub-sessions."""
    now = session._moment()
    status = session.status(now=now)
    parts: typing.List[Child] = [_people(session), _life(session, status), *_limits(session.limits(now=now)), *_asks(session.pending(now=now))]
    if session.children:
        parts += [tag("div", "delegated", style=f"{MUTED};margin-top:6px"), _branch(session, now, 0)]
    documents = ", ".join(f"{program.kind} {program.name or 'without a name'}" for program in session.programs)
    return card([_state(status), "Session", muted(code(session.id))], *parts, tag("div", f"decided by {documents}", style=f"{MUTED};margin-top:4px"))


def _state(status: Status) -> Markup:
    return chip("open", "allow") if status.open else chip(status.reason, "deny")


def _people(session: Session) -> Markup:
    facts = session.facts
    who = facts.get("agent") or "an agent without a name"
    whom = [f" for {facts['user']}"] if facts.get("user") else [f", answered for by {facts['sponsor']}"] if facts.get("sponsor") else []
    purpose = tag("div", tag("i", str(facts["purpose"]))) if facts.get("purpose") else None
    return join(tag("div", code(str(who)), *whom), purpose)


def _life(session: Session, status: Status) -> Markup:
    """The time that has passed of the time that it has."""
    if not status.open:
        by = f" by {status.by}" if status.by else ""
        return tag("div", f"over{by}{': ' + status.why if status.why else ''}")
    if status.ends is None:
        return tag("div", "without an end of its own")
    left = max(datetime.timedelta(0), status.ends - status.now)
    whole = status.ends - session.opened if session.opened else None
    shown = join(bar(1 - left / whole, "plain"), " ") if whole else None
    return tag("div", shown, f"{duration_text(left) if left else 'nothing'} left, ends {time_text(status.ends)}")


def _limits(limits: typing.Sequence[Limit]) -> typing.List[Child]:
    if not limits:
        return []
    rows: typing.List[typing.Sequence[Child]] = []
    for limit in limits:
        part = _ratio(limit.used, limit.most)
        window = f" per {duration_text(limit.per)}" if limit.per else ""
        of = f" of {limit.attribute}" if limit.attribute else " times"
        rule = limit.rule
        where = join(code(rule.source), tag("div", f"{rule.file}:{rule.line}", style=MUTED)) if rule else ""
        remains = f"{value_text(limit.remaining)} of {value_text(limit.most)}{of}{window}"
        rows.append([bar(part, "deny" if part >= 1 else "ask" if part >= 0.8 else "limit"), remains, where])
    return [table(["used", "remains", "limit"], rows)]


def _ratio(used: typing.Any, most: typing.Any) -> float:
    return float(used / most) if most else 1.0


def pending_view(ask: PendingAsk) -> Markup:
    """An ask, and the rules that want a person's yes."""
    state = chip("approved", "allow") if ask.approved else chip("waits", "ask")
    reasons = [tag("div", rule.because or rule.source, style=MUTED) for rule in ask.rules]
    by = f" by {ask.approver}" if ask.approver else ""
    return tag("div", state, " ", code(f"{ask.action} {ask.resource}"), muted(f" asked {time_text(ask.asked_at)}{by}, approval id "), muted(code(ask.id)), *reasons)


def _asks(asks: typing.Sequence[PendingAsk]) -> typing.List[Child]:
    return [pending_view(ask) for ask in asks]


def _branch(session: Session, now: typing.Optional[datetime.datetime], depth: int) -> Markup:
    """The sub-sessions, and theirs beneath them."""
    items = []
    for child in session.children:
        status = child.status(now=now)
        left = f", {duration_text(max(datetime.timedelta(0), status.ends - status.now)) or '0s'} left" if status.open and status.ends else ""
        task = child.programs[0].name or "a task without a name"
        below = _branch(child, now, depth + 1) if depth < _DEPTH and child.children else None
        items.append(tag("li", _state(status), " ", code(str(child.facts.get("agent") or "an agent")), muted(f" {task}{left}"), below, style="margin:3px 0"))
    return tag("ul", *items, style="margin:2px 0 2px 18px;padding:0")
