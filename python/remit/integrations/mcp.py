"""A client of the Model Context Protocol that calls only what a session allows. For the MCP Python SDK, 1.x and 2.x.

    from mcp import Client
    from remit.integrations import Call, mcp

    async with Client(server) as client:
        guarded = mcp.guard(client, session, {"read_file": Call("read", "docs:/{path}")}, server="files")
        tools = await guarded.list_tools()          # only those that may be called
        result = await guarded.call_tool("read_file", {"path": "clinical/A/protocol.pdf"})

The guard stands in the host, where the model's wishes arrive; a server that is reached another way is not guarded.
"""

from __future__ import annotations

import typing

from .calls import Call, Gate, OnAsk, Refused

if typing.TYPE_CHECKING:
    from ..session import Session


class _AnyTool(typing.Dict[str, Call]):
    """Calls by tool; a tool that is not named is asked for by its own name."""

    def __init__(self, calls: typing.Mapping[str, Call], server: str) -> None:
        super().__init__(calls)
        self._server = server

    def get(self, name: str, default: typing.Any = None) -> typing.Any:
        # A name with a `/` or a brace would ask for something else than it says.
        if name in self or not name.replace("_", "").replace("-", "").replace(".", "").isalnum():
            return super().get(name, default)
        return Call("call", f"mcp:/{self._server}/tools/{name}")


class GuardedClient:
    """What `guard` gives: two methods of a client. The rest of it is at `client`, unguarded."""

    def __init__(self, client: typing.Any, gate: Gate) -> None:
        self.client = client
        self._gate = gate

    async def list_tools(self, **more: typing.Any) -> typing.Any:
        """The server's tools, those left out for which no call could be allowed. A `ListToolsResult`."""
        listed = await self.client.list_tools(**more)
        return listed.model_copy(update={"tools": [tool for tool in listed.tools if self._gate.may_be_called(tool.name)]})

    async def call_tool(self, name: str, arguments: typing.Optional[typing.Dict[str, typing.Any]] = None, **more: typing.Any) -> typing.Any:
        """The tool's result; or one that is an error and says why, where the call is not made. A `CallToolResult`."""
        given = dict(arguments or {})
        try:
            decision = await self._gate.adecide(name, given)
        except Refused as refused:
            return _error(str(refused))
        try:
            result = await self.client.call_tool(name, given, **more)
        except BaseException:
            self._gate.done(decision, False)
            raise
        self._gate.done(decision, not getattr(result, "is_error", getattr(result, "isError", False)))
        return result


def guard(
    client: typing.Any, session: Session, calls: typing.Mapping[str, Call], *, server: str, on_ask: typing.Optional[OnAsk] = None
) -> GuardedClient:
    """Puts a session before a client: a `Client` or a `ClientSession`.

    `calls` says what a call of each tool asks for; one that it does not name asks for `call mcp:/SERVER/tools/NAME`, which
    documents may permit or not. With `on_ask` a call that asks waits for what a person says, and is then made; without,
    the model is told to make the same call again once `session.approve` has been called.
    """
    gate = Gate(session, {}, on_ask)
    gate.calls = _AnyTool(calls, server)
    return GuardedClient(client, gate)


def _error(text: str) -> typing.Any:
    try:
        from mcp.types import CallToolResult
    except ImportError as error:
        raise ImportError("remit.integrations.mcp needs the MCP Python SDK: pip install 'remit[mcp]'") from error
    # By the names of the protocol, which the classes of every version of the SDK read.
    return CallToolResult.model_validate({"content": [{"type": "text", "text": text}], "isError": True})
