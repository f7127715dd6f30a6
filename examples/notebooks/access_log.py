"""A month of what agents asked for at a made-up company: the log that the second notebook tries a guardrail on.

Always the same for the same seed. Four agents with habits: a summarizer that works in office hours, an inbox agent that
is busy in the morning, a nightly sync, and a coding agent that sometimes works late and now and then goes astray.
"""

from __future__ import annotations

import datetime
import random

import pandas

START = datetime.datetime(2026, 11, 1, tzinfo=datetime.timezone.utc)
DAYS = 30
PEOPLE = {"mike@acme.example": "lead", "ann@acme.example": "analyst", "li@acme.example": "analyst", "sam@acme.example": "engineer"}
TRIALS = ["A", "B", "C"]


class Log:
    """The rows so far, and the dice."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.rows: list[dict] = []

    def add(self, time: datetime.datetime, agent: str, user: str, action: str, resource: str, size: int | None = None) -> None:
        self.rows.append({
            "time": time, "session": f"{agent}-{time:%d}-{user.split('@')[0]}", "agent": f"spiffe://acme.example/agent/{agent}", "user": user,
            "user.role": PEOPLE[user], "action": action, "resource": resource, "size": size,
        })  # fmt: skip

    def size(self, typical: int) -> int:
        """Sizes have a long tail: most are small, a few are very large."""
        return int(typical * self.dice.lognormvariate(0, 1.1))

    def clock(self, day: datetime.datetime, hour: float, spread: float) -> datetime.datetime:
        return day + datetime.timedelta(hours=min(23.9, max(0.0, self.dice.gauss(hour, spread))), seconds=self.dice.randrange(60))


def summarizer(log: Log, day: datetime.datetime) -> None:
    """Reads a trial's documents and writes a summary; sometimes a folder of personal files lies on its way."""
    for user in ("mike@acme.example", "ann@acme.example", "li@acme.example"):
        trial = log.dice.choice(TRIALS)
        for _ in range(log.dice.randrange(60, 160)):
            folder = log.dice.choices(["protocols", "visits", "lab", "hr", "unblinding"], [30, 40, 27, 2, 1])[0]
            action = log.dice.choices(["read", "list"], [9, 1])[0]
            log.add(log.clock(day, 13, 2.2), "summarizer", user, action, f"docs:/clinical/{trial}/{folder}/{log.dice.randrange(400)}.pdf", log.size(300_000))
        for part in range(log.dice.randrange(3, 8)):
            log.add(log.clock(day, 15, 1.5), "summarizer", user, "write", f"ws:/proj/{trial}/summaries/w{day:%V}-{part}.md", log.size(40_000))


def inbox(log: Log, day: datetime.datetime) -> None:
    """Sorts mail; answers colleagues, and once in a while somebody outside."""
    for user in PEOPLE:
        for _ in range(log.dice.randrange(30, 70)):
            log.add(log.clock(day, 9.5, 1.3), "inbox", user, log.dice.choice(["read", "list", "update"]), f"mail:{user}", log.size(20_000))
        for _ in range(log.dice.randrange(4, 12)):
            to = log.dice.choices(["bob@acme.example", "zoe@acme.example", "press@news.example", "me@home.example"], [45, 45, 7, 3])[0]
            log.add(log.clock(day, 10.5, 1.5), "inbox", user, "send", f"mail:{to}", log.size(15_000))


def nightly(log: Log, day: datetime.datetime) -> None:
    """Copies reports at two in the morning, every day of the week."""
    for number in range(log.dice.randrange(120, 200)):
        time = day + datetime.timedelta(hours=2, seconds=7 * number)
        log.add(time, "sync", "sam@acme.example", "read", f"docs:/reports/{day:%Y}/{number}.csv", log.size(900_000))
        log.add(time, "sync", "sam@acme.example", "write", f"ws:/mirror/reports/{number}.csv", log.size(900_000))


def coder(log: Log, day: datetime.datetime) -> None:
    """Works in its repository; late on some days; twice a month it tries to be too helpful."""
    late = log.dice.random() < 0.2
    for _ in range(log.dice.randrange(150, 320)):
        action = log.dice.choices(["read", "write", "list", "delete", "execute"], [50, 30, 12, 4, 4])[0]
        log.add(log.clock(day, 21 if late else 14, 2.5), "coder", "sam@acme.example", action, f"fs:/repos/app/src/{log.dice.randrange(90)}.py", log.size(8_000))
    if log.dice.random() < 0.1:
        for number in range(log.dice.randrange(40, 90)):
            log.add(log.clock(day, 22, 0.2), "coder", "sam@acme.example", "delete", f"docs:/clinical/{log.dice.choice(TRIALS)}/lab/{number}.pdf", None)
        log.add(log.clock(day, 22, 0.2), "coder", "sam@acme.example", "read", "secrets:/prod/database", 200)


def generate(seed: int = 8) -> pandas.DataFrame:
    """The log as a table, in the order of time. `size` is in bytes, where the request had one."""
    log = Log(seed)
    for number in range(DAYS):
        day = START + datetime.timedelta(days=number)
        nightly(log, day)
        if day.weekday() < 5:
            summarizer(log, day)
            inbox(log, day)
            coder(log, day)
    table = pandas.DataFrame(log.rows).sort_values("time", kind="stable", ignore_index=True)
    table["size"] = table["size"].astype("Int64")
    for name in ("session", "agent", "user", "user.role", "action"):
        table[name] = table[name].astype("category")
    return table


if __name__ == "__main__":
    made = generate()
    print(f"{len(made):,} requests from {made['time'].min():%Y-%m-%d} to {made['time'].max():%Y-%m-%d}")
