"""The guard of an MCP client, against a real server of the SDK in this process."""
import asyncio

import pytest

mcp = pytest.importorskip("mcp", reason="the MCP Python SDK is not installed")
from mcp import Client  # noqa: E402
from mcp.server.mcpserver import MCPServer  # noqa: E402

from remit.integrations import mcp as guards  # noqa: E402


def server_of(office):
    server = MCPServer("files")

    @server.tool()
    def read_file(path: str) -> str:
        office.done.append(("read", path))
        if path.endswith("broken"):
            raise RuntimeError("the disk is gone")
        return f"the text of {path}"

    @server.tool()
    def send_mail(to: str) -> str:
        office.done.append(("send", to))
        return "sent"

    @server.tool()
    def delete_file(path: str) -> str:
        office.done.append(("delete", path))
        return "gone"

    @server.tool()
    def ping() -> str:
        return "pong"

    @server.tool()
    def pong() -> str:
        return "ping"

    return server


def play(office, steps, **more):
    async def main():
        async with Client(server_of(office)) as client:
            return await steps(guards.guard(client, office.session, office.calls, server="files", **more))

    return asyncio.run(main())


def said(result):
    return result.content[0].text


def test_only_tools_that_may_be_called_are_listed(office):
    async def steps(guarded):
        return [tool.name for tool in (await guarded.list_tools()).tools]

    assert play(office, steps) == ["read_file", "send_mail", "ping"]


def test_allowed_calls_are_made_and_denied_ones_say_why(office):
    async def steps(guarded):
        return [await guarded.call_tool(*call) for call in [
            ("read_file", {"path": "clinical/A/x"}), ("read_file", {"path": "finance"}), ("delete_file", {"path": "clinical/A/x"}),
            ("ping",), ("pong",), ("../x", {}), ("read_file", {"path": "clinical/A/broken"})]]

    read, refused, deleted, ping, pong, strange, broken = play(office, steps)
    assert said(read) == "the text of clinical/A/x" and not read.is_error and said(ping) == "pong"
    for result in (refused, deleted, pong, strange):
        assert result.is_error and said(result).startswith("Not permitted: ")
    assert "task.scope" in said(refused) and "choose another way" in said(refused) and "mcp:/files/tools/pong" in said(pong)
    assert broken.is_error and office.done == [("read", "clinical/A/x"), ("read", "clinical/A/broken")]
    assert office.outcomes() == [True, True, False]


def test_an_ask_waits_and_is_resumed_by_the_same_call(office):
    async def steps(guarded):
        first = await guarded.call_tool("send_mail", {"to": "bob@acme.example"})
        [pending] = office.session.pending()
        assert first.is_error and pending.id in said(first) and "very same call" in said(first) and office.done == []
        office.session.approve(pending, "mike@acme.example")
        other = await guarded.call_tool("send_mail", {"to": "ann@acme.example"})
        assert other.is_error and office.done == []
        return await guarded.call_tool("send_mail", {"to": "bob@acme.example"})

    assert said(play(office, steps)) == "sent" and office.done == [("send", "bob@acme.example")]


@pytest.mark.parametrize("answer,sent", [("mike@acme.example", True), (None, False)])
def test_a_person_is_asked_meanwhile(office, answer, sent):
    asked = []

    async def on_ask(decision):
        asked.append((decision.action, decision.resource, decision.rule.because))
        await asyncio.sleep(0)
        return answer

    async def steps(guarded):
        return await guarded.call_tool("send_mail", {"to": "bob@acme.example"})

    result = play(office, steps, on_ask=on_ask)
    assert asked == [("send", "mail:bob@acme.example", "mail to colleagues needs your yes")]
    assert bool(office.done) == sent and ("said no" in said(result)) == (not sent)
