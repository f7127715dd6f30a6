#!/usr/bin/env python3
"""Runs the built `remit` command on whole sessions and cases: run, test and conform."""
import json
import re
import select
import subprocess
import sys

from tools_support import HOUR, LAB, TASK, Case, main


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
        with subprocess.Popen([self.command, "run", self.task, "--requests", "-"], stdin=subprocess.PIPE,
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


if __name__ == "__main__":
    sys.exit(main())
