"""The guard of LangChain tools, against langchain-core itself."""
import asyncio

import pytest

pytest.importorskip("langchain_core", reason="langchain-core is not installed")
from langchain_core.messages import ToolMessage  # noqa: E402
from langchain_core.tools import ToolException, tool  # noqa: E402

from remit.integrations import langchain as guards  # noqa: E402


@pytest.fixture
def tools(office):
    @tool
    def read_file(path: str, pages: int = 1) -> str:
        """Reads a file."""
        office.done.append(("read", path, pages))
        if path.endswith("broken"):
            raise RuntimeError("the disk is gone")
        return f"the text of {path}"

    @tool
    async def write_file(name: str, text: str) -> str:
        """Writes a file."""
        office.done.append(("write", name))
        return "written"

    @tool
    def send_mail(to: str) -> str:
        """Sends mail."""
        office.done.append(("send", to))
        return "sent"

    @tool
    def delete_file(path: str) -> str:
        """Deletes a file."""
        office.done.append(("delete", path))
        return "gone"

    return [read_file, write_file, send_mail, delete_file]


def guarded(office, tools, **more):
    return {one.name: one for one in guards.guard(tools, office.session, office.calls, **more)}


def called(name, arguments):
    return {"name": name, "args": arguments, "id": "call-1", "type": "tool_call"}


def test_tools_look_the_same_and_impossible_ones_are_left_out(office, tools):
    made = guarded(office, tools)
    assert list(made) == ["read_file", "write_file", "send_mail"]
    assert made["read_file"].args == tools[0].args and made["read_file"].description == tools[0].description


def test_a_tool_that_was_forgotten_is_an_error(office, tools):
    del office.calls["send_mail"]
    with pytest.raises(ValueError, match="no Call for the tool send_mail"):
        guards.guard(tools, office.session, office.calls)


def test_allowed_calls_are_made_and_denied_ones_say_why(office, tools):
    read = guarded(office, tools)["read_file"]
    assert read.invoke({"path": "clinical/A/x"}) == "the text of clinical/A/x"
    message = read.invoke(called("read_file", {"path": "finance/2026", "pages": 3}))
    assert isinstance(message, ToolMessage) and message.status == "error"
    assert message.content.startswith("Not permitted: ") and "docs:/finance/2026" in message.content and "choose another way" in message.content
    assert read.invoke(called("read_file", {"path": "clinical/A/y", "pages": 3})).status == "success"
    with pytest.raises(RuntimeError, match="the disk is gone"):
        read.invoke({"path": "clinical/A/broken"})
    assert "limit" in read.invoke({"path": "clinical/A/z"})
    assert office.done == [("read", "clinical/A/x", 1), ("read", "clinical/A/y", 3), ("read", "clinical/A/broken", 1)]
    assert office.outcomes() == [True, True, False]


def test_coroutines_too(office, tools):
    write = guarded(office, tools)["write_file"]
    assert asyncio.run(write.ainvoke({"name": "a.md", "text": "short"})) == "written"
    assert "Not permitted" in asyncio.run(write.ainvoke({"name": "a.md", "text": "much too long"}))
    assert office.done == [("write", "a.md")]


def test_an_ask_waits_and_is_resumed_by_the_same_call(office, tools):
    send = guarded(office, tools)["send_mail"]
    first = send.invoke(called("send_mail", {"to": "bob@acme.example"}))
    [pending] = office.session.pending()
    assert first.status == "error" and pending.id in first.content and office.done == []
    office.session.approve(pending, "mike@acme.example")
    assert send.invoke(called("send_mail", {"to": "bob@acme.example"})).content == "sent"
    assert "Waits for a person" in send.invoke({"to": "bob@acme.example"}) and office.done == [("send", "bob@acme.example")]


@pytest.mark.parametrize("answer,sent", [("mike@acme.example", True), (None, False)])
def test_a_person_is_asked_meanwhile(office, tools, answer, sent):
    async def later(decision):
        return answer

    first = guarded(office, tools, on_ask=lambda decision: answer)["send_mail"].invoke({"to": "bob@acme.example"})
    second = asyncio.run(guarded(office, tools, on_ask=later)["send_mail"].ainvoke({"to": "ann@acme.example"}))
    assert (first == second == "sent") == sent and len(office.done) == (2 if sent else 0)
    assert sent or "said no" in first


def test_what_interrupts_a_graph_passes_through(office, tools):
    class Interrupt(Exception):
        pass

    def on_ask(decision):
        raise Interrupt(decision.resource)

    with pytest.raises(Interrupt, match="mail:bob@acme.example"):
        guarded(office, tools, on_ask=on_ask)["send_mail"].invoke({"to": "bob@acme.example"})


def test_what_the_tool_raises_is_the_tools_own(office):
    @tool
    def read_file(path: str) -> str:
        """Reads a file."""
        raise ToolException("no such page")

    read = guarded(office, [read_file])["read_file"]
    with pytest.raises(ToolException, match="no such page"):
        read.invoke({"path": "clinical/A/x"})
    read_file.handle_tool_error = True
    assert read.invoke({"path": "clinical/A/x"}) == "no such page"
