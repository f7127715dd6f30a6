#!/usr/bin/env python3
"""Runs the built `remit` command: every subcommand, its exit codes, and what it makes of bad input.

The documents here declare their own system, so that nothing depends on the standard library.
"""
import argparse
import json
import os
import pathlib
import pty
import re
import select
import stat
import subprocess
import sys
import tempfile
import unittest

REMIT = "remit"
LAB = (
    "system lab { action read, list, send; action write { create, update }; attribute size: size; "
    "attribute n: int; attribute region: string; attribute labels: list of string; attribute due: time }\n"
)
TASK = LAB + """expires 2h
agent spiffe://acme/*
allow read, list lab:/a
deny any lab:/a/hr because "personal files"
ask send lab:/a because "needs your yes"
write lab:/b when size <= 5KB and region == "eu"
allow list lab:/lead when user.role == "lead"
"""
HOUR = 3_600_000_000


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    def remit(self, *words, stdin=b"", code=None, env=None):
        done = subprocess.run(
            [REMIT, *words], input=stdin if isinstance(stdin, bytes) else stdin.encode(),
            capture_output=True, timeout=120, env={**os.environ, **(env or {})}, cwd=self.folder)
        done.out = done.stdout.decode("utf-8", "surrogateescape")
        done.err = done.stderr.decode("utf-8", "surrogateescape")
        if code is not None:
            self.assertEqual(done.returncode, code, f"{words}\n{done.out}\n{done.err}")
        return done


