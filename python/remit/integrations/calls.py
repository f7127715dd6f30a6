"""What calls of tools ask for, and the one way in which every framework's guard decides them."""

from __future__ import annotations

import inspect
import re
import typing

from ..edges import Request

if typing.TYPE_CHECKING:
    from .._remit import Decision
    from ..session import Session
    from ..values import Value

Arguments = typing.Mapping[str, typing.Any]
Attribute = typing.Union[str, "Value", typing.Callable[[Arguments], typing.Any]]
OnAsk = typing.Callable[["Decision"], typing.Union[typing.Optional[str], typing.Awaitable[typing.Optional[str]]]]
"""Asks a person: the approver's name, or None for a no. A coroutine, or a plain function where the framework has those."""

_PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Call:
    """What a call of a tool asks for: an action on a resource, with attributes.

    `{name}` in the resource stands for the call's argument of that name. An attribute is a value, `"{name}"` for that
    argument's value, or a function of all arguments: for what has a type that JSON does not, such as a size. All of them
    are the host's testimony; believe no argument that a model could make up.

    >>> import remit
    >>> call = Call("write", "ws:/proj/{path}", size=lambda arguments: remit.Bytes(len(arguments["text"].encode())))
    >>> call.request({"path": "a.md", "text": "hello"})
    Request(action='write', resource='ws:/proj/a.md', attributes={'size': Bytes(5)})
    """

    def __init__(self, action: str, resource: str, **attributes: Attribute) -> None:
        if "{" in _PLACE.sub("", resource) or "}" in _PLACE.sub("", resource):
            raise ValueError(f"{resource!r}: a brace stands alone; an argument is written {{name}}, and no other use of braces is known")
        self.action = action
        self.resource = resource
        self.attributes = attributes

    def request(self, arguments: Arguments) -> Request:
        """The request of one call. Raises `Refused` where an argument that it speaks of is missing, or is no text or number."""

        def filled(place: typing.Match[str]) -> str:
            value = _argument(arguments, place[1])
            if isinstance(value, bool) or not isinstance(value, (str, int)):
                raise Refused(f"Not permitted: the argument `{place[1]}` has to be a text.")
            return str(value)

        attributes: typing.Dict[str, typing.Any] = {}
        for name, given in self.attributes.items():
            place = _PLACE.fullmatch(given) if isinstance(given, str) else None
            attributes[name] = _argument(arguments, place[1]) if place else _computed(name, given, arguments) if callable(given) else given
        return Request(self.action, _PLACE.sub(filled, self.resource), attributes)

    @property
    def reach(self) -> str:
        """A pattern over everything that calls can ask for: the resource up to the folder of its first argument."""
        place = _PLACE.search(self.resource)
        if place is None:
            return self.resource
        system, _, path = self.resource[: place.start()].partition(":")
        return f"{system}:{path[: path.rfind('/') + 1]}"

    def __repr__(self) -> str:
        return f"Call({self.action!r}, {self.resource!r})"


class Refused(Exception):
    """A call that is not made. Its text is for the model; `decision` is None where the call could not even be asked for."""

    def __init__(self, text: str, decision: typing.Optional[Decision] = None) -> None:
        super().__init__(text)
        self.decision = decision


class Gate:
    """Decides calls of tools by a session. Frameworks' guards differ only in how they say what came of it."""

    def __init__(self, session: Session, calls: typing.Mapping[str, Call], on_ask: typing.Optional[OnAsk] = None) -> None:
        self.session = session
        self.calls = dict(calls)
        self.on_ask = on_ask

    def may_be_called(self, name: str) -> bool:
        """Is there any call of this tool that would not be denied? No tool is listed that never may be called."""
        call = self.calls.get(name)
        return call is not None and self.session.could(call.action, call.reach) != "never"

    def ask(self, name: str, arguments: Arguments) -> Decision:
        """The decision on one call, charged if it is allowed. Raises `Refused` where the call has no request."""
        call = self.calls.get(name)
        if call is None:
            raise Refused(f"Not permitted: nothing is said about the tool `{name}`, so nobody may call it.")
        request = call.request(arguments)
        try:
            return self.session.check(*request)
        except (TypeError, ValueError, OverflowError) as error:
            # An attribute of no type of the language's, which only an argument can have brought in.
            raise Refused(f"Not permitted: an argument cannot be judged: {error}") from error

    def decide(self, name: str, arguments: Arguments) -> Decision:
        """The decision that lets a call through; with a person's yes in between, where it asks. Raises `Refused`."""
        decision = self.ask(name, arguments)
        if decision.asks and self.on_ask is not None:
            approver = self.on_ask(decision)
            if inspect.isawaitable(approver):
                if inspect.iscoroutine(approver):
                    approver.close()
                raise TypeError("on_ask is a coroutine, and this call is not made from one: use the framework's asynchronous calls")
            decision = self._resume(decision, name, arguments, approver)
        return permitted(decision)

    async def adecide(self, name: str, arguments: Arguments) -> Decision:
        """The same, where a person may be waited for."""
        decision = self.ask(name, arguments)
        if decision.asks and self.on_ask is not None:
            approver = self.on_ask(decision)
            decision = self._resume(decision, name, arguments, await approver if inspect.isawaitable(approver) else approver)
        return permitted(decision)

    def _resume(self, asked: Decision, name: str, arguments: Arguments, approver: typing.Optional[str]) -> Decision:
        if approver is None:
            raise Refused(f"Not permitted: a person was asked and said no to {asked.action} {asked.resource}. Do not ask again.", asked)
        self.session.approve(asked, approver)
        return self.ask(name, arguments)

    def done(self, decision: Decision, ok: bool) -> None:
        """Joins what came of a call to its decision, in the trail."""
        self.session.outcome(decision, ok, "" if ok else "the tool failed")


def permitted(decision: Decision) -> Decision:
    """The decision, if it allows. Raises `Refused`, with a text that the model can act on."""
    if decision.asks:
        raise Refused(
            f"Waits for a person: {decision.explain()}. Approval {decision.approval} is pending. "
            "Once it is given, make the very same call again; until then do something else.", decision,
        )  # fmt: skip
    if not decision.allowed:
        raise Refused(f"Not permitted: {decision.explain()}. The same call will be refused again: choose another way, or say what you could not do.", decision)
    return decision


def _argument(arguments: Arguments, name: str) -> typing.Any:
    if name not in arguments:
        raise Refused(f"Not permitted: the argument `{name}` is missing, and what is permitted depends on it.")
    return arguments[name]


def _computed(name: str, function: typing.Callable[[Arguments], typing.Any], arguments: Arguments) -> typing.Any:
    """An attribute worked out from arguments; whatever goes wrong there, the call is not made."""
    try:
        return function(arguments)
    except Exception as error:
        raise Refused(f"Not permitted: the arguments do not say what `{name}` is, and what is permitted depends on it.") from error


def known(names: typing.Iterable[str], calls: typing.Mapping[str, Call]) -> None:
    """Raises ValueError for tools about which nothing is said: a host that forgets one should hear of it at once."""
    unknown = [name for name in names if name not in calls]
    if unknown:
        raise ValueError(f"no Call for the tool{'s' if len(unknown) > 1 else ''} {', '.join(unknown)}: say what a call of each asks for")
