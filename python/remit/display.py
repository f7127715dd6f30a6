"""How programs, decisions, differences and trails look in a notebook. Sessions are in display_session.py.

`attach` gives the classes their `_repr_html_`: one way for those of Python and those of the extension module.
"""

from __future__ import annotations

import itertools
import typing

from . import _remit
from .audit import Reader
from .bulk import Decisions
from .difference import Diff, Verdict, Witness
from .errors import CompileError, NotAllowed
from .markup import MUTED, Child, Markup, bar, card, chip, code, join, muted, source, table, tag
from .outline import Cap, Entry, Outline, outline
from .program import Program
from .records import Record, Replay, Verification
from .texts import duration_text, size_text, time_text, value_text
from .types import Diagnostic, DocumentTests, Rule

if typing.TYPE_CHECKING:
    import datetime

_MANY_ACTIONS = 5
_MANY_PATTERNS = 8
_RECORDS = 25


def program_view(program: Program) -> Markup:
    """Rules with what they cover, and the statements about its life."""
    found = outline(program)
    rules = program.rules
    rows: typing.List[typing.Sequence[Child]] = []
    for at, rule in enumerate(rules):
        limits = [number for number in found.caps if (rules[number].file, rules[number].line, rules[number].column) == (rule.file, rule.line, rule.column)]
        if rule.kind == "limit" and len(limits) == 1 and any(one.kind != "limit" and str(one) == str(rule) for one in rules):
            continue  # of an `at most`: it stands beside its rule
        caps = [tag("div", chip("limit"), " ", cap_text(found.caps[number]), style="margin-top:3px;white-space:nowrap") for number in limits if rule.kind != "limit"]
        own = cap_text(found.caps[at]) if rule.kind == "limit" and at in found.caps else None
        rows.append([
            join(chip(rule.kind), *caps), join(*_covers(found, at), tag("div", "to ", own) if own else None),
            join(code(rule.source), tag("div", f"{rule.file}:{rule.line}", style=MUTED)), rule.because or "",
        ])  # fmt: skip
    head = join(*(tag("div", code(line)) for line in found.head))
    warnings = [diagnostic_view(one) for one in program.diagnostics]
    title = [chip(program.kind, "plain"), program.name or "without a name", muted(f"{len(rules)} rule{'' if len(rules) == 1 else 's'}")]
    return card(title, head, table(["", "covers", "as written", "because"], rows), *warnings, muted(join("digest ", code(program.digest[:16] + "…"))))


def _covers(found: Outline, rule: int) -> typing.List[Markup]:
    """What a rule names: actions and resources, one line for each set of actions; then what it leaves out."""
    entries = found.of(rule)
    grouped: typing.Dict[object, typing.List[Entry]] = {}
    spoken = {entry.pattern.system for entry in entries}
    if len(spoken) > 1 and not any(entry.pattern.text for entry in entries) and spoken >= _having(found, entries[0].actions[0]):
        names = list(dict.fromkeys(action for entry in entries for action in entry.actions))
        whole = all(list(entry.actions) == found.systems[entry.pattern.system] for entry in entries)
        return [tag("div", code("any" if whole else _actions(names)), " ", code("anything"))]
    for entry in entries:
        whole = list(entry.actions) == found.systems.get(entry.pattern.system)
        grouped.setdefault("any" if whole else _actions(entry.actions), []).append(entry)
    lines: typing.List[Markup] = [tag("div", code(str(actions)), muted(" on "), *_listed([str(entry.pattern) for entry in some])) for actions, some in grouped.items()]
    left_out = found.excepts.get(rule)
    if left_out:
        lines.append(tag("div", muted("not "), *_listed([str(pattern) for pattern in left_out])))
    for name, operand in found.operands.get(rule, ()):
        shown = [size_text(int(one)) if name == "size" and one.lstrip("-").isdigit() else one for one in operand.constants]
        lines.append(tag("div", muted(f"looks at {name}" + (f" ({', '.join(shown[:4])})" if shown else ""))))
    return lines


def _having(found: Outline, action: str) -> typing.Set[str]:
    return {system for system, actions in found.systems.items() if action in actions}


def _actions(names: typing.Sequence[str]) -> str:
    more = len(names) - _MANY_ACTIONS
    return ", ".join(names[:_MANY_ACTIONS]) + (f" and {more} more" if more > 0 else "")


