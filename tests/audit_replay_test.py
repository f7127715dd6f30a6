#!/usr/bin/env python3
"""`remit audit replay`: what was recorded is decided again alike, whatever was tampered with is found, and other documents decide as they do."""
import argparse
import json
import pathlib
import random
import sqlite3
import subprocess
import sys
import tempfile
import unittest

import audit_sessions as sessions

OPTIONS, REMIT = None, "remit"
STRICTER = sessions.DOCUMENTS["task.scope"].replace("read, list docs:/clinical/A except docs:/clinical/A/hr at most 9 times per 20m", "read docs:/clinical/A/x at most 3 times") \
    .replace("size <= 5MB", "size <= 1MB").replace("create cases:/Y\n", "ask create cases:/Y\n")
WIDER = sessions.DOCUMENTS["task.scope"].replace(" except docs:/clinical/A/hr at most 9 times per 20m", "").replace("idle 50m\n", "").replace(" after read docs:/clinical/A/secret", "")
NO_SHARING = 'guardrail no_cases\nallow any anything\ndeny any cases: because "not now"\n'


class Replay(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = pathlib.Path(self.temporary.name)
        self.trail = self.folder / "trail.db"
        sessions.write_documents(self.folder)

    def story(self, seed, steps=500):
        for old in self.folder.glob("trail.db*"):
            old.unlink()
        lines = sessions.random_story(random.Random(seed), steps)
        self.answers = sessions.record(REMIT, self.folder, lines)
        return lines

    def records(self):
        return [json.loads(body) for _, _, body in sessions.bodies(self.trail) if body]

    def replay(self, *words, code=0):
        """(lines, summary)"""
        done = subprocess.run([REMIT, "audit", "replay", "trail.db", "--json", *words], cwd=self.folder, capture_output=True, timeout=300)
        self.assertEqual(done.returncode, code, done.stdout.decode()[-3000:] + done.stderr.decode())
        found = [json.loads(line) for line in done.stdout.splitlines()]
        return found[:-1], found[-1]["summary"]

    def test_what_was_recorded_is_decided_alike(self):
        reasons, kinds = set(), set()
        for seed in range(8):
            with self.subTest(seed=seed):
                self.story(seed)
                records = self.records()
                lines, summary = self.replay()
                counted = [one for one in records if one["kind"] in ("opening", "refusal", "delegation", "decision", "approval")]
                # What rests on more than the record has is said to be so: a refused delegation alone, here.
                open_ones = [line for line in lines if line["verdict"] == "undecidable"]
                self.assertEqual(len(open_ones), len([one for one in records if one["kind"] == "refusal" and "parent" in one]))
                self.assertEqual((summary["records"], summary["differ"], summary["undecidable"]), (len(counted), 0, len(open_ones)))
                self.assertEqual(summary["kinds"]["decision"], len([one for one in records if one["kind"] == "decision"]))
                reasons |= {one["reason"] for one in records if one["kind"] == "decision"}
                kinds |= {one["kind"] for one in records}
        self.assertGreaterEqual(reasons, {"allowed_by_rule", "granted_by_approval", "asked_by_rule", "denied_by_rule", "no_matching_rule", "limit_exceeded", "limit_unmeasurable",
                                          "malformed_resource", "unknown_system", "unknown_action", "revoked", "session_ended", "idle_expired"})
        self.assertGreaterEqual(kinds, {"opening", "refusal", "delegation", "decision", "approval", "revocation", "end"})

    def test_a_tampered_record_is_found(self):
        self.story(21)
        original, chosen, tried = self.trail.read_bytes(), random.Random(21), 0
        decisions = [one for one in self.records() if one["kind"] == "decision"]
        tampers = {
            "effect": lambda one: {**one, "effect": chosen.choice([effect for effect in ("allow", "ask", "deny") if effect != one["effect"]])},
            "reason": lambda one: {**one, "reason": "no_matching_rule" if one["reason"] != "no_matching_rule" else "denied_by_rule"},
            "line": lambda one: {**one, "rule": {**one["rule"], "line": one["rule"]["line"] + 1}} if "rule" in one else None,
            "because": lambda one: {**one, "rule": {**one["rule"], "because": "he said so"}} if "rule" in one else None,
            "layer": lambda one: {**one, "layer": {**one["layer"], "name": "another"}} if "layer" in one else None,
            "no rule": lambda one: {name: value for name, value in one.items() if name != "rule"} if "rule" in one else None,
            "resource": lambda one: {**one, "resource": "docs:/clinical/A/hr/pay.csv"} if one["effect"] == "allow" and one["action"] in ("write", "create") else None,
        }
        for name, tamper in tampers.items():
            for one in chosen.sample(decisions, len(decisions)):
                changed = tamper(one)
                if changed is None:
                    continue
                with self.subTest(tamper=name, seq=one["seq"]):
                    self.trail.write_bytes(original)
                    sessions.rewrite(self.trail, lambda record: changed if record["seq"] == one["seq"] else None)
                    lines, _ = self.replay(code=1)
                    self.assertIn(one["seq"], [line["seq"] for line in lines if line["verdict"] == "differs"])
                tried += 1
                if tried % 6 == 0:
                    break
        self.assertGreater(tried, 20)

    def test_other_facts_of_an_opening_are_found(self):
        (self.folder / "facts.scope").write_text('expires 1h\nread docs:/a when user.role == "lead"\nread docs:/b when agent == "one"\n')
        opened = {"op": "open", "agent": "one", "user": "Mike", "facts": {"user.role": "lead"}, "now": sessions.START}
        sessions.record(REMIT, self.folder, [opened, {"op": "check", "action": "read", "resource": "docs:/a"}, {"op": "check", "action": "read", "resource": "docs:/b"}],
                        documents=["facts.scope"])
        self.replay()
        original = self.trail.read_bytes()
        for change in ({"opened": {"facts": {"user.role": "clerk"}}}, {"agent": "two", "chain": ["two"]}):
            self.trail.write_bytes(original)
            sessions.rewrite(self.trail, lambda one: {**one, **change} if one["kind"] == "opening" else None)
            lines, _ = self.replay(code=1)
            self.assertEqual(len(lines), 1)

    def test_standing_authorizations_and_identities_that_were_completed(self):
        (self.folder / "nightly.scope").write_text('expires 1h\nsponsor ann@acme.example\nreview every 30d\ntrigger schedule "0 3 * * *"\nread docs:/a when trigger == "0 3 * * *"\n'
                                                   'read docs:/b when sponsor == "ann@acme.example"\n')
        day = 24 * 3600 * sessions.SECOND
        opened = {"op": "open", "agent": "sync", "last_review": sessions.START - day, "trigger": ["schedule", "0 3 * * *"], "now": sessions.START}
        reads = [{"op": "check", "action": "read", "resource": f"docs:/{name}"} for name in "ab"]
        sessions.record(REMIT, self.folder, [opened, *reads, {**opened, "as": "late", "last_review": sessions.START - 31 * day}, {**opened, "as": "other", "trigger": ["event", "x"]}],
                        documents=["nightly.scope"])
        lines, summary = self.replay()
        # The trail does not say when a refused one was last reviewed.
        self.assertEqual([(line["seq"], line["verdict"], line["recorded"]["reason"]) for line in lines], [(4, "undecidable", "review_overdue"), (5, "undecidable", "wrong_trigger")])
        self.assertEqual((summary["records"], summary["same"]), (5, 3))
        original = self.trail.read_bytes()
        for change in ({"opened": {}}, {"trigger": {"kind": "event", "text": "0 3 * * *"}}, {"opened": {"last_review": {"time": sessions.START - 40 * day}}}):
            self.trail.write_bytes(original)
            sessions.rewrite(self.trail, lambda one: {**one, **change} if one["kind"] == "opening" else None)
            self.assertEqual(self.replay(code=1)[0][0]["seq"], 1)
        # A user's token with no actor: opened where the host had named the agent, refused where not.
        self.trail.unlink()
        sessions.record(REMIT, self.folder, [{"op": "open", "agent": "a-agent", "user": "Mike", "now": sessions.START}])
        habit = {"habit": "impersonation", "opened": {"identity_expires": {"time": sessions.START + day}}}
        refused = {"kind": "refusal", "reason": "impersonation", "on_behalf_of": "Mike", "habit": "impersonation", "why": "no agent"}
        self.assertEqual(len(self.records()), 1)
        sessions.rewrite(self.trail, lambda one: {**one, **habit})
        self.assertEqual(self.replay()[1]["same"], 1)
        expired = {"opened": {"identity_expires": {"time": sessions.START}}}
        sessions.rewrite(self.trail, lambda one: {**one, **expired})
        self.assertEqual(self.replay(code=1)[0][0]["decided"]["reason"], "identity_expired")
        sessions.rewrite(self.trail, lambda one: {**{name: one[name] for name in ("seq", "time", "programs", "v")}, **refused})
        self.assertEqual(self.replay()[1]["same"], 1)
        sessions.rewrite(self.trail, lambda one: {**one, "habit": "unaccountable"})
        self.assertEqual(self.replay(code=1)[1]["differ"], 1)

    def test_an_approval_is_of_the_exact_request(self):
        lines = [{"op": "open", "agent": "a-agent", "user": "Mike", "now": sessions.START},
                 {"op": "check", "action": "send", "resource": "mail:bob@acme.example"},
                 {"op": "approve", "line": 2, "approver": "ann@acme.example"},
                 {"op": "check", "action": "send", "resource": "mail:bob@acme.example"}]
        sessions.record(REMIT, self.folder, lines)
        self.assertEqual(self.replay()[1]["differ"], 0)
        original = self.trail.read_bytes()
        for kind, change in (("decision", {"request": "0" * 64}), ("decision", {"resource": "mail:eve@acme.example"}), ("approval", {"by": "a-agent"})):
            self.trail.write_bytes(original)
            sessions.rewrite(self.trail, lambda one: {**one, **change} if one["kind"] == kind and one["seq"] in (2, 3) else None)
            self.assertGreater(self.replay(code=1)[1]["differ"], 0)

    def test_what_was_sealed_and_mattered_is_not_decidable(self):
        (self.folder / "sealed.scope").write_text('expires 1h\nread docs:/a when label == "open"\nread docs:/b, docs:/c\ndeny read docs:/c when label == "x"\n'
                                                  'system docs "d" {\n  action read\n  attribute label: string\n  attribute size: size\n}\nlimit read docs:/a to 3 times\n')
        request = lambda name, label: {"op": "check", "action": "read", "resource": f"docs:/{name}", "attributes": {"label": label}}
        lines = [{"op": "open", "agent": "a", "user": "Mike", "now": sessions.START}, request("b", "x"), request("zz", "x"), request("c", "y"), request("a", "open"), request("a", "shut")]
        sessions.record(REMIT, self.folder, lines, documents=["sealed.scope"])
        self.assertEqual(self.replay()[1]["undecidable"], 0)

        def seal(one):
            if one["kind"] != "decision":
                return None
            sealed = {name: value for name, value in one.items() if name != "attributes"}
            return {**sealed, "sealed": {"label": "0" * 64}}
        sessions.rewrite(self.trail, seal)
        found, summary = self.replay()
        # docs:/b is allowed and docs:/zz denied whatever the label is; what the others came to, the label decided.
        self.assertEqual({line["seq"] for line in found}, {4, 5, 6})
        self.assertEqual((summary["undecidable"], summary["differ"]), (3, 0))
        # And where no label could have led to it, an effect is a difference all the same.
        sessions.rewrite(self.trail, lambda one: {**one, "effect": "allow"} if one["seq"] == 3 else None)
        found, _ = self.replay(code=1)
        self.assertEqual([line["seq"] for line in found if line["verdict"] == "differs"], [3])

    def test_records_of_several_threads_need_not_stand_in_order(self):
        (self.folder / "once.scope").write_text("expires 1h\nread docs:/a at most 2 times\nread docs:/b\nsend mail:\ndeny send mail: after read docs:/b\n")
        ask = lambda action, resource: {"op": "check", "action": action, "resource": resource}
        lines = [{"op": "open", "agent": "a", "user": "Mike", "now": sessions.START}, ask("read", "docs:/a"), ask("read", "docs:/a"), ask("read", "docs:/a"),
                 ask("read", "docs:/b"), ask("send", "mail:x@y.example")]
        effects = [answer.get("effect") for answer in sessions.record(REMIT, self.folder, lines, documents=["once.scope"])]
        self.assertEqual(effects[1:], ["allow", "allow", "deny", "allow", "deny"])
        records = {one["seq"]: one for one in self.records()}
        original = self.trail.read_bytes()
        for order in ([1, 4, 2, 3, 5, 6], [1, 2, 4, 3, 6, 5], [1, 6, 4, 3, 2, 5]):
            self.trail.write_bytes(original)
            sessions.rewrite(self.trail, lambda one: {**records[order[one["seq"] - 1]], "seq": one["seq"]})
            self.assertEqual(self.replay()[1]["same"], 6)
        # But a denial for want of room that nobody took is a difference, and so is what it came to then.
        sessions.rewrite(self.trail, lambda one: {**one, "action": "list"} if one["seq"] == 3 else None)
        lines, _ = self.replay(code=1)
        self.assertTrue(all(line["verdict"] == "differs" for line in lines) and lines)

    def test_what_was_given_back_is_there_again(self):
        (self.folder / "once.scope").write_text("expires 1h\nread docs:/a at most 1 times\n")
        check = {"op": "check", "action": "read", "resource": "docs:/a"}
        sessions.record(REMIT, self.folder, [{"op": "open", "agent": "a", "user": "Mike", "now": sessions.START}, check, {"op": "outcome", "line": 2, "ok": False}, check],
                        documents=["once.scope"])
        first = self.records()[1]
        self.assertEqual([one.get("reason") for one in self.records()], [None, "allowed_by_rule", None, "limit_exceeded"])
        self.assertEqual(self.replay()[1]["same"], 3)
        # The second request had room: only a rollback of the first, which nothing here can ask for, explains that.
        sessions.rewrite(self.trail, lambda one: {**first, "seq": 4, "decision": "0" * 32} if one["seq"] == 4 else None)
        self.assertEqual([line["seq"] for line in self.replay(code=1)[0]], [4])
        for kind, code in (("commit", 1), ("rollback", 0)):
            sessions.rewrite(self.trail, lambda one: {**one, "kind": kind} if one["seq"] == 3 else None)
            self.assertEqual(self.replay(code=code)[1]["same"], 3 - code)

    def test_a_gap_leaves_nothing_that_rests_on_memory_certain(self):
        self.story(5, 200)
        half = self.records()[len(self.records()) // 2]["seq"]
        sessions.rewrite(self.trail, lambda one: {"kind": "gap", "seq": one["seq"], "time": one["time"], "count": 3, "denied": 0, "v": 1} if one["seq"] == half else None)
        before = {one["session"] for one in self.records() if one["kind"] in ("opening", "delegation") and one["seq"] < half}
        lines, _ = self.replay()
        later = {one["seq"] for one in self.records() if one["kind"] == "decision" and one["seq"] > half and one["session"] in before}
        self.assertGreaterEqual({line["seq"] for line in lines if line["verdict"] == "undecidable"}, later)

    def test_an_opening_that_is_not_there(self):
        self.story(6, 120)
        first = next(one for one in self.records() if one["kind"] == "opening")
        with sqlite3.connect(self.trail) as database:
            for (name,) in list(database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")):
                database.execute(f"DROP TRIGGER {name}")
            database.execute("UPDATE records SET body = NULL WHERE seq = ?", (first["seq"],))
        lines, summary = self.replay()
        orphans = {one["seq"] for one in self.records() if one["kind"] == "decision" and one["session"] == first["session"]}
        self.assertGreaterEqual({line["seq"] for line in lines if line["verdict"] == "undecidable"}, orphans)
        self.assertEqual(summary["differ"], 0)

    def test_a_program_that_is_another(self):
        self.story(8, 60)
        with sqlite3.connect(self.trail) as database:
            for (name,) in list(database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")):
                database.execute(f"DROP TRIGGER {name}")
            digests = [digest for (digest,) in database.execute("SELECT digest FROM programs ORDER BY digest")]
            (other,) = database.execute("SELECT image FROM programs WHERE digest = ?", (digests[1],)).fetchone()
            database.execute("UPDATE programs SET image = ? WHERE digest = ?", (other, digests[0]))
        done = subprocess.run([REMIT, "audit", "replay", "trail.db"], cwd=self.folder, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"does not have that digest", done.stderr)

    def test_one_tree(self):
        self.story(9)
        records = self.records()
        parents = {one["session"]: one.get("parent") for one in records if one["kind"] in ("opening", "delegation")}
        root = lambda session: session if parents.get(session) is None else root(parents[session])
        for session in random.Random(9).sample(sorted(parents), 5):
            tree = {one for one in parents if root(one) == root(session)}
            wanted = len([one for one in records if one.get("session") in tree and one["kind"] in ("opening", "delegation", "decision", "approval")])
            self.assertEqual(self.replay("--session", session, "--kind", "opening", "--kind", "delegation", "--kind", "decision", "--kind", "approval")[1]["records"], wanted)
        self.replay_fails("no session", "--session", "0" * 32)

    def replay_fails(self, says, *words):
        done = subprocess.run([REMIT, "audit", "replay", "trail.db", *words], cwd=self.folder, capture_output=True, timeout=60, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn(says, done.stderr)

    def test_with_other_documents(self):
        """The changes are those between two runs of the same requests."""
        changes = 0
        for seed, (name, text, place) in enumerate([("stricter.scope", STRICTER, 0), ("wider.scope", WIDER, 0), ("no_cases.scope", NO_SHARING, None)] * 2):
            with self.subTest(name=name, seed=seed):
                # Without sub-sessions and asks: those of the second run would have other lines to approve.
                lines = [line for line in self.story(100 + seed, 300) if line["op"] not in ("approve", "delegate")]
                subs = {line["as"] for line in lines if line["op"] == "delegate"}
                lines = [line for line in lines if line.get("session", "s1") in {one.get("as") for one in lines if one["op"] == "open"} - subs or "session" not in line]
                for old in self.folder.glob("trail.db*"):
                    old.unlink()
                before = sessions.record(REMIT, self.folder, lines)
                (self.folder / name).write_text(text)
                documents = list(sessions.LAYERS)
                if place is None:
                    documents.insert(2, name)
                else:
                    documents[place] = name
                after = sessions.record(REMIT, self.folder, lines, trail="other.db", documents=documents)
                (self.folder / "other.db").unlink()
                pairs = [(old["effect"], new["effect"]) for old, new in zip(before, after) if "effect" in old]
                wanted = [pair for pair in pairs if pair[0] != pair[1]]
                found, summary = self.replay("--with", name, "--kind", "decision", code=1 if wanted else 0)
                got = [(line["recorded"]["effect"], line["decided"]["effect"]) for line in found if line["verdict"] == "differs"]
                self.assertEqual(got, wanted)
                self.assertEqual((summary["records"], summary["undecidable"]), (len(pairs), 0))
                changes += len(wanted)
        self.assertGreater(changes, 30)

    def test_with_a_document_that_asks_for_what_was_not_kept(self):
        (self.folder / "plain.scope").write_text("expires 1h\nread docs:/a\n")
        (self.folder / "asking.scope").write_text("expires 1h\nread docs:/a when size <= 5MB\n")
        check = {"op": "check", "action": "read", "resource": "docs:/a/x", "attributes": {"size": {"size": 5}}}
        sessions.record(REMIT, self.folder, [{"op": "open", "agent": "a", "user": "Mike", "now": sessions.START}, check, {**check, "resource": "docs:/b"}, {**check, "attributes": {}}],
                        documents=["plain.scope"])
        found, summary = self.replay("--with", "asking.scope", "--kind", "decision", code=1)
        # With its size sealed the first cannot be known; the second is denied whatever its size; the third had none.
        self.assertEqual([(line["seq"], line["verdict"]) for line in found], [(2, "undecidable"), (4, "differs")])
        self.assertEqual(summary["same"], 1)
        self.replay_fails("error", "--with", self.write("broken.scope", "raed docs:/\n"))
        self.replay_fails("one task scope", "--with", "plain.scope", "--with", "asking.scope")

    def write(self, name, text):
        (self.folder / name).write_text(text)
        return name

    def test_in_words(self):
        self.story(12, 200)
        done = subprocess.run([REMIT, "audit", "replay", "trail.db"], cwd=self.folder, capture_output=True, timeout=60, text=True)
        self.assertRegex(done.stdout, r"(?m)^\d+ records decided again \(.*decision.*\)\n +\d+  as recorded\n +0  otherwise than recorded\n")
        (self.folder / "stricter.scope").write_text(STRICTER)
        done = subprocess.run([REMIT, "audit", "replay", "trail.db", "--with", "stricter.scope"], cwd=self.folder, capture_output=True, timeout=60, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"(?m)^ +\d+  allow     deny    no_matching_rule +- +list docs:/clinical/A")
        self.assertRegex(done.stdout, r"(?m)^\d+: .* listed docs:/clinical/A.*\n  would be: deny no_matching_rule$")


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
