#!/usr/bin/env python3
"""Renders `remit audit report` in Debian's Chromium, headless: what it shows, that nothing in it runs or is fetched,
that hostile names stay text, and that it prints.

    tests/audit_report_test.py --source . --build build/release --keep FOLDER   keeps page, pictures and PDF
"""
import argparse
import html
import json
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

OPTIONS = None
OPENED = 1_795_521_600_000_000
MINUTE = 60_000_000
NAME = "audit.acme.example/assistants"
AGENT, HELPER, MIKE, EVE = "spiffe://acme.example/agent/triage", "spiffe://acme.example/agent/summarizer", "mike@acme.example", "eve@acme.example"
SYSTEMS = """system cases { action read, list; action write { create, update }; attribute size: size }
system ticket { action read; action write { create, update } }
system letter { action send }
"""
TASK = """scope triage
purpose "Sort this morning's complaints, open a ticket for each, and answer the easy ones"
agent spiffe://acme.example/agent/*
expires 4h
""" + SYSTEMS + """delegate to spiffe://acme.example/agent/summarizer

read, list cases:/open
deny any cases:/open/legal because "cases before a court are for people"
create ticket:/support at most 25 times
ask send letter:*@customer.example because "a letter to a customer needs your yes"
"""
GUARD = "guardrail acme_policy\n" + SYSTEMS + """any cases:/, ticket:/, letter:
deny any cases:/open/*/payment because "card data is for no agent"
"""
CHILD = "scope summary\n" + SYSTEMS + """expires 1h
read cases:/open
"""
# What an attacker would call things, to write into the page.
HOSTILE = ['<script>document.title="owned"</script>', '"><img src=x onerror=alert(1)>', "'><svg onload=alert(1)>", "</pre></style><h1>owned</h1>",
           "a\u202eb&lt;c", "]]><!--", "javascript:alert(1)", "x" * 3000]


