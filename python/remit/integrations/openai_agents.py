"""Function tools of the OpenAI Agents SDK, called only where a session allows it.

    from remit.integrations import Call, openai_agents

    agent = Agent(name="helper", tools=openai_agents.guard([read_file, send_mail], session, {
        "read_file": Call("read", "docs:/{path}"),
        "send_mail": Call("send", "mail:{to}"),
    }, approver="mike@acme.example"))

What is denied comes back as the tool's output, with a reason for the model. What asks interrupts the run, as the SDK has it:
`state.approve(interruption)` is the person's yes, and the resumed run makes the call; `state.reject` is the no.
"""

from __future__ import annotations

import copy
import json
import typing

try:
    from agents import FunctionTool
except ImportError as _error:
    raise ImportError("remit.integrations.openai_agents needs the OpenAI Agents SDK: pip install 'remit[openai-agents]'") from _error

from .calls import Call, Gate, Refused, known, permitted

if typing.TYPE_CHECKING:
    from .._remit import Decision
    from ..session import Session

Approver = typing.Union[str, typing.Callable[[typing.Any], str]]


def guard(
    tools: typing.Sequence[FunctionTool], session: Session, calls: typing.Mapping[str, Call], *, approver: typing.Optional[Approver] = None
) -> typing.List[FunctionTool]:
    """Copies of the tools, each behind the session; disabled while no call of it could be allowed.

    `calls` says for every tool what a call asks for; ValueError for one that it does not name. `approver` names the person
    who approves interrupted runs, or finds the name in the call's context; without it nothing is interrupted, and the
    model is told to make the same call again once `session.approve` has been called.
    """
    known([tool.name for tool in tools], calls)
    gate = Gate(session, calls)
    return [_guarded(tool, gate, approver) for tool in tools]


def _guarded(tool: FunctionTool, gate: Gate, approver: typing.Optional[Approver]) -> FunctionTool:
    made = copy.copy(tool)

    async def needs_approval(context: typing.Any, arguments: typing.Dict[str, typing.Any], call_id: str) -> bool:
        own = tool.needs_approval
        if own is True or (callable(own) and await own(context, arguments, call_id)):
            return True
        try:
            # Only to know whether to interrupt: nothing is charged, and the call itself is decided when it is made.
            return approver is not None and gate.session.would(*gate.calls[tool.name].request(arguments)).asks
        except Refused:
            return False

    async def invoke(context: typing.Any, text: str) -> typing.Any:
        try:
            arguments = json.loads(text) if text else {}
            if not isinstance(arguments, dict):
                raise Refused("Not permitted: the arguments have to be a JSON object.")
            decision = _decide(gate, tool.name, arguments, context, approver)
        except Refused as refused:
            return str(refused)
        except ValueError:
            return "Not permitted: the arguments are no JSON."
        try:
            result = await tool.on_invoke_tool(context, text)
        except BaseException:
            gate.done(decision, False)
            raise
        gate.done(decision, True)
        return result

    async def enabled(context: typing.Any, agent: typing.Any) -> bool:
        own = tool.is_enabled
        allowed = own(context, agent) if callable(own) else own
        return gate.may_be_called(tool.name) and bool(await allowed if hasattr(allowed, "__await__") else allowed)

    made.on_invoke_tool, made.needs_approval, made.is_enabled = invoke, needs_approval, enabled
    return made


def _decide(gate: Gate, name: str, arguments: typing.Dict[str, typing.Any], context: typing.Any, approver: typing.Optional[Approver]) -> Decision:
    decision = gate.ask(name, arguments)
    # The SDK resumes a call only after a person's yes to that very call; it is handed on to the session here.
    if decision.asks and approver is not None and context.is_tool_approved(name, context.tool_call_id) is True:
        gate.session.approve(decision, approver if isinstance(approver, str) else approver(context))
        decision = gate.ask(name, arguments)
    return permitted(decision)
