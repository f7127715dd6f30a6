"""Remit: may this agent, for this person, for this task, do this now?

>>> import remit
>>> task = remit.compile("read docs:/clinical/A; write ws:/proj/B; expires 2h")
>>> with remit.open(agent="spiffe://acme.example/agent/summarizer", user="mike@acme.example", task=task) as session:
...     bool(session.check("read", "docs:/clinical/A/protocol.pdf"))
...     session.check("delete", "docs:/clinical/A/protocol.pdf").reason
True
'no_matching_rule'
"""

from . import audit, display, identity
from ._remit import (
    EFFECTS,
    REASONS,
    AuditSink,
    Decision,
    Identity,
    MemoryPrincipals,
    PrincipalRegistry,
    Reservation,
    SqliteStore,
)
from .bulk import Decisions
from .columns import Column
from .difference import Diff, Verdict, Witness, diff
from .edges import Request
from .errors import Ask, CompileError, Denied, NotAllowed, RemitError
from .program import Program, compile, diagnose, run_tests
from .session import Session, open
from .types import (
    AuditEvent,
    Diagnostic,
    DocumentTests,
    HostQuestion,
    Limit,
    MemoryUse,
    PendingAsk,
    Rule,
    SavedState,
    Status,
    TestOutcome,
)
from .values import Bytes, Resource, Value

__version__ = "0.1.0"

display.attach()

__all__ = [
    "EFFECTS",
    "REASONS",
    "Ask",
    "AuditEvent",
    "AuditSink",
    "Bytes",
    "Column",
    "CompileError",
    "Decision",
    "Decisions",
    "Denied",
    "Diagnostic",
    "Diff",
    "DocumentTests",
    "HostQuestion",
    "Identity",
    "Limit",
    "MemoryPrincipals",
    "MemoryUse",
    "NotAllowed",
    "PendingAsk",
    "PrincipalRegistry",
    "Program",
    "RemitError",
    "Request",
    "Reservation",
    "Resource",
    "Rule",
    "SavedState",
    "Session",
    "SqliteStore",
    "Status",
    "TestOutcome",
    "Value",
    "Verdict",
    "Witness",
    "audit",
    "compile",
    "diagnose",
    "diff",
    "identity",
    "open",
    "run_tests",
]
