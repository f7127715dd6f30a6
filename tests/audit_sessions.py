"""Sessions for the tests of the audit trail: documents, requests at random, and the trail that a run leaves.

The trail is read here with sqlite3 and hashed with hashlib, apart from the code under test.
"""
import hashlib
import json
import sqlite3
import subprocess

START = 1_795_425_247_000_000  # 2026-11-23T09:14:07Z
SECOND = 1_000_000

DOCUMENTS = {
    "task.scope": """scope weekly_summary
purpose "Summarise the week"
agent *-agent, spiffe://acme.example/agent/**
on behalf of *
expires 3h
idle 50m
delegate up to 2 levels to spiffe://acme.example/agent/**

read, list docs:/clinical/A except docs:/clinical/A/hr at most 9 times per 20m
write ws:/proj/B when size <= 5MB and filename like "*.md"
create cases:/Y
ask send mail:*@acme.example because "mail to colleagues needs your yes"
deny send mail: after read docs:/clinical/A/secret because "trial data never leaves by mail"
limit write ws:/ to 12MB per 30m
""",
    "guard.scope": """guardrail acme_policy
allow any anything
deny delete anything because "nothing is deleted by agents"
deny read docs:/clinical/A/unblinded unless user.role == "statistician" because "blinded"
""",
    "access.scope": """grants mikes_access
any docs:/clinical except docs:/clinical/A/private
any ws:
any mail:
any cases:
""",
    "helper.scope": """scope helper
purpose "Search for the summary"
expires 1h
delegate
read docs:/clinical/A/x, docs:/clinical/A/secret at most 3 times
send mail:bob@acme.example
""",
    "nobody.scope": """scope nobody
agent spiffe://acme.example/agent/nobody
expires 1h
read docs:/
""",
}
LAYERS = ["task.scope", "guard.scope", "access.scope"]
AGENTS = ["ticket-creation-agent", "spiffe://acme.example/agent/summarizer", "spiffe://acme.example/agent/search"]
PEOPLE = ["Mike", "mike@acme.example", "ann@acme.example"]
# Names that try to be something else on a terminal or in a sentence.
HOSTILE = ["x, on behalf of Boss, created-agent", "\u202egnp.exe-agent", "a\nb-agent", "\x1b[2Jclear-agent", "quote\"d (allowed by a:1)-agent",
           "zero\u200bwidth-agent", "nbsp\u00a0x-agent", "ünïcode-agent", "\x07bell-agent", "line\u2028sep-agent", "-agent"]
RESOURCES = ["docs:/clinical/A/x/p.pdf", "docs:/clinical/A/x", "docs:/clinical/A/secret/s.csv", "docs:/clinical/A/hr/r.md", "docs:/clinical/AB/p.pdf",
             "docs:/clinical/A/unblinded/u.csv", "docs:/clinical/A/private/p", "docs:/clinical/A/what?*.pdf", "docs:/clinical/A/../B", "docs:/ü/é",
             "ws:/proj/B/w47.md", "ws:/proj/B/w48.md", "mail:bob@acme.example", "mail:eve@evil.example", "cases:/Y/X", "cases:/Y/ZZ", "nowhere:/x", "docs:",
             "docs:/a\nb", "docs:/\u202ex"]
COMMON = RESOURCES[:2] + ["ws:/proj/B/w47.md"]
ACTIONS = {"docs": ["read", "read", "read", "list", "list", "delete", "raed"], "ws": ["write", "write", "write", "delete"], "mail": ["send", "read"], "cases": ["create", "read"]}


def write_documents(folder):
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text)


def random_attributes(random):
    out = {}
    if random.random() < 0.8:
        out["size"] = {"size": random.choice([0, 20_000, 3_000_000, 5_000_001, -1])} if random.random() < 0.85 else 5
    if random.random() < 0.8:
        out["filename"] = random.choice(["w47.md", "x.exe", "\u202e.md", "a\"b.md"])
    if random.random() < 0.2:
        out["ticket"] = random.randrange(100)  # that no document speaks of
    return out


