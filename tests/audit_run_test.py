#!/usr/bin/env python3
"""`remit run --audit`: what a run says is what its trail says; the trail goes on; bad arguments are refused."""
import argparse
import json
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import unittest

REMIT = pathlib.Path()
NOW = 1781253000000000
TASK = """scope t
system docs { action read, list; action write { create, update }; attribute size: size }
expires 2h
read docs:/a when size < 1MB
create docs:/b at most 2 times
ask update docs:/c
"""
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
LINES = [
    {"op": "open", "agent": "spiffe://acme/a", "user": "mike", "facts": {"user.role": "lead"}, "now": NOW, "trace": TRACE, "txn": "t-1"},
    {"op": "check", "action": "read", "resource": "docs:/a/x", "attributes": {"size": {"size": 2000}, "colour": "red"}},
    {"op": "check", "action": "create", "resource": "docs:/b/x"},
    {"op": "outcome", "line": 3, "ok": True, "detail": "created"},
    {"op": "check", "action": "update", "resource": "docs:/c/x"},
    {"op": "approve", "line": 5, "approver": "mike"},
    {"op": "check", "action": "update", "resource": "docs:/c/x", "trace": TRACE.replace("4bf9", "ffff")},
    {"op": "would", "action": "list", "resource": "docs:/c/x"},
    {"op": "check", "action": "list", "resource": "docs:/c/x"},
    {"op": "end"},
]
KINDS = ["opening", "decision", "decision", "outcome", "decision", "approval", "decision", "decision", "end"]


class Run(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "t.scope").write_text(TASK)
        self.key = self.folder / "log.pem"
        self.remit("audit", "key", "--name", "t.example", "-o", self.key)
        self.signed = ("--audit-key", self.key, "--audit-name", "t.example")

    def remit(self, *words, code=0, text=""):
        done = subprocess.run([REMIT, *map(str, words)], input=text, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def run_lines(self, lines, *words, code=0):
        done = self.remit("run", self.folder / "t.scope", "--requests", "-", "--audit", self.folder / "t.db", *words, code=code,
                          text="".join(json.dumps(line) + "\n" for line in lines))
        return [json.loads(line) for line in done.stdout.splitlines()], done.stderr

    def records(self):
        with sqlite3.connect(self.folder / "t.db") as database:
            return [json.loads(body) for (body,) in database.execute("SELECT body FROM records ORDER BY seq")]

    def test_the_trail_says_what_the_run_said(self):
        answers, _ = self.run_lines(LINES, *self.signed)
        records = self.records()
        self.assertEqual([record["kind"] for record in records], KINDS)
        self.assertEqual([record["seq"] for record in records], list(range(1, len(KINDS) + 1)))
        decided = [(answer["effect"], answer["reason"]) for line, answer in zip(LINES, answers) if line["op"] == "check"]
        self.assertEqual([(record["effect"], record["reason"]) for record in records if record["kind"] == "decision"], decided)
        read, created, outcome, _, approval, granted = records[1:7]
        self.assertEqual(read["attributes"], {"size": {"size": 2000}})
        self.assertEqual(list(read["sealed"]), ["colour"])
        self.assertNotIn("red", json.dumps(records))
        self.assertEqual(created["charges"], [{"amount": 1, "layer": 0, "rule": 2, "used": 1}])
        self.assertEqual((outcome["decision"], outcome["ok"], outcome["detail"]), (created["decision"], True, "created"))
        self.assertEqual((approval["by"], approval["meaning"], approval["request"]), ("mike", "approved", granted["request"]))
        self.assertEqual((read["trace"], read["span"], read["txn"]), ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", "t-1"))
        self.assertEqual(granted["trace"], "ffff2f3577b34da6a3ce929d0e0e4736")
        self.assertEqual(records[0]["opened"], {"facts": {"user.role": "lead"}})

    def test_a_second_run_goes_on_and_what_does_not_fit_is_refused(self):
        self.run_lines(LINES, *self.signed)
        self.run_lines(LINES[:2], *self.signed)
        self.assertEqual([record["seq"] for record in self.records()], list(range(1, len(KINDS) + 3)))
        _, error = self.run_lines(LINES, code=2)
        self.assertIn("origin is `t.example`, not `remit`", error)
        answers, _ = self.run_lines([LINES[0], {"op": "outcome", "line": 1, "ok": True}, {"op": "check", "action": "read", "resource": "docs:/a", "trace": "00-1"}],
                                    *self.signed, code=2)
        self.assertIn("line 1 has no decision", answers[1]["error"]["message"])
        self.assertIn("traceparent", answers[2]["error"]["message"])

    def test_refused_openings_are_recorded(self):
        self.run_lines([{"op": "open", "agent": "spiffe://acme/a", "now": NOW}], code=1)
        (record,) = self.records()
        self.assertEqual((record["kind"], record["reason"], record["agent"]), ("refusal", "no_accountable_person", "spiffe://acme/a"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--source")
    parser.add_argument("--build", type=pathlib.Path, required=True)
    known, rest = parser.parse_known_args()
    REMIT = known.build / "bin" / "remit"
    unittest.main(argv=[sys.argv[0], *rest])
