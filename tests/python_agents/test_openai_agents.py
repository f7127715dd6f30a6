"""The guard of function tools, in runs of the OpenAI Agents SDK with its own scripted model: no network."""
import asyncio
import json

import pytest

agents = pytest.importorskip("agents", reason="openai-agents is not installed")
from agents import Agent, Runner, function_tool, set_tracing_disabled  # noqa: E402
from agents.testing import ScriptedModel, assistant_message, function_call  # noqa: E402

from remit.integrations import openai_agents as guards  # noqa: E402

set_tracing_disabled(True)


@pytest.fixture
def tools(office):
    @function_tool
    def read_file(path: str) -> str:
        """Reads a file."""
        office.done.append(("read", path))
        return f"the text of {path}"

    @function_tool
    def send_mail(to: str) -> str:
        """Sends mail."""
        office.done.append(("send", to))
        return "sent"

    @function_tool
    def delete_file(path: str) -> str:
        """Deletes a file."""
        office.done.append(("delete", path))
        return "gone"

    return [read_file, send_mail, delete_file]


def agent_of(office, tools, calls, **more):
    steps = [[function_call(name, arguments, call_id=f"call-{at}")] for at, (name, arguments) in enumerate(calls)]
    model = ScriptedModel([*steps, [assistant_message("done")]])
    return Agent(name="helper", model=model, tools=guards.guard(tools, office.session, office.calls, **more)), model


def outputs(result):
    return [item.output for item in result.new_items if item.type == "tool_call_output_item"]


def test_allowed_calls_are_made_and_denied_ones_say_why(office, tools):
    agent, model = agent_of(office, tools, [("read_file", {"path": "clinical/A/x"}), ("read_file", {"path": "finance"})])
    result = asyncio.run(Runner.run(agent, "go"))
    read, refused = outputs(result)
    assert read == "the text of clinical/A/x" and office.done == [("read", "clinical/A/x")]
    assert refused.startswith("Not permitted: ") and "docs:/finance" in refused and "choose another way" in refused
    assert [tool.name for tool in model.calls[0].tools] == ["read_file", "send_mail"]
    assert office.outcomes() == [True]


@pytest.mark.parametrize("approved", [True, False])
def test_an_ask_interrupts_the_run_and_a_yes_resumes_it(office, tools, approved):
    agent, _ = agent_of(office, tools, [("send_mail", {"to": "bob@acme.example"})], approver="mike@acme.example")

    async def play():
        stopped = await Runner.run(agent, "go")
        [interruption] = stopped.interruptions
        assert interruption.name == "send_mail" and json.loads(interruption.arguments) == {"to": "bob@acme.example"} and office.done == []
        state = stopped.to_state()
        state.approve(interruption) if approved else state.reject(interruption)
        return await Runner.run(agent, state)

    result = asyncio.run(play())
    assert result.final_output == "done" and office.done == ([("send", "bob@acme.example")] if approved else [])
    assert [ask.approver for ask in office.session.pending()] in ([], ["mike@acme.example"])
    assert ("sent" in outputs(result)) == approved


def test_a_yes_of_the_sdk_alone_is_none_of_the_session(office, tools):
    """Without an approver nobody is recorded as having said yes, so nothing that asks is done."""
    for tool in tools:
        tool.needs_approval = True
    agent, _ = agent_of(office, tools, [("send_mail", {"to": "bob@acme.example"})])

    async def play():
        stopped = await Runner.run(agent, "go")
        state = stopped.to_state()
        state.approve(stopped.interruptions[0])
        return await Runner.run(agent, state)

    [waits] = outputs(asyncio.run(play()))
    assert "Waits for a person" in waits and office.session.pending()[0].id in waits and office.done == []


def test_an_agent_may_not_be_the_approver(office, tools):
    agent, _ = agent_of(office, tools, [("send_mail", {"to": "bob@acme.example"})], approver=lambda context: "spiffe://acme.example/agent/a")

    async def play():
        stopped = await Runner.run(agent, "go")
        state = stopped.to_state()
        state.approve(stopped.interruptions[0])
        return await Runner.run(agent, state)

    with pytest.raises(Exception, match="approver_is_agent"):
        asyncio.run(play())
    assert office.done == []