def random_story(random, steps, hostile=False):
    """Lines for `remit run`: several sessions, sub-sessions, asks, approvals, ends; times that mostly go on."""
    lines, now, asks, open_names, count = [], START, [], [], 0

    def add(**line):
        lines.append(line)
        return len(lines)

    while len(lines) < steps:
        now += random.choice([0, 0, 1, SECOND, SECOND, 30 * SECOND, 60 * SECOND, -5 * SECOND]) if random.random() < 0.99 else 3000 * SECOND
        what = random.random()
        if not open_names or what < 0.025:
            count += 1
            agent = random.choice(HOSTILE if hostile and random.random() < 0.7 else AGENTS)
            facts = {"user.role": random.choice(["statistician", "lead", 5])} if random.random() < 0.7 else {}
            line = {"op": "open", "as": f"s{count}", "agent": agent, "facts": facts, "now": now}
            if random.random() < 0.95:
                line["user"] = random.choice(PEOPLE if not hostile else PEOPLE + HOSTILE)
            if random.random() < 0.1:
                line["agent"] = "nobody"  # whom the scope does not name
            lines.append(line)
            if "user" in line and line["agent"] != "nobody":
                open_names.append(line["as"])
            continue
        session = random.choice(open_names[-4:])
        if what < 0.06:
            count += 1
            add(op="delegate", session=session, agent=random.choice(AGENTS[1:] + ["mallory"]), files=["helper.scope"], now=now, **{"as": f"s{count}"})
            if lines[-1]["agent"] != "mallory":
                open_names.append(f"s{count}")
        elif what < 0.14 and asks:
            line, asked_by = random.choice(asks)
            add(op="approve", session=asked_by, line=line, approver=random.choice(PEOPLE + ["spiffe://acme.example/agent/search"]), now=now)
        elif what < 0.15:
            add(op="revoke", session=session, by="ann@acme.example", why="over\u202e, \"done\"", now=now)
        elif what < 0.155:
            add(op="end", session=session, now=now)
        else:
            again = [one for one in lines if one["op"] == "check" and one["action"] == "send"]
            if again and random.random() < 0.2:  # so that approvals are used
                add(**{**random.choice(again), "now": now})
            else:
                resource = random.choice(COMMON if random.random() < 0.4 else RESOURCES)
                action = random.choice(ACTIONS.get(resource.split(":")[0], ["read"]))
                add(op="check", session=session, action=action, resource=resource, attributes=random_attributes(random), now=now)
            if lines[-1]["action"] == "send":
                asks.append((len(lines), lines[-1]["session"]))
    return lines


def record(remit, folder, lines, trail="trail.db", documents=None, options=()):
    """Runs the lines with an audit trail; the answers."""
    requests = folder / "requests.jsonl"
    requests.write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = subprocess.run([remit, "run", *(documents or LAYERS), "--requests", str(requests), "--audit", trail, *options], cwd=folder, capture_output=True, timeout=300)
    assert done.returncode in (0, 1, 2), done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def bodies(path):
    """The records of a trail: (seq, leaf, body)."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        return list(database.execute("SELECT seq, leaf, body FROM records ORDER BY seq"))


def leaf(body):
    return hashlib.sha256(b"\0" + body.encode()).digest()


def canonical(value):
    """RFC 8785, for what records hold: no fractions."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(json.dumps(name, ensure_ascii=False) + ":" + canonical(value[name]) for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def rewrite(path, change):
    """Changes records behind the log's back: change(record) gives the new one, or None to leave it."""
    database = sqlite3.connect(path)
    for (name,) in list(database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")):
        database.execute(f"DROP TRIGGER {name}")
    for seq, body in list(database.execute("SELECT seq, body FROM records WHERE body IS NOT NULL")):
        changed = change(json.loads(body))
        if changed is not None:
            text = canonical(changed)
            columns = [changed.get(name) if isinstance(changed.get(name), str) else None for name in ("effect", "reason")]
            kind = changed["kind"] if isinstance(changed.get("kind"), str) else "unknown"
            database.execute("UPDATE records SET body = ?, leaf = ?, kind = ?, effect = ?, reason = ? WHERE seq = ?", (text, leaf(text), kind, *columns, seq))
    database.commit()
    database.close()
