"""The recipes for agent frameworks in docs/cookbook.md run and print what their comments say."""
import contextlib
import io
import os
import pathlib
import re

import pytest

PAGE = pathlib.Path(os.environ["REMIT_SOURCE"]) / "docs" / "cookbook.md"
BLOCKS = list(re.finditer(r"^```python agents\n(.*?)^```$", PAGE.read_text(), re.S | re.M))


def test_the_recipes_are_there():
    assert len(BLOCKS) == 3


@pytest.mark.parametrize("block", BLOCKS, ids=["mcp", "langchain", "openai_agents"])
def test_recipes(block):
    needed = {"mcp", "langchain_core", "agents"} & set(re.findall(r"^from (\w+)", block[1], re.M))
    for name in needed:
        pytest.importorskip(name)
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(block[1], str(PAGE), "exec"), {"__name__": "cookbook"})
    assert output.getvalue().splitlines() == re.findall(r"^ *print\(.*\)  # (.*)$", block[1], re.M)
