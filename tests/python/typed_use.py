"""How a typed program uses the package: checked by mypy --strict in python_typing_test.py, run by nobody."""
import datetime
import typing

import remit

task: remit.Program = remit.compile("read docs:/a; expires 2h", folder="docs:/a", cap=remit.Bytes(5))
with remit.open(agent="spiffe://acme.example/agent/a", user="mike@acme.example", task=task, grants=[task]) as session:
    decision: remit.Decision = session.check("write", "ws:/a", size=remit.Bytes(5), now=datetime.datetime.now(datetime.timezone.utc))
    rule: typing.Optional[remit.Rule] = decision.rule
    effect: typing.Literal["allow", "deny", "ask"] = decision.effect
    ends: typing.Optional[datetime.datetime] = session.status().ends

    @session.guard("read", "docs:/{path}")
    def fetch(path: str, times: int = 1) -> bytes:
        return path.encode() * times

    text: bytes = fetch("a", times=2)
    fetch(5)  # type: ignore[arg-type]

    @session.guard("read", "docs:/{path}")
    async def fetch_later(path: str) -> bytes:
        return path.encode()

    async def use() -> bytes:
        return await fetch_later("a")
