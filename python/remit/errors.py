"""Exceptions. All of them are a `RemitError`, whose `code` is stable and whose text is for people."""

from __future__ import annotations

import typing

if typing.TYPE_CHECKING:
    from . import Decision
    from .types import Diagnostic


class RemitError(Exception):
    """What the engine refuses, other than a request: opening, delegating, approving, loading.

    >>> import remit
    >>> remit.open(task=remit.compile("read docs:/a; expires 2h"))
    Traceback (most recent call last):
        ...
    remit.errors.RemitError: no_accountable_person: neither a user nor a sponsor answers for this session: ...
    """

    code: str
    """A stable name, such as `session_over`."""
    text: str
    """A sentence for people."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"


class CompileError(RemitError):
    """A document that does not compile. Its text is what the command prints, with every line and caret.

    >>> import remit
    >>> try:
    ...     remit.compile("raed docs:/a; expires 2h", file="typo.scope")
    ... except remit.CompileError as error:
    ...     first = error.diagnostics[0]
    >>> first.code, first.line, first.column
    ('unknown-action', 1, 1)
    >>> first.message
    'system `docs` has no action `raed`; did you mean `read`?'
    """

    diagnostics: typing.List[Diagnostic]
    """Errors and warnings, in the order of the text; at least one error."""

    def __init__(self, diagnostics: typing.List[Diagnostic], rendered: str) -> None:
        super().__init__("compile_error", rendered)
        self.diagnostics = diagnostics

    def __reduce__(self) -> typing.Tuple[typing.Any, ...]:
        return type(self), (self.diagnostics, self.text)

    def __str__(self) -> str:
        return self.text.rstrip("\n")


class NotAllowed(RemitError):
    """The answer to `require` or a guard was not allow: a `Denied` or an `Ask`."""

    decision: Decision
    """The decision, with its reason and rule."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision.reason, decision.explain())
        self.decision = decision

    def __str__(self) -> str:
        return self.text


class Denied(NotAllowed):
    """The answer was deny. Its text says why, for a person or for the model that asked."""


class Ask(NotAllowed):
    """The answer was ask: a person has to approve this very request first.

    >>> import remit
    >>> session = remit.open(user="mike@acme.example", task=remit.compile("ask send mail:*@acme.example; expires 2h"))
    >>> try:
    ...     session.require("send", "mail:bob@acme.example")
    ... except remit.Ask as ask:
    ...     session.approve(ask.decision, "mike@acme.example")  # once Mike has said yes
    >>> session.require("send", "mail:bob@acme.example").reason
    'granted_by_approval'
    """
