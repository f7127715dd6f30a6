#!/usr/bin/env python3
"""`remit audit show`: every record's sentence, filters against a second implementation, names that try to be something else, following."""
import argparse
import json
import os
import pathlib
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

import audit_sessions as sessions

OPTIONS, REMIT = None, "remit"
# What acts on a terminal, hides, or begins a line of its own.
UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class Text(str):
    """What was printed; its lines end at line ends alone, not at all that Unicode has for the purpose."""

    def splitlines(self):
        return self.split("\n")[:-1]


class Show(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = pathlib.Path(self.temporary.name)
        sessions.write_documents(self.folder)

    def show(self, *words, code=0):
        done = subprocess.run([REMIT, "audit", "show", *words], cwd=self.folder, capture_output=True, timeout=120)
        self.assertEqual(done.returncode, code, f"{words}\n{done.stdout.decode()}\n{done.stderr.decode()}")
        return Text(done.stdout.decode()) if code == 0 else done.stderr.decode()

    def story(self, seed, steps=400, hostile=False):
        sessions.record(REMIT, self.folder, sessions.random_story(random.Random(seed), steps, hostile))
        return [json.loads(body) for _, _, body in sessions.bodies(self.folder / "trail.db")]

    def test_the_sentence(self):
        (self.folder / "triage.scope").write_text('scope triage\nexpires 2h\non behalf of *\ncreate cases:/Y\nask read cases:/Y because "look twice"\n'
                                                  'deny delete cases: because "nothing goes"\n')
        lines = [{"op": "open", "agent": "ticket-creation-agent", "user": "Mike", "now": sessions.START},
                 {"op": "check", "action": "create", "resource": "cases:/Y/X"},
                 {"op": "check", "action": "delete", "resource": "cases:/Y/X", "now": sessions.START + 1},
                 {"op": "check", "action": "list", "resource": "cases:/Z"},
                 {"op": "check", "action": "read", "resource": "cases:/Y/X"},
                 {"op": "approve", "line": 5, "approver": "ann@acme.example"},
                 {"op": "check", "action": "read", "resource": "cases:/Y/X"},
                 {"op": "delegate", "agent": "b", "files": ["helper.scope"], "as": "sub"},
                 {"op": "revoke", "by": "Ann", "why": "done"},
                 {"op": "open", "as": "two", "agent": "ticket-creation-agent", "user": "Mike", "now": sessions.START},
                 {"op": "end", "session": "two"},
                 {"op": "open", "as": "three", "agent": "x"}]
        answers = sessions.record(REMIT, self.folder, lines, documents=["triage.scope"])
        ask = answers[4]["approval"]
        shown = self.show("trail.db").splitlines()
        at = "at 2026-11-23T09:14:07Z"
        later = "at 2026-11-23T09:14:07.000001Z"
        who = "ticket-creation-agent, on behalf of Mike,"
        self.assertRegex(shown[0], rf"^{who} opened a session {at} \(session [0-9a-f]{{32}}\)$")
        self.assertEqual(shown[1:7], [
            f"{who} created cases:/Y/X {at} (allowed by triage.scope:4)",
            f'{who} was not allowed to delete cases:/Y/X {later} (denied_by_rule at triage.scope:6, because "nothing goes")',
            f"{who} was not allowed to list cases:/Z {later} (no_matching_rule in scope triage)",
            f'{who} asked to read cases:/Y/X {later} (asked_by_rule at triage.scope:5, because "look twice"; ask {ask})',
            f"ann@acme.example approved that {who} may read cases:/Y/X {later} (approval {ask})",
            f"{who} read cases:/Y/X {later} (granted by approval {ask})"])
        self.assertRegex(shown[7], rf"^b, on behalf of Mike, was refused a sub-session {later} \(no_delegation: .*\)$")
        self.assertRegex(shown[8], rf'^Ann revoked the session of {who} {later} \(session [0-9a-f]{{32}}, "done"\)$')
        self.assertRegex(shown[9], r"\[the clock had gone back by 1 microseconds\]$")
        self.assertRegex(shown[10], rf"^{who} ended its session {at} \(session [0-9a-f]{{32}}\)")
        self.assertRegex(shown[11], rf"^x, on behalf of nobody, was refused a session {at} \(user_not_allowed: .*\)")

    def test_every_record_is_one_sentence_with_both_names(self):
        kinds = set()
        for seed in range(3):
            with self.subTest(seed=seed):
                for old in self.folder.glob("trail.db*"):
                    old.unlink()
                records = self.story(seed)
                shown = self.show("trail.db").splitlines()
                self.assertEqual(len(shown), len(records))
                for line, one in zip(shown, records):
                    for name in (one.get("agent"), one.get("on_behalf_of"), one.get("resource"), one.get("by")):
                        if name and sessions_plain(name):
                            self.assertIn(name, line)
                    self.assertNotIn("unknown kind", line)
                kinds |= {one["kind"] for one in records}
        self.assertGreaterEqual(kinds, {"opening", "refusal", "delegation", "decision", "approval", "revocation", "end"})

    def test_names_cannot_fool_a_terminal_or_a_reader(self):
        records = self.story(7, hostile=True)
        names = {one.get("agent") for one in records} | {one.get("on_behalf_of") for one in records}
        self.assertGreater(len(names & set(sessions.HOSTILE)), 5)
        for words in ((), ("--table",)):
            shown = self.show("trail.db", *words)
            self.assertIsNone(UNSAFE.search(shown))
            self.assertEqual(len(shown.splitlines()), len(records) + (words != ()))
        for line, one in zip(self.show("trail.db").splitlines(), records):
            if one["kind"] != "decision":
                continue
            # The first comma outside quotes ends the agent's name: what it calls itself cannot write the sentence.
            bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', line)
            self.assertRegex(bare, r'^[^\s,]+, on behalf of [^\s,]+, (was not allowed to|asked to|\w+) ')

    def test_filters(self):
        records, chosen = self.story(3, 600), random.Random(3)
        fields = {"--agent": "agent", "--on-behalf-of": "on_behalf_of", "--sponsor": "sponsor", "--action": "action", "--effect": "effect",
                  "--reason": "reason", "--kind": "kind", "--session": "session"}
        seen = 0
        for _ in range(60):
            words, wanted = [], records
            for option, member in chosen.sample(sorted(fields.items()), chosen.randrange(3)):
                there = sorted({one[member] for one in records if member in one})
                if not there:
                    continue
                values = chosen.sample(there, min(len(there), chosen.randrange(1, 3)))
                if option == "--session":
                    values = [value[:chosen.choice([4, 32])] for value in values]
                    wanted = [one for one in wanted if any(one.get("session", "").startswith(value) for value in values)]
                else:
                    wanted = [one for one in wanted if one.get(member) in values]
                for value in values:
                    words += [option, value]
            if chosen.random() < 0.4:
                prefix = chosen.choice(["docs:/clinical/A", "docs:/clinical/", "ws:", "docs:/clinical/A/x/p.pdf", "cases:/Y/Z"])
                words += ["--resource", prefix]
                wanted = [one for one in wanted if covered(one.get("resource"), prefix)]
            if chosen.random() < 0.3:
                system = chosen.choice(["docs", "mail"])
                words += ["--system", system]
                wanted = [one for one in wanted if str(one.get("resource", "")).startswith(system + ":")]
            if chosen.random() < 0.4:
                times = sorted(one["time"] for one in records)
                since, until = sorted(chosen.sample(times, 2))
                words += ["--since", since, "--until", until]
                wanted = [one for one in wanted if since <= one["time"] < until]
            self.assertEqual([json.loads(line)["seq"] for line in self.show("trail.db", "--json", *words).splitlines()], [one["seq"] for one in wanted], words)
            seen += len(wanted)
            last = chosen.randrange(1, 9)
            self.assertEqual([json.loads(line)["seq"] for line in self.show("trail.db", "--json", "--limit", str(last), *words).splitlines()],
                             [one["seq"] for one in wanted][-last:])
        self.assertGreater(seen, 200)

    def test_json_is_the_records_as_they_are(self):
        self.story(11)
        self.assertEqual(self.show("trail.db", "--json").splitlines(), [body for _, _, body in sessions.bodies(self.folder / "trail.db")])

    def test_since_how_long_ago(self):
        now = int(time.time() * 1e6)
        hour = 3600 * sessions.SECOND
        sessions.record(REMIT, self.folder, [{"op": "open", "agent": "a-agent", "user": "Mike", "now": now - 2 * hour},
                                             {"op": "check", "action": "list", "resource": "docs:/clinical/A/x", "now": now - hour},
                                             {"op": "check", "action": "read", "resource": "docs:/clinical/A/x", "now": now - hour // 4}])
        self.assertEqual(len(self.show("trail.db", "--since", "3h").splitlines()), 3)
        self.assertEqual(len(self.show("trail.db", "--since", "90m").splitlines()), 2)
        self.assertIn("to read", self.show("trail.db", "--since", "30m"))
        self.assertEqual(self.show("trail.db", "--since", "30m", "--until", "20m"), "")

    def test_following(self):
        opened = {"op": "open", "agent": "a-agent", "user": "Mike", "now": sessions.START}
        check = {"op": "check", "action": "read", "resource": "docs:/clinical/A/x"}
        sessions.record(REMIT, self.folder, [opened, check])
        with subprocess.Popen([REMIT, "audit", "show", "trail.db", "--follow", "--kind", "decision"], cwd=self.folder, stdout=subprocess.PIPE, text=True) as following:
            try:
                self.assertIn("docs:/clinical/A/x", following.stdout.readline())
                for name in ("y", "z"):
                    sessions.record(REMIT, self.folder, [opened, {**check, "resource": f"docs:/clinical/A/{name}"}])
                    self.assertIn(f"read docs:/clinical/A/{name} at", following.stdout.readline())
            finally:
                following.terminate()

    def test_a_text_that_retention_removed(self):
        records = self.story(4, 60)
        break_record(self.folder / "trail.db", 5, None)
        shown = self.show("trail.db").splitlines()
        self.assertEqual(len(shown), len(records))
        self.assertRegex(shown[4], rf"^the text of record 5, a {records[4]['kind']} at 2026-11-2.*, went as retention says$")
        self.assertEqual(len(self.show("trail.db", "--json").splitlines()), len(records) - 1)
        self.show("trail.db", "--table")

    def test_no_trail_makes_a_command_crash(self):
        """Records of any form at all: members of other types, missing, strange. Answered or refused, never more."""
        self.story(13, 150, hostile=True)
        original, chosen = (self.folder / "trail.db").read_bytes(), random.Random(13)
        strange = [None, True, -1, 1 << 63, 1.5, "", "\u202e", "x" * 5000, [], [[]], {}, {"sha256": 5}, {"bytes": -1}, {"size": "99999999999999999999"}, [1, "a", None], "decision",
                   "opening", "9999-12-31T23:59:59.999999Z", "-9223372036854775808", {"time": 1 << 62}, "0" * 32]
        codes = set()
        for _ in range(25):
            (self.folder / "trail.db").write_bytes(original)

            def damage(one):
                if chosen.random() > 0.2:
                    return None
                name = chosen.choice([*one, "sealed", "charges", "rule", "opened", "approval", "request", "programs", "attributes", "trigger", "habit"])
                inner = one.get(name)
                if isinstance(inner, dict) and inner and chosen.random() < 0.5:
                    inner = {**inner, chosen.choice([*inner]): chosen.choice(strange)}
                elif chosen.random() < 0.2 and name in one:
                    return {member: value for member, value in one.items() if member != name}
                else:
                    inner = chosen.choice(strange)
                return {**one, name: inner}
            sessions.rewrite(self.folder / "trail.db", damage)
            for words in (("show",), ("show", "--table"), ("show", "--session", "0"), ("replay",), ("replay", "--with", "helper.scope"), ("replay", "--json"),
                          *(("export", "--format", form) for form in ("ocsf", "fhir", "cloudevents", "otlp"))):
                done = subprocess.run([REMIT, "audit", words[0], "trail.db", *words[1:]], cwd=self.folder, capture_output=True, timeout=60)
                self.assertIn(done.returncode, (0, 1, 2), f"{words}\n{done.stderr.decode()[-2000:]}")
                self.assertNotIn(b"runtime error", done.stderr)  # a sanitizer's word, whose exit code is 1 too
                self.assertNotIn(b"Sanitizer", done.stderr)
                if done.returncode == 2:
                    self.assertIn(b"record ", done.stderr)
                codes.add((words[0], done.returncode))
        self.assertGreaterEqual(codes, {("show", 0), ("replay", 1), ("export", 0)})

    def test_the_example(self):
        example = OPTIONS.source / "examples" / "audit-trail"
        environment = {**os.environ, "PATH": f"{pathlib.Path(REMIT).parent}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}
        done = subprocess.run([str(example / "run")], capture_output=True, timeout=120, text=True, env=environment)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for text in ("created cases:/Y/X", "13  as recorded", "record_edited", "not the same: effect"):
            self.assertIn(text, done.stdout)
        documents = [str(one) for one in sorted(example.glob("*.scope"))]
        self.assertEqual(subprocess.run([REMIT, "fmt", "--check", *documents], timeout=60).returncode, 0)
        tested = subprocess.run([REMIT, "test", *documents], capture_output=True, timeout=60, text=True)
        self.assertIn("5 passed, 0 failed", tested.stdout)

    def test_bad_input(self):
        self.story(1, 30)
        self.assertIn("did you mean `deny`", self.show("trail.db", "--effect", "denny", code=2))
        self.assertIn("did you mean `denied_by_rule`", self.show("trail.db", "--reason", "denied_by_role", code=2))
        self.assertIn("did you mean `decision`", self.show("trail.db", "--kind", "decison", code=2))
        self.assertIn("hexadecimal", self.show("trail.db", "--session", "main", code=2))
        self.assertIn("2026-12-01T09:00Z", self.show("trail.db", "--since", "yesterday", code=2))
        self.assertIn("missing.db", self.show("missing.db", code=2))
        (self.folder / "text.db").write_text("no database")
        self.assertIn("text.db", self.show("text.db", code=2))
        for broken in ("[1]", "{", '{"a":1,"a":2}', '{"a":' + "[" * 100 + "]" * 100 + "}"):
            break_record(self.folder / "trail.db", 3, broken)
            self.assertIn("record 3", self.show("trail.db", code=2))
        break_record(self.folder / "trail.db", 3, '{"kind":5,"agent":[],"rule":3,"layer":[],"chain":{},"time":{},"seq":3}')
        self.assertIn("unknown kind", self.show("trail.db"))
        self.show("trail.db", "--table")


def break_record(path, seq, body):
    with sqlite3.connect(path) as database:
        for (name,) in list(database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")):
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE records SET body = ? WHERE seq = ?", (body, seq))


def sessions_plain(name):
    return isinstance(name, str) and not re.search(r'[^\x21-\x7e]|[",();]', name)


def covered(resource, prefix):
    if not isinstance(resource, str) or not resource.startswith(prefix):
        return False
    return resource == prefix or prefix[-1] in "/:" or resource[len(prefix)] == "/"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    OPTIONS, rest = parser.parse_known_args()
    REMIT = str((OPTIONS.build / "bin" / "remit").resolve())
    result = unittest.main(argv=[sys.argv[0], *rest], exit=False, verbosity=1).result
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed or result.testsRun == 0 else 0)