class CommandLine(Case):
    def test_version_and_help(self):
        self.assertRegex(self.remit("--version", code=0).out, r"^remit \d+\.\d+\.\d+")
        overview = self.remit("--help", code=0).out
        for name in "check fmt test eval run compile dump disasm conform completion".split():
            self.assertIn(name, overview)
            page = self.remit(name, "--help", code=0).out
            for heading in ("Usage:", "Exit codes:", "Examples:"):
                self.assertIn(heading, page, name)

    def test_wrong_command_lines(self):
        for words in ((), ("nonsense",), ("chek", "x"), ("check",), ("fmt", "--nonsense", "x"), ("dump", "--stage", "x", "y.scope"),
                      ("eval",), ("eval", "-e", "expires 1h", "read"), ("completion", "tcsh")):
            done = self.remit(*words, code=2)
            self.assertTrue(done.err, words)
            self.assertFalse(done.out, words)

    def test_completion_scripts(self):
        for shell in ("bash", "zsh", "fish"):
            script = self.remit("completion", shell, code=0).out
            self.assertIn("conform", script)
            self.assertIn("module-path", script)
        checked = subprocess.run(["bash", "-n"], input=self.remit("completion", "bash").stdout, check=False)
        self.assertEqual(checked.returncode, 0)

    def test_full_disk(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        with open("/dev/full", "w") as full:
            done = subprocess.run([REMIT, "completion", "bash"], stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 2)


class Check(Case):
    def test_right_and_wrong(self):
        right = self.file("right.scope", TASK)
        wrong = self.file("wrong.scope", LAB + "expires 2h\nraed lab:/a\n")
        self.remit("check", right, code=0)
        done = self.remit("check", wrong, right, code=2)
        self.assertIn("wrong.scope:3:1: error", done.err)
        self.assertIn("read", done.err)
        self.assertFalse(done.out)

    def test_json(self):
        wrong = self.file("wrong.scope", LAB + "expires 2h\nraed lab:/a\n")
        done = self.remit("check", "--json", wrong, wrong, code=2)
        errors = [d for d in json.loads(done.out)["diagnostics"] if d["severity"] == "error"]
        self.assertEqual(len(errors), 2)
        self.assertEqual((errors[0]["line"], errors[0]["column"]), (3, 1))
        for field in ("code", "file", "end_line", "end_column", "message", "help"):
            self.assertIn(field, errors[0])
        self.assertFalse(done.err)

    def test_modules(self):
        self.file("shelf/parts/common.scope", LAB + "expires 1h\nread lab:/shared\n")
        user = self.file("user.scope", "expires 1h\nuse parts.common\nwrite lab:/x\n")
        self.remit("check", user, code=2)
        self.remit("check", user, "--module-path", str(self.folder / "shelf"), code=0)

    def test_files_that_cannot_be_read(self):
        (self.folder / "folder.scope").mkdir()
        large = self.folder / "large.scope"
        with open(large, "wb") as out:
            out.truncate((16 << 20) + 1)
        for path, word in (("missing.scope", "missing.scope"), ("folder.scope", "folder"), (str(large), "16 MiB"),
                           ("/dev/zero", "16 MiB")):
            done = self.remit("check", path, code=2)
            self.assertIn(word, done.err)

    def test_standard_input(self):
        self.remit("check", "-", stdin=TASK, code=0)
        self.assertIn("<stdin>:1", self.remit("check", "-", stdin="nonsense ~\n", code=2).err)

    def test_colour(self):
        wrong = self.file("wrong.scope", "expires 2h\nraed lab:/a\n")
        def errors_on_a_terminal(env):
            ours, theirs = pty.openpty()
            with subprocess.Popen([REMIT, "check", wrong], stderr=theirs, env={"TERM": "xterm", **env}) as process:
                os.close(theirs)
                out = b""
                while select.select([ours], [], [], 20)[0]:
                    try:
                        chunk = os.read(ours, 4096)
                    except OSError:
                        break
                    if not chunk:
                        break
                    out += chunk
                process.wait()
            os.close(ours)
            return out
        self.assertIn(b"\x1b[", errors_on_a_terminal({}))
        self.assertNotIn(b"\x1b[", errors_on_a_terminal({"NO_COLOR": "1"}))
        self.assertNotIn("\x1b[", self.remit("check", wrong).err)


class Fmt(Case):
    UGLY = "expires   2h ;  read    lab:/a   # why\n"

    def test_in_place(self):
        ugly = self.file("ugly.scope", self.UGLY)
        os.chmod(ugly, 0o640)
        link = self.folder / "link.scope"
        link.symlink_to(ugly)
        self.assertIn("ugly.scope", self.remit("fmt", "--check", ugly, code=1).out)
        self.assertEqual(pathlib.Path(ugly).read_text(), self.UGLY)
        self.remit("fmt", str(link), code=0)
        self.assertNotEqual(pathlib.Path(ugly).read_text(), self.UGLY)
        self.assertTrue(link.is_symlink())
        self.assertEqual(stat.S_IMODE(os.stat(ugly).st_mode), 0o640)
        self.assertFalse(self.remit("fmt", "--check", ugly, code=0).out)
        self.assertEqual(len(list(self.folder.iterdir())), 2)  # nothing temporary is left

    def test_standard_input(self):
        done = self.remit("fmt", "-", stdin=self.UGLY, code=0)
        self.assertIn("# why", done.out)
        self.assertEqual(self.remit("fmt", "-", stdin=done.out, code=0).out, done.out)

    def test_errors_leave_the_file_alone(self):
        bad = self.file("bad.scope", "read  lab:/a when (\n")
        ugly = self.file("ugly.scope", self.UGLY)
        done = self.remit("fmt", bad, ugly, "missing.scope", code=2)
        self.assertIn("bad.scope:", done.err)
        self.assertEqual(pathlib.Path(bad).read_text(), "read  lab:/a when (\n")
        self.assertNotEqual(pathlib.Path(ugly).read_text(), self.UGLY)


class Eval(Case):
    def setUp(self):
        super().setUp()
        self.task = self.file("task.scope", TASK)

    def ask(self, *words, code):
        return self.remit("eval", self.task, *words, "--now", "2026-12-01T09:00Z", code=code)

    def test_effects_are_exit_codes(self):
        self.assertRegex(self.ask("read", "lab:/a/x", code=0).out, r"^allow  read lab:/a/x: allowed_by_rule")
        denied = self.ask("read", "lab:/ab", code=1).out
        self.assertTrue(denied.startswith("deny  read lab:/ab: no_matching_rule (no rule permits it)\n"), denied)
        ruled = self.ask("read", "lab:/a/hr/x", code=1).out
        self.assertIn("task.scope:5:1", ruled)
        self.assertIn("deny any lab:/a/hr", ruled)
        self.assertIn("because personal files", ruled)
        self.ask("send", "lab:/a/x", code=3)

    def test_json(self):
        got = json.loads(self.ask("read", "lab:/a/hr/x", "--json", code=1).out)
        self.assertEqual(got, {
            "effect": "deny", "reason": "denied_by_rule",
            "rule": {"file": self.task, "line": 5, "column": 1, "because": "personal files"},
            "layer": {"index": 0, "kind": "scope", "name": ""}, "approval": None})
        got = json.loads(self.ask("read", "lab:/nowhere", "--json", code=1).out)
        self.assertIsNone(got["rule"])

    def test_the_nearest_rule_is_named(self):
        out = self.ask("write", "lab:/b/x", "size=6KB", "region=eu", code=1).out
        self.assertIn("would have allowed this for size up to 5KB", out)
        self.assertNotIn("would have", self.ask("read", "lab:/a", code=0).out)

    def test_document_as_text(self):
        self.remit("eval", "-e", TASK, "read", "lab:/a", code=0)
        self.remit("eval", "--text", LAB + "read lab:/a; expires 2h", "read", "lab:/b", code=1)
        self.remit("eval", "-", "read", "lab:/a", stdin=TASK, code=0)

    def test_attributes_by_shape(self):
        self.ask("write", "lab:/b/x", "size=5KB", "region=eu", code=0)
        self.ask("write", "lab:/b/x", "region=\"eu\"", "size=5000B", code=0)
        self.ask("write", "lab:/b/x", "size=5001B", "region=eu", code=1)
        given_as_int = self.ask("write", "lab:/b/x", "size=5", "region=eu", code=1).out
        self.assertIn("size was given as int, declared size", given_as_int)
        self.assertTrue(self.ask("write", "lab:/b/x", "size=5XB", "region=eu", code=2).err)
        self.ask("write", "lab:/b/x", "size", code=2)

    def test_types(self):
        text = LAB + "expires 9h\nread lab:/n when n == -3\nread lab:/l when \"b\" in labels\n" \
            "read lab:/s when region == \"7\"\nread lab:/t when due < 2026-12-01T09:00Z\n"
        def ask(resource, attribute, code):
            self.remit("eval", "-e", text, "read", resource, attribute, "--now", "2026-12-01T09:00Z", code=code)
        ask("lab:/n", "n=-3", 0)
        ask("lab:/n", "n=3", 1)
        ask("lab:/l", "labels=[a, \"b\"]", 0)
        ask("lab:/l", "labels=[\"a, b\"]", 1)
        ask("lab:/s", "region=7", 0)  # a declared string stays one
        ask("lab:/t", "due=2026-12-01T08:59Z", 0)
        ask("lab:/t", "due=2026-12-01T10:30+01:00", 1)

    def test_facts(self):
        self.ask("list", "lab:/lead", code=1)
        self.ask("list", "lab:/lead", "--fact", "user.role=lead", code=0)
        self.ask("list", "lab:/lead", "--fact", "role=lead", code=2)
        text = LAB + "expires 1h\nread lab:/a when user == \"ann\" and agent like \"spiffe:*\" and purpose == \"why\"\n"
        words = ["eval", "-e", text, "read", "lab:/a", "--user", "ann", "--agent", "spiffe://acme/x"]
        self.remit(*words, code=1)
        self.remit(*words, "--purpose", "why", code=0)
        stated = self.remit(*words[:2], text + "purpose \"other\"\n", *words[3:], "--purpose", "why", code=1)
        self.assertIn("--purpose is not used", stated.err)

    def test_times(self):
        for words, code in (([], 0), (["--now", "+119m"], 0), (["--now", "+2h"], 1), (["--opened", "2020-01-01T00:00Z"], 0),
                            (["--opened", "2020-01-01T00:00Z", "--now", "2020-01-01T02:00Z"], 1),
                            (["--opened", "2020-01-01T00:00Z", "--now", "+1h"], 0), (["--now", "noon"], 2),
                            (["--now", "+noon"], 2), (["--opened", "2h"], 2)):
            self.remit("eval", self.task, "read", "lab:/a", *words, code=code)

    def test_malformed_resource_is_explained_and_drives_no_terminal(self):
        done = self.ask("read", "lab:/a/../b", code=1)
        self.assertIn("malformed_resource", done.out)
        self.assertIn("because", done.out)
        self.assertNotIn("\x1b", self.ask("read", "lab:/a/\x1b[31m", code=1).out)

    def test_actions_named_like_subcommands(self):
        text = "system lab { action check, run }\nexpires 1h\ncheck, run lab:/a\n"
        for action in ("check", "run"):
            self.remit("eval", "-e", text, action, "lab:/a", code=0)

    def test_layers(self):
        guard = self.file("guard.scope", "guardrail house\n" + LAB + "allow any anything\n"
                          "deny read lab:/a/secret because \"house rule\"\n")
        grants = self.file("mine.scope", "grants mine\n" + LAB + "read lab:/a/x, lab:/a/secret\n")
        self.remit("eval", self.task, guard, grants, "read", "lab:/a/x", code=0)
        done = self.remit("eval", self.task, guard, grants, "read", "lab:/a/secret", "--json", code=1)
        self.assertEqual(json.loads(done.out)["layer"], {"index": 1, "kind": "guardrail", "name": "house"})
        self.remit("eval", self.task, guard, grants, "read", "lab:/a/y", code=1)
        self.assertIn("comes first", self.remit("eval", guard, self.task, "read", "lab:/a", code=2).err)

    def test_parameters(self):
        text = "scope t(folder: resource, cap: size)\n" + LAB + "expires 1h\nread $folder when size <= $cap\n"
        words = ["eval", "-e", text, "read", "lab:/q/x", "size=3KB"]
        self.assertIn("--arg folder=", self.remit(*words, code=2).err)
        self.remit(*words, "--arg", "folder=lab:/q", "--arg", "cap=3KB", code=0)
        self.remit(*words, "--arg", "folder=lab:/q", "--arg", "cap=2KB", code=1)
        self.remit(*words, "--arg", "folder=lab:/q", "--arg", "cap=2KB", "--arg", "other=1", code=2)
        self.remit(*words, "--arg", "folder=lab:/q/*", "--arg", "cap=2KB", code=2)

    def test_a_first_request(self):
        text = LAB + "expires 1h\nidle 5m\nread lab:/a at most 0 times\nlist lab:/a at most 1 times\nsend lab:/a after list lab:/a\n"
        for action, code in (("read", 1), ("list", 0), ("send", 1)):
            self.remit("eval", "-e", text, action, "lab:/a", code=code)

    def test_errors_in_documents(self):
        self.assertIn("<text>:", self.remit("eval", "-e", "raed lab:/a", "read", "lab:/a", code=2).err)
        done = self.remit("eval", "-e", "raed lab:/a", "read", "lab:/a", "--json", code=2)
        self.assertTrue(json.loads(done.out)["diagnostics"])


class Run(Case):
    OPEN = {"op": "open", "agent": "spiffe://acme/one", "user": "ann", "now": 0}

    def setUp(self):
        super().setUp()
        self.task = self.file("task.scope", TASK)

    def play(self, lines, *words, code):
        text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
        requests = self.file("requests.jsonl", text)
        done = self.remit("run", self.task, "--requests", requests, *words, code=code)
        if "--summary" not in words:
            done.answers = [json.loads(line) for line in done.out.splitlines()]
        return done

    def check(self, resource, action="read", **more):
        return {"op": "check", "action": action, "resource": resource, "now": 1, **more}

    def test_decisions(self):
        answers = self.play([self.OPEN, self.check("lab:/a"), self.check("lab:/a/hr"), {**self.check("lab:/a"), "op": "would"},
                             self.check("lab:/b", "write", attributes={"size": {"size": 5000}, "region": "eu"}),
                             self.check("lab:/b", "write", attributes={"size": 5000, "region": "eu"}),
                             {"op": "check", "action": "read", "resource_hex": "6c61623a2fff", "now": 1},
                             self.check("lab:/a", now=2 * HOUR), self.check("lab:/a")], code=0).answers
        self.assertEqual(answers[0], {"opened": {"session": "main", "layers": 1}})
        self.assertEqual([a["effect"] for a in answers[1:]],
                         ["allow", "deny", "allow", "allow", "deny", "deny", "deny", "deny"])
        self.assertEqual(answers[2]["rule"], {"file": self.task, "line": 5, "column": 1, "because": "personal files"})
        self.assertEqual(answers[6]["reason"], "malformed_resource")
        self.assertEqual(answers[7]["reason"], "expired")
        self.assertEqual(answers[8]["reason"], "expired")  # time never runs backwards

    def test_identity_is_checked(self):
        done = self.play([{**self.OPEN, "agent": "spiffe://other/one"}], code=1)
        self.assertEqual(done.answers[0]["error"]["code"], "agent_not_allowed")
        done = self.play([{k: v for k, v in self.OPEN.items() if k != "user"}], code=1)
        self.assertEqual(done.answers[0]["error"]["code"], "no_accountable_person")

    def test_several_sessions(self):
        two = {**self.OPEN, "as": "two", "facts": {"user.role": "lead"}}
        ask = self.check("lab:/lead", "list")
        done = self.play([self.OPEN, two, ask, {**ask, "session": "two"}, {**ask, "session": "three"}, two], code=2)
        self.assertEqual([a.get("effect") for a in done.answers], [None, None, "deny", "allow", None, None])
        self.assertEqual(done.answers[4]["error"]["code"], "no_session")

    def test_bad_lines_do_not_stop_the_run(self):
        bad = [
            "not json", "[1]", '{"op":"check"}', '{"op":"nonsense"}', '{"op":"check","op":"check"}', "[" * 100_000,
            '{"op":"check","action":"read","resource":"lab:/a","now":1.5}',
            '{"op":"check","action":"read","resource":"lab:/a","now":1e3}',
            '{"op":"check","action":"read","resource":"lab:/a","now":9223372036854775808}',
            '{"op":"check","action":"read","resource":"lab:/a","now":99999999999999999999999}',
            '{"op":"check","action":"read","resource":"lab:/a","now":1,"atributes":{}}',
            '{"op":"check","action":"read","resource":"lab:/a","now":1,"attributes":{"n":1.0}}',
            '{"op":"check","action":"read","resource":"lab:/a","now":1,"attributes":{"n":{"size":1,"time":1}}}',
            '{"op":"check","action":"read","resource":"lab:/a","now":1,"attributes":{"n":null}}',
            '{"op":"check","action":"read","resource_hex":"6","now":1}', '{"op":"check","a":"\\ud800"}',
            '{"op":"check"} x', '"' + "x" * (17 << 20) + '"',
        ]
        lines = [self.OPEN, "", *bad, self.check("lab:/a")]
        answers = self.play(lines, code=2).answers
        self.assertEqual(len(answers), len(bad) + 2)
        for number, answer in enumerate(answers[1:-1], 3):
            self.assertEqual((answer["error"]["line"], answer["error"]["code"]), (number, "malformed"), answer)
        self.assertEqual(answers[-1]["effect"], "allow")

    def test_a_whole_session(self):
        self.task = self.file("whole.scope", LAB + "expires 1h\ndelegate to spiffe://acme/*\nread lab:/a at most 2 times\nask send lab:/a\n")
        child = self.file("child.scope", LAB + "expires 30m\nread, send lab:/a\n")
        request = lambda action, session="main": {"op": "check", "session": session, "action": action, "resource": "lab:/a"}
        lines = [self.OPEN, request("read"), request("send"), {"op": "approve", "line": 3, "approver": "ann"},
                 request("send"), {"op": "delegate", "as": "sub", "agent": "spiffe://acme/two", "files": [child]},
                 request("read", "sub"), request("read"), {"op": "time", "now": 1_800_000_000}, request("send", "sub"),
                 {"op": "revoke", "session": "sub", "by": "ann", "why": "done"}, request("read", "sub"), {"op": "end"}, request("read")]
        answers = self.play(lines, code=0).answers
        reasons = [answer["reason"] for answer in answers if "reason" in answer]
        self.assertEqual(reasons, ["allowed_by_rule", "asked_by_rule", "granted_by_approval", "allowed_by_rule", "limit_exceeded",
                                   "expired", "revoked", "session_ended"])
        self.assertRegex(answers[2]["approval"], "^[0-9a-f]{32}$")
        self.assertEqual(answers[3]["approved"]["approval"], answers[2]["approval"])
        self.assertEqual(answers[5]["delegated"], {"session": "sub", "layers": 2})

    def test_refusals_are_answers(self):
        lines = [self.OPEN, {"op": "delegate", "as": "sub", "agent": "x", "files": [self.task]},
                 {"op": "approve", "approval": "0" * 32, "approver": "ann"}]
        answers = self.play(lines, code=1).answers
        self.assertEqual([answer["error"]["code"] for answer in answers[1:]], ["no_delegation", "unknown_approval"])

    def test_no_opening(self):
        self.assertEqual(self.play([self.check("lab:/a")], code=2).answers[0]["error"]["code"], "no_session")

    def test_answers_come_line_by_line(self):
        with subprocess.Popen([REMIT, "run", self.task, "--requests", "-"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as process:
            for line in (self.OPEN, self.check("lab:/a")):
                process.stdin.write(json.dumps(line).encode() + b"\n")
                process.stdin.flush()
                self.assertTrue(select.select([process.stdout], [], [], 20)[0], "no answer to a line")
                json.loads(process.stdout.readline())
            process.stdin.close()
            self.assertEqual(process.wait(20), 0)

    def test_summary(self):
        lines = [self.OPEN] + [self.check("lab:/a")] * 150 + [self.check("lab:/a/hr")] * 3 + [self.check("lab:/q")]
        out = self.play(lines, "--summary", code=0).out
        self.assertRegex(out, r"154 decisions in 1 session")
        self.assertRegex(out, r"150  allow +allowed_by_rule +read lab:/a")
        self.assertRegex(out, r"3 .*task.scope:5:1 +read lab:/a/hr")
        self.assertNotIn("decided by", out)  # there is but one document
        self.assertIn("because personal files", out)
        self.assertRegex(out, r"median cost of a decision: \d+ ns")
        self.assertIn("requests.jsonl:2:", self.play([self.OPEN, "x"], "--summary", code=2).err)

    def test_summary_of_several_documents(self):
        policy = self.file("policy.scope", "guardrail policy\n" + LAB + "allow any anything\ndeny read lab:/a/x because \"not x\"\n")
        lines = [self.OPEN] + [self.check("lab:/a")] * 2 + [self.check("lab:/a/x"), self.check("lab:/q")] + [self.check("")] * 3
        out = self.play(lines, policy, "--summary", code=0).out
        self.assertRegex(out, r"2  allow +allowed_by_rule +all documents +read lab:/a\n")
        self.assertRegex(out, r"3  deny +malformed_resource +- +read \"\"\n(.*\n)*.*1  deny +no_matching_rule +scope +read lab:/q\n")
        self.assertRegex(out, r"1  deny +denied_by_rule +guardrail policy +read lab:/a/x\n")
        self.assertRegex(out, r"1  .*policy.scope:4:1 +read lab:/a/x\n +because not x\n")

    def test_images(self):
        image = str(self.folder / "task.remit")
        self.remit("compile", self.task, "-o", image, code=0)
        self.task = image
        self.assertEqual(self.play([self.OPEN, self.check("lab:/a")], code=0).answers[1]["effect"], "allow")


class Tests(Case):
    PASSING = TASK + """
test "what is allowed" with user.role = "lead", agent = "spiffe://other/x" {
  allow read lab:/a/x
  deny  read lab:/a/hr because "personal files"
  deny  read lab:/q because no_matching_rule
  ask   send lab:/a repeat 3
  allow list lab:/lead
  allow write lab:/b with size = 5KB, region = "eu" at 90m
  deny  read lab:/a at 2h because expired
}
"""

    def test_passes(self):
        path = self.file("good.scope", self.PASSING)
        self.assertEqual(self.remit("test", path, code=0).out, "1 passed, 0 failed\n")
        self.assertIn("what is allowed", self.remit("test", "-v", path, code=0).out)

    def test_fails(self):
        path = self.file("bad.scope", TASK + 'test "one" {\n  allow read lab:/q\n}\ntest "two" {\n  deny read lab:/a/hr '
                         'because "other"\n}\ntest "three" {\n  deny read lab:/q because expired\n}\n')
        done = self.remit("test", path, code=1)
        self.assertEqual(done.out.splitlines()[-1], "0 passed, 3 failed")
        self.assertIn("bad.scope:10:", done.err)
        self.assertIn("allow read lab:/q", done.err)
        self.assertIn("^", done.err)
        self.assertRegex(done.err, r"expected allow, got deny, no_matching_rule")
        got = json.loads(self.remit("test", "--json", path, code=1).out)
        self.assertEqual((got["passed"], got["failed"]), (0, 3))
        self.assertEqual(got["tests"][0]["status"], "failed")

    def test_parameters(self):
        text = "scope t(folder: resource)\n" + LAB + "expires 1h\nread $folder\n"
        path = self.file("t.scope", text + 'test "a" with folder = lab:/a { allow read lab:/a/x }\n'
                         'test "b" with folder = lab:/b { deny read lab:/a/x; allow read lab:/b }\n')
        self.assertEqual(self.remit("test", path, code=0).out, "2 passed, 0 failed\n")

    def test_guardrails_and_grants_alone(self):
        for kind in ("guardrail", "grants"):
            path = self.file(f"{kind}.scope", f"{kind} k\n" + LAB + "allow any anything\ndeny write lab:/ because \"no\"\n"
                             'test "t" { allow read lab:/a at 9d; deny create lab:/a because "no"; deny read nolab:/a because '
                             'unknown_system; deny read lab:/.. because malformed_resource }\n')
            self.assertEqual(self.remit("test", path, code=0).out, "1 passed, 0 failed\n")

    def test_state_carries_on(self):
        limit = self.file("limit.scope", LAB + "expires 1h\nread lab:/a at most 3 times\nlist lab:/a\ndeny list lab:/a after read lab:/a/x\n"
                          'test "t" { allow list lab:/a; allow read lab:/a repeat 2; allow read lab:/a/x; deny read lab:/a because limit_exceeded; deny list lab:/a }\n'
                          'test "u" { allow read lab:/a repeat 4 }\n')
        approve = self.file("approve.scope", LAB + 'expires 1h\nask read lab:/a\ntest "t" {\n  ask read lab:/a\n  approve\n'
                            "  allow read lab:/a because granted_by_approval\n  ask read lab:/a\n}\n")
        done = self.remit("test", limit, approve, code=1)
        self.assertEqual(done.out.splitlines()[-1], "2 passed, 1 failed")
        self.assertIn("at the 4. time", done.err)

    def test_coverage(self):
        module = "expires 1h\nlist lab:/never\n"
        self.file("modules/mine.scope", module)
        text = (LAB + "use mine\nexpires 1h\n"
                "read lab:/a\n"                                      # 4
                "read lab:/a/b at most 2 times\n"                     # 5: always behind line 4; its limit has no room at the end
                "write lab:/w at most 3 times\n"                      # 6: its limit is never met
                "deny read lab:/a/hr\n"                               # 7
                "ask send lab:/s\n"                                   # 8
                "limit read lab:/l to 2 times\n"                      # 9
                "send lab:/q  # allow: untested-rule\n"               # 10
                "send lab:/r,\n  lab:/t\n")                            # 11
        test = ('test "t" { allow read lab:/a/b repeat 2; deny read lab:/a/b because limit_exceeded; allow write lab:/w with size = 1KB; '
                "deny read lab:/a/hr; ask send lab:/s; deny list lab:/x }\n")
        path = self.file("c.scope", text + test)
        done = self.remit("test", "--coverage", "--module-path", "modules", path, code=0)
        self.assertEqual(done.out, "1 passed, 0 failed\n")
        found = re.findall(r"c\.scope:(\d+):(\d+): warning\[untested-rule\]: (.*)", done.err)
        self.assertEqual(found, [("5", "1", "no test reaches this rule"), ("6", "14", "no test comes to the end of this `at most`"),
                                 ("9", "7", "no test comes to the end of this limit"), ("11", "1", "no test reaches this rule")])
        got = json.loads(self.remit("test", "--coverage", "--json", "--module-path", "modules", path, code=0).out)
        self.assertEqual([one["line"] for one in got["diagnostics"] if one["code"] == "untested-rule"], [5, 6, 9, 11])
        # Only where it is asked for, and only of tested documents.
        self.assertEqual(self.remit("test", "--module-path", "modules", path, code=0).err, "")
        self.assertEqual(self.remit("test", "--coverage", "--module-path", "modules", self.file("d.scope", text), code=0).err, "")

    def test_folders(self):
        self.file("tree/a.scope", self.PASSING)
        self.file("tree/deep/b.scope", self.PASSING)
        self.file("tree/.hidden/c.scope", "nonsense")
        self.file("tree/notes.txt", "nonsense")
        self.assertEqual(self.remit("test", "tree", code=0).out, "2 passed, 0 failed\n")
        self.remit("test", "nowhere", code=2)

    def test_a_document_that_does_not_compile(self):
        self.assertIn("error", self.remit("test", self.file("x.scope", "raed lab:/a\n"), code=2).err)


class Compile(Case):
    def test_same_bytes(self):
        task = self.file("task.scope", TASK)
        for name in ("one.remit", "two.remit"):
            self.remit("compile", "task.scope", "-o", name, code=0)
        one = (self.folder / "one.remit").read_bytes()
        self.assertEqual(one, (self.folder / "two.remit").read_bytes())
        self.assertEqual(self.remit("disasm", "one.remit", code=0).out, self.remit("dump", "--stage", "image", "task.scope", code=0).out)
        self.assertTrue(self.remit("eval", "one.remit", "read", "lab:/a/hr", code=1).out)
        self.assertTrue(task)

    def test_errors_leave_the_old_image(self):
        out = pathlib.Path(self.file("out.remit", "old"))
        self.remit("compile", self.file("bad.scope", "raed lab:/a\n"), "-o", str(out), code=2)
        self.remit("compile", self.file("open.scope", "scope t(p: resource)\n" + LAB + "expires 1h\nread $p\n"), "-o", str(out), code=2)
        self.assertEqual(out.read_text(), "old")
        self.remit("compile", self.file("task.scope", TASK), "-o", str(self.folder / "no" / "such" / "x.remit"), code=2)
        self.remit("compile", self.file("task.scope", TASK), "-o", "/dev/null", code=0)
        self.assertFalse(os.path.isfile("/dev/null"))

    def test_damaged_images(self):
        self.file("task.scope", TASK)
        self.remit("compile", "task.scope", "-o", "task.remit", code=0)
        whole = (self.folder / "task.remit").read_bytes()
        for damaged in (b"", b"x", whole[:-1], whole[:100] + b"\xff" + whole[101:], whole + b"\0"):
            self.file("bad.remit", damaged)
            self.remit("disasm", "bad.remit", code=2)
            self.remit("eval", "bad.remit", "read", "lab:/a", code=2)

    def test_dumps(self):
        self.file("task.scope", TASK)
        for stage in ("syntax", "check", "image"):
            self.assertTrue(self.remit("dump", "--stage", stage, "task.scope", code=0).out)
        self.remit("dump", "--stage", "syntax", "-", stdin="read (\n", code=2)


class Conform(Case):
    def case(self, **changes):
        expect = {"effect": "deny", "reason": "denied_by_rule", "line": 5, "column": 1, "layer": 0,
                  "because": "personal files", "check": ["effect", "reason", "rule", "layer"]}
        return {
            "id": "c", "memory": False, "documents": [{"kind": "scope", "text": TASK}],
            "session": {"layers": [0], "now": 0, "agent": "spiffe://acme/a", "user": "ann", "expect": {"ok": True}},
            "steps": [{"op": "check", "action": "read", "resource": "lab:/a/hr", "now": 1, "expect": {**expect, **changes}}]}

    def conform(self, *cases, code, words=()):
        path = self.file("cases.jsonl", "".join(json.dumps(case) + "\n" for case in cases))
        return self.remit("conform", path, *words, code=code)

    def test_agreement(self):
        done = self.conform(self.case(), {**self.case(), "memory": True}, code=0)
        self.assertEqual(done.out.splitlines()[-1], "2 passed, 0 failed")
        self.assertEqual(self.conform(self.case(), code=0).out, "1 passed, 0 failed\n")

    def test_every_checked_field_counts(self):
        for change in ({"effect": "allow"}, {"reason": "expired"}, {"line": 4}, {"column": 2}, {"line": None, "column": None},
                       {"because": "other"}, {"file": "x/y.scope"}):
            done = self.conform(self.case(**change), code=1)
            self.assertEqual(done.out.splitlines()[-1], "0 passed, 1 failed")
            self.assertIn("step 0: check read lab:/a/hr", done.out)
            self.assertIn("expected", done.out)
        self.conform(self.case(effect="allow", check=["reason"]), code=0)  # what is not named is not compared

    def test_opening_counts(self):
        case = self.case()
        case["session"]["agent"] = "spiffe://other/a"
        self.assertIn("agent_not_allowed", self.conform(case, code=1).out)
        case["session"]["expect"]["ok"] = False
        case["steps"] = []
        self.conform(case, code=0)

    def test_tests_count(self):
        case = self.case()
        case["documents"][0]["text"] += 'test "t" { allow read lab:/a }\ntest "u" { allow read lab:/q }\n'
        case["tests"] = [{"document": 0, "name": "t", "passes": True}, {"document": 0, "name": "u", "passes": False}]
        self.conform(case, code=0)
        case["tests"][1]["passes"] = True
        self.assertIn("test u", self.conform(case, code=1).out)

    def test_invalid_documents(self):
        case = {"id": "i", "text": LAB + "expires 1h\nraed lab:/a\n", "line_min": 3, "col_min": 1, "line_max": 3, "col_max": 4,
                "keywords": [["RAED", "action"]], "contested": False}
        self.conform(case, code=0)
        for change in ({"line_max": 2, "line_min": 2}, {"keywords": [["zebra"]]}, {"text": TASK}):
            self.conform({**case, **change}, code=1)
            done = self.conform({**case, **change, "contested": True}, code=0)
            self.assertIn("contested", done.out)

    def test_json_and_bad_lines(self):
        got = json.loads(self.conform(self.case(line=4), code=1, words=["--json"]).out)
        self.assertEqual((got["passed"], got["failed"]), (0, 1))
        self.assertEqual(got["cases"][0]["mismatches"][0]["field"], "rule")
        self.assertIn("not a case", self.conform(["x"], self.case(), code=2).err)


def main():
    global REMIT
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    arguments, rest = parser.parse_known_args()
    REMIT = str((arguments.build / "bin" / "remit").resolve())
    if not os.path.exists(REMIT):
        print("the command was not built", file=sys.stderr)
        return 1
    result = unittest.main(argv=[sys.argv[0], *rest], exit=False).result
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed")
    return 1 if bad or result.testsRun == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
