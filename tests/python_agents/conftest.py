"""A session as the guards of all frameworks get it, and what the tools of the tests are asked for."""
import pytest

import remit
from remit import audit
from remit.integrations import Call

TASK = """
read docs:/clinical/A at most 3 times
write ws:/proj/B when size <= 10B
ask send mail:*@acme.example because "mail to colleagues needs your yes"
call mcp:/files/tools/ping
expires 2h
"""
CALLS = {
    "read_file": Call("read", "docs:/{path}"),
    "write_file": Call("write", "ws:/proj/B/{name}", size=lambda arguments: remit.Bytes(len(arguments["text"].encode()))),
    "send_mail": Call("send", "mail:{to}"),
    "delete_file": Call("delete", "docs:/{path}"),
}


class Office:
    """The session, its trail, and what really happened: what the tools wrote down when they were run."""

    def __init__(self, path):
        self.path, self.done, self.calls = path, [], dict(CALLS)
        self.log = audit.Log(path)
        self.session = remit.open(agent="spiffe://acme.example/agent/a", user="mike@acme.example", task=remit.compile(TASK, file="task.scope"), audit=self.log)

    def outcomes(self):
        return [record.fields["ok"] for record in audit.Reader(self.path).records(kind="outcome")]


@pytest.fixture
def office(tmp_path):
    made = Office(tmp_path / "trail.db")
    yield made
    made.log.close()
