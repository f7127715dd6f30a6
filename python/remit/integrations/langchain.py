"""LangChain's tools, called only where a session allows it.

    from remit.integrations import Call, langchain

    tools = langchain.guard([read_file, send_mail], session, {
        "read_file": Call("read", "docs:/{path}"),
        "send_mail": Call("send", "mail:{to}"),
    })

What is denied comes back as the tool's error, with a reason for the model (a `ToolMessage` of status `error` in a graph).
"""

from __future__ import annotations

import typing

try:
    # At run time, too: LangChain finds what a tool wants to be given by resolving its annotations.
    from langchain_core.callbacks import AsyncCallbackManagerForToolRun, CallbackManagerForToolRun
    from langchain_core.runnables import RunnableConfig
    from langchain_core.tools import BaseTool, ToolException
except ImportError as _error:
    raise ImportError("remit.integrations.langchain needs langchain-core: pip install 'remit[langchain]'") from _error

from .calls import Call, Gate, OnAsk, Refused, known

if typing.TYPE_CHECKING:
    from ..session import Session


class GuardedTool(BaseTool):
    """A tool behind a session; to the model it is the tool itself. Its artifact, if it has one, does not come through."""

    inner: typing.Any
    gate: typing.Any

    def _run(
        self, *, config: RunnableConfig, run_manager: typing.Optional[CallbackManagerForToolRun] = None, **arguments: typing.Any
    ) -> typing.Any:
        decision = self._permitted(lambda: self.gate.decide(self.name, arguments))
        try:
            result = self.inner.invoke(arguments, config)
        except BaseException:
            self.gate.done(decision, False)
            raise
        self.gate.done(decision, True)
        return result

    async def _arun(
        self, *, config: RunnableConfig, run_manager: typing.Optional[AsyncCallbackManagerForToolRun] = None, **arguments: typing.Any
    ) -> typing.Any:
        try:
            decision = await self.gate.adecide(self.name, arguments)
        except Refused as refused:
            raise ToolException(str(refused)) from refused
        try:
            result = await self.inner.ainvoke(arguments, config)
        except BaseException:
            self.gate.done(decision, False)
            raise
        self.gate.done(decision, True)
        return result

    def _permitted(self, decide: typing.Callable[[], typing.Any]) -> typing.Any:
        try:
            return decide()
        except Refused as refused:
            raise ToolException(str(refused)) from refused


def guard(
    tools: typing.Sequence[BaseTool], session: Session, calls: typing.Mapping[str, Call], *, on_ask: typing.Optional[OnAsk] = None
) -> typing.List[BaseTool]:
    """The tools that may be called at all, each behind the session.

    `calls` says for every tool what a call asks for; ValueError for one that it does not name. With `on_ask` a call that
    asks waits for what a person says (in a graph it may be what `interrupt` gives), and is then made; without, the model
    is told to make the same call again once `session.approve` has been called.
    """
    known([tool.name for tool in tools], calls)
    gate = Gate(session, calls, on_ask)
    return [_guarded(tool, gate) for tool in tools if gate.may_be_called(tool.name)]


def _guarded(tool: BaseTool, gate: Gate) -> GuardedTool:
    return GuardedTool(
        name=tool.name, description=tool.description, args_schema=tool.args_schema, return_direct=tool.return_direct, tags=tool.tags,
        metadata=tool.metadata, handle_tool_error=_told, inner=tool, gate=gate,
    )  # fmt: skip


def _told(error: ToolException) -> str:
    """What the model reads. What the tool itself raises was the tool's to handle, and goes on as it came."""
    if isinstance(error.__cause__, Refused):
        return str(error)
    raise error