def lines(hostile):
    draw, now, out = random.Random(7), OPENED, []

    def add(**fields):
        out.append({**fields, "now": now})
        return len(out)

    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    add(op="open", agent=AGENT, user=MIKE, purpose="Sort this morning's complaints", trace=trace, txn="complaints-w47")
    for case in range(30):
        now += draw.randrange(MINUTE // 3, 3 * MINUTE)
        add(op="check", action="list", resource=f"cases:/open/{case}")
        for part in ("letter", "history", "payment")[:draw.randrange(1, 4)]:
            now += draw.randrange(1_000_000, MINUTE // 2)
            add(op="check", action="read", resource=f"cases:/open/{case}/{part}", attributes={"size": {"size": 1000 * case}})
        now += draw.randrange(MINUTE // 4)
        made = add(op="check", action="create", resource=f"ticket:/support/{1000 + case}")
        add(op="outcome", line=made, ok=case % 9 != 8, detail="created" if case % 9 != 8 else "the ticket system did not answer")
        if case % 7 == 3:
            add(op="check", action="read", resource=f"cases:/open/legal/{case}")
        if case % 4 == 1:
            asked = add(op="check", action="send", resource=f"letter:customer{case}@customer.example")
            if case % 8 == 1:
                now += MINUTE
                add(op="approve", line=asked, approver=MIKE)
                add(op="check", action="send", resource=f"letter:customer{case}@customer.example")
        if case == 12:
            add(op="delegate", session="main", **{"as": "helper"}, agent=HELPER, files=["child.scope"], purpose="Summarise the history of case 12")
            for part in range(5):
                now += 20_000_000
                add(op="check", session="helper", action="read" if part != 3 else "update", resource=f"cases:/open/12/history/{part}")
    if hostile:
        for name in HOSTILE:
            now += 1_000_000
            add(op="check", action="read", resource=f"cases:/open/{name}")
            add(op="check", action="read", resource=name)
            asked = add(op="check", action="send", resource="letter:a@customer.example")
            add(op="approve", line=asked, approver=name[:200].replace("\u202e", ""))
            add(op="check", action=name[:50], resource="cases:/open/1")
            add(op="outcome", line=asked, ok=False, detail=name)
        add(op="open", **{"as": "hostile"}, agent="spiffe://acme.example/agent/x", user=EVE, purpose=HOSTILE[0], txn=HOSTILE[1])
        add(op="check", session="hostile", action="read", resource="cases:/open/<b>bold</b>")
    add(op="end")
    return "".join(json.dumps(line) + "\n" for line in out)


class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        subprocess.run([str(OPTIONS.source / "scripts" / "setup"), "browser"], check=True, timeout=600)
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = OPTIONS.keep or pathlib.Path(cls.temporary.name)
        cls.folder.mkdir(parents=True, exist_ok=True)
        for name, text in (("task.scope", TASK), ("policy.scope", GUARD), ("child.scope", CHILD)):
            (cls.folder / name).write_text(text)
        cls.vkey = cls.remit("audit", "key", "--name", NAME, "-o", "log.pem").stdout.strip()
        for which, hostile in (("trail", False), ("hostile", True)):
            (cls.folder / f"{which}.jsonl").write_text(lines(hostile))
            cls.remit("run", "task.scope", "policy.scope", "--requests", f"{which}.jsonl", "--audit", f"{which}.db", "--audit-key", "log.pem",
                      "--audit-name", NAME, code=None)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    @classmethod
    def remit(cls, *words, code=0):
        done = subprocess.run([str(OPTIONS.build / "bin" / "remit"), *words], cwd=cls.folder, capture_output=True, text=True, timeout=120)
        if code is not None and done.returncode != code:
            raise AssertionError(f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def session(self, database, index=0):
        shown = self.remit("audit", "show", database, "--kind", "opening", "--json").stdout
        return json.loads(shown.splitlines()[index])["session"]

    def page(self, database, session=None, code=0):
        session = session or self.session(database)
        page = self.folder / f"{database}-{session}.html"
        if not page.exists():
            self.remit("audit", "report", database, session, "--key", self.vkey, "-o", page.name, code=code)
        return page

    def browse(self, page, *flags):
        with tempfile.TemporaryDirectory() as profile:
            done = subprocess.run(
                ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                 "--disable-component-update", "--disable-sync", f"--user-data-dir={profile}", "--enable-logging=stderr", "--log-level=0",
                 "--virtual-time-budget=2000", "--hide-scrollbars", *flags, page.as_uri()],
                capture_output=True, text=True, timeout=180)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    seen = {}  # a browser takes a second to start

    def dom(self, page):
        if page.read_bytes() not in self.seen:
            done = self.browse(page, "--dump-dom")
            self.assertNotIn("CONSOLE", done.stderr)  # no error, no warning, nothing refused by the page's policy
            self.seen[page.read_bytes()] = done.stdout
        return self.seen[page.read_bytes()]

    def text(self, dom):
        body = re.sub(r"<style>.*?</style>", "", dom, flags=re.S)
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", body)))

    def test_says_who_for_whom_why_and_what(self):
        text = self.text(self.dom(self.page("trail.db")))
        for wanted in (AGENT, f"on behalf of {MIKE}", "Sort this morning's complaints", "complaints-w47", "4bf92f3577b34da6a3ce929d0e0e4736",
                       "scope triage", "guardrail acme_policy", "create ticket:/support at most 25 times",  # the source of each layer
                       "cases before a court are for people", "card data is for no agent", "policy.scope", "limit_exceeded",
                       "a letter to a customer needs your yes", f"approved by {MIKE}", "of request", "no answer",
                       HELPER, "Summarise the history of case 12", "the ticket system did not answer", "✓ Verified", self.vkey,
                       f"remit audit verify trail.db --key {self.vkey} --checkpoint report.note"):
            with self.subTest(wanted=wanted):
                self.assertTrue(wanted in text)  # the page itself would be a long message

    def test_counts_are_those_of_the_trail(self):
        shown = [json.loads(line) for line in self.remit("audit", "show", "trail.db", "--json").stdout.splitlines()]
        text = self.text(self.dom(self.page("trail.db")))
        for effect, what in (("allow", "allowed"), ("deny", "denied"), ("ask", "put to a person")):
            count = sum(record.get("effect") == effect for record in shown)
            self.assertGreater(count, 3)
            self.assertTrue(f" {count} {what} " in text)
        for system in ("cases", "ticket", "letter"):
            for action in sorted({r["action"] for r in shown if r["kind"] == "decision" and r["resource"].startswith(system + ":")}):
                row = [sum(r["kind"] == "decision" and r["resource"].startswith(system + ":") and r["action"] == action and r["effect"] == effect
                           for r in shown) for effect in ("allow", "deny", "ask")]
                with self.subTest(system=system, action=action, row=row):
                    self.assertTrue(" ".join([system, action, *(str(n) if n else "–" for n in row)]) in text)

    def test_hostile_names_stay_text(self):
        for index in (0, 1):
            dom = self.dom(self.page("hostile.db", self.session("hostile.db", index)))
            self.assertIsNone(re.search(r"<(script|img|iframe|object|link|base|form|a)[\s>]", dom))
            self.assertIsNone(re.search(r"<\w[^>]*\son\w+\s*=", dom))  # no handler inside a tag
            for injected in ("<h1>owned", "<title>owned", "<b>bold", "\u202e"):
                self.assertFalse(injected in dom, injected)
        dom = self.dom(self.page("hostile.db"))
        self.assertTrue("&lt;img src=x onerror=alert(1)&gt;" in dom)
        text = self.text(dom)
        self.assertTrue("</pre></style><h1>owned</h1>" in text)
        self.assertTrue("\\u{202E}" in text)

    def test_needs_nothing_else(self):
        page = self.page("trail.db").read_text()
        self.assertIsNone(re.search(r"(src|href|srcset|action|poster)\s*=|url\(|@import|<script", page))
        self.assertTrue("default-src 'none'" in page)
        self.assertTrue('<html lang="en">' in page)

    def test_is_a_picture_and_a_paper(self):
        page = self.page("trail.db")
        for name, flags in (("light.png", ["--window-size=1100,7000"]), ("dark.png", ["--window-size=1100,3600", "--force-dark-mode", "--enable-features=WebUIDarkMode"]),
                            ("phone.png", ["--window-size=500,3000"])):
            picture = self.folder / name
            self.browse(page, f"--screenshot={picture}", *flags)
            self.assertEqual(picture.read_bytes()[:8], b"\x89PNG\r\n\x1a\n")
            self.assertGreater(picture.stat().st_size, 50_000)
        paper = self.folder / "report.pdf"
        self.browse(page, f"--print-to-pdf={paper}", "--no-pdf-header-footer")
        self.assertEqual(paper.read_bytes()[:5], b"%PDF-")
        self.assertGreater(paper.stat().st_size, 20_000)

    def test_a_log_that_was_changed_is_said_to_be(self):
        import sqlite3
        shutil.copy(self.folder / "trail.db", self.folder / "changed.db")
        database = sqlite3.connect(self.folder / "changed.db")
        database.executescript("DROP TRIGGER records_hold; UPDATE records SET body = replace(body, 'deny', 'allow') WHERE seq = 7;")
        database.close()
        text = self.text(self.dom(self.page("changed.db", None, 1)))
        self.assertTrue("✗ Not verified" in text)
        self.assertTrue("the trigger records_hold is gone" in text)

    def test_a_forged_log_makes_a_page_all_the_same(self):
        import sqlite3
        shutil.copy(self.folder / "trail.db", self.folder / "forged.db")
        database = sqlite3.connect(self.folder / "forged.db")
        session = self.session("forged.db")
        rows = ('{"a":' + "[" * 200_000 + "]" * 200_000 + "}", "nonsense", '{"charges":[{"amount":9223372036854775807,"layer":0,"rule":9}],"programs":["x"]}',
                '{"approval":7,"time":[],"programs":3,"trigger":"x","chain":"y","effect":{}}')
        database.executescript("DROP TRIGGER records_hold; PRAGMA ignore_check_constraints = 1;")
        for at, body in enumerate(rows * 3):
            database.execute("UPDATE records SET body = ?, time = ? WHERE seq = ?", (body, (-2) ** 62 * (at % 2 * 2 - 1), 2 + at))
        database.execute("UPDATE records SET body = ? WHERE seq = 1", (rows[3],))
        database.commit()
        database.close()
        self.assertTrue("✗ Not verified" in self.text(self.dom(self.page("forged.db", session, 1))))

    def test_sessions_are_found_by_their_beginning_or_not_at_all(self):
        session = self.session("trail.db")
        self.page("trail.db", session[:12])
        for wrong in ("ffffffff", "", "<b>"):
            done = self.remit("audit", "report", "trail.db", wrong, "-o", "none.html", code=2)
            self.assertIn("the trail has no session", done.stderr)
        self.assertFalse((self.folder / "none.html").exists())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--keep", type=pathlib.Path)
    OPTIONS = parser.parse_args()
    OPTIONS.build, OPTIONS.source = OPTIONS.build.resolve(), OPTIONS.source.resolve()
    if OPTIONS.keep:
        OPTIONS.keep = OPTIONS.keep.resolve()
        shutil.rmtree(OPTIONS.keep, ignore_errors=True)
    result = unittest.main(argv=sys.argv[:1], exit=False, verbosity=1).result
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed or result.testsRun == 0 else 0)
