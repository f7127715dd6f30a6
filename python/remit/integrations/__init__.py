"""Guards for agent frameworks: a tool is called only where a session allows it.

- `remit.integrations.mcp`: a client of the Model Context Protocol (MCP Python SDK)
- `remit.integrations.langchain`: tools of LangChain
- `remit.integrations.openai_agents`: function tools of the OpenAI Agents SDK

All take a session and say by `Call` what a call of each tool asks for. What is denied comes back to the model as text
that it can act on; what asks for a person waits for one.
"""

from .calls import Call, Refused

__all__ = ["Call", "Refused"]