def _listed(patterns: typing.Sequence[str]) -> typing.List[Child]:
    shown = [code(pattern) for pattern in patterns[:_MANY_PATTERNS]]
    parts: typing.List[Child] = []
    for one in shown:
        parts += [", ", one] if parts else [one]
    return parts + ([muted(f" and {len(patterns) - len(shown)} more")] if len(patterns) > len(shown) else [])


def cap_text(cap: Cap) -> str:
    """An amount of a limit: `3 times`, `5MB of size per 1h`."""
    amount = f"{cap.most} times" if cap.attribute is None else f"{size_text(cap.most) if cap.attribute == 'size' else cap.most} of {cap.attribute}"
    return amount + (f" per {duration_text(_micros(cap.per))}" if cap.per else "")


def _micros(count: int) -> datetime.timedelta:
    import datetime

    return datetime.timedelta(microseconds=count)


def rule_view(rule: typing.Optional[Rule]) -> Markup:
    """Where a rule stands: its line, highlighted, and its reason."""
    if rule is None:
        return join()
    because = tag("div", "because ", tag("i", rule.because)) if rule.because else None
    return join(tag("div", f"{rule.file}:{rule.line}:{rule.column}", style=f"{MUTED};margin-top:6px"), source(rule.line, rule.source or "(an image without source)"), because)


def decision_view(decision: _remit.Decision) -> Markup:
    """The answer, why, and the line that decided."""
    attributes = [tag("div", code(f"{name} = {value_text(value)}")) for name, value in decision.attributes.items()]
    asks = tag("div", "a person has to approve it: ", code(decision.approval)) if decision.asks and decision.approval else None
    title = [chip(decision.effect), code(f"{decision.action} {decision.resource}")]
    return card(title, *attributes, tag("div", decision.explain(), style="margin-top:4px"), asks, rule_view(decision.rule), muted(f"{decision.reason}, {time_text(decision.now)}"))


def diagnostic_view(found: Diagnostic) -> Markup:
    """One finding: its line with the place underlined, and what to write instead."""
    start = found.column - found.excerpt_column
    end = found.end_column - found.excerpt_column if found.end_line == found.line else len(found.excerpt)
    title = tag("div", chip(found.severity, "deny" if found.severity == "error" else "ask"), " ", found.message, " ", muted(code(found.code)))
    help = tag("div", tag("b", "instead: "), found.help) if found.help else None
    place = tag("div", f"{found.file}:{found.line}:{found.column}", style=MUTED)
    return tag("div", title, place, source(found.line, found.excerpt, start, end) if found.excerpt else None, help, style="margin:8px 0")


def error_view(error: CompileError) -> Markup:
    """All that is wrong with a document."""
    errors = sum(found.severity == "error" for found in error.diagnostics)
    return card([chip("does not compile", "deny"), f"{errors} error{'' if errors == 1 else 's'}"], *map(diagnostic_view, error.diagnostics))


def tests_view(tests: DocumentTests) -> Markup:
    """What came of a document's tests, with the line of each expectation that failed."""
    parts: typing.List[Child] = []
    for outcome in tests.outcomes:
        parts.append(tag("div", chip("passed", "allow") if outcome.passed else chip("failed", "deny"), " ", outcome.name, style="margin:3px 0"))
        if outcome.failure:
            parts.append(diagnostic_view(outcome.failure))
    return card([code(tests.file), muted(f"{len(tests.outcomes)} tests")], *parts, *map(diagnostic_view, tests.untested))


def _verdict(verdict: Verdict) -> Markup:
    return join(chip(verdict.effect), tag("div", verdict.reason, f" at {verdict.rule.file}:{verdict.rule.line}" if verdict.rule else "", style=MUTED))


def diff_view(found: Diff) -> Markup:
    """What is gained and what is lost, each shown by a request."""

    def rows(witnesses: typing.Sequence[Witness]) -> typing.Iterator[typing.Sequence[Child]]:
        for one in witnesses:
            conditions = tag("div", one.conditions, style=MUTED) if one.conditions else None
            yield [join(code(f"{one.action} {one.resource}"), conditions), _verdict(one.old), _verdict(one.new)]

    parts: typing.List[Child] = []
    for name, kind, witnesses in (("permits more", "allow", found.gained), ("permits less", "deny", found.lost)):
        if witnesses:
            parts += [tag("div", chip(name, kind), style="margin-top:8px"), table(["for example", "before", "after"], rows(witnesses))]
    head = [tag("div", code(line)) for line in found.head]
    told = f"{found.differing} of {found.tried} requests at the edges of both came out differently."
    proof = " Edges were tried, not every request: an empty difference would be no proof."
    return card(["What changes", muted(f"{len(found.gained)} gained, {len(found.lost)} lost")], *parts, *head, tag("div", told + proof, style=f"{MUTED};margin-top:6px"))


def decisions_view(decisions: Decisions) -> Markup:
    """How many rows came out how."""
    total = max(1, len(decisions))
    rows = [[chip(effect), code(reason), f"{count:,}", bar(count / total, effect)] for (effect, reason), count in decisions.counts().items()]
    return card([f"{len(decisions):,} decisions"], table(["effect", "reason", "rows", ""], rows))


def _record_row(record: Record) -> typing.Sequence[Child]:
    effect = record.fields.get("effect")
    kind = chip(effect) if isinstance(effect, str) else chip(record.kind, "plain")
    return [muted(str(record.seq)), kind, record.sentence]


def record_view(record: Record) -> Markup:
    """One record as a sentence, and its parts."""
    rows = [[muted(name), code(value_text(value) if not isinstance(value, dict) else str(value))] for name, value in record.fields.items()]
    return card([muted(f"record {record.seq}"), record.sentence], table([], rows))


def reader_view(reader: Reader) -> Markup:
    """The latest records of a trail, oldest first."""
    latest = list(itertools.islice(reader.records(newest_first=True), _RECORDS))[::-1]
    count = len(reader.checkpoints)
    signed = f"{count} checkpoint{'' if count == 1 else 's'} of {reader.origin}" if reader.verifier_key else "not signed"
    title = ["Audit trail", muted(f"{len(reader):,} records, {signed}")]
    earlier = muted(f"the last {len(latest)} of them") if len(latest) < len(reader) else None
    return card(title, earlier, table(["", "", "what happened"], map(_record_row, latest)))


def verification_view(found: Verification) -> Markup:
    """Whether a trail is what it was, and what is wrong with it."""
    verdict = chip("verified", "allow") if found.verified else chip("not verified", "deny")
    rows = [[code(one.code), "" if one.seq is None else f"record {one.seq}", one.text] for one in found.findings]
    signer = "signed under a key that you gave or the log names" if found.key else "nobody signed it: it only agrees with itself"
    told = f"{found.records:,} records, {found.checkpointed:,} of them under {found.checkpoints} checkpoint{'' if found.checkpoints == 1 else 's'}; {signer}"
    more = muted(f"and {found.further} more") if found.further else None
    return card([verdict, found.origin], tag("div", told), table(["what", "where", ""], rows) if rows else None, more, muted(join("root ", code(found.root[:32] + "…"))))


def replay_view(found: Replay) -> Markup:
    """What deciding a trail again found."""
    verdict = chip("decided again the same", "allow") if found else chip("not the same", "deny")
    rows = [[f"record {one.seq}", one.verdict, join(chip(one.effect), " ", one.reason or "") if one.effect else "", one.why] for one in found.differences]
    told = f"{found.same:,} the same, {found.differ:,} differ, {found.undecidable:,} cannot be decided"
    return card([verdict], tag("div", told), table(["", "", "now", "why"], rows) if rows else None)


def attach() -> None:
    """Gives every class that has a view its `_repr_html_`."""
    from .display_session import pending_view, session_view
    from .session import Session
    from .types import PendingAsk

    views: typing.Dict[type, typing.Callable[[typing.Any], str]] = {
        Program: program_view, _remit.Decision: decision_view, Diagnostic: diagnostic_view, CompileError: error_view, DocumentTests: tests_view,
        Diff: diff_view, Decisions: decisions_view, Record: record_view, Reader: reader_view, Verification: verification_view, Replay: replay_view,
        Rule: rule_view, Session: session_view, PendingAsk: pending_view, NotAllowed: lambda error: decision_view(error.decision),
    }  # fmt: skip
    for kind, view in views.items():
        # A plain str: notebooks write it into JSON, some of them by the exact type.
        setattr(kind, "_repr_html_", lambda self, view=view: str(view(self)))
