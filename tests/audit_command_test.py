#!/usr/bin/env python3
"""Runs `remit audit key, checkpoint, prove, verify` as whoever keeps or inspects a log would."""
import argparse
import base64
import json
import os
import pathlib
import sqlite3
import stat
import subprocess
import sys
import tempfile
import unittest

REMIT = "remit"
NAME = "audit.acme.example/crm"
BUILD = pathlib.Path()


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def remit(self, *words, code=0, stdin=""):
        done = subprocess.run([REMIT, "audit", *words], input=stdin, capture_output=True, text=True, timeout=120, cwd=self.folder)
        self.assertEqual(done.returncode, code, f"{words}\n{done.stdout}\n{done.stderr}")
        return done


class Key(Case):
    def test_made_once_and_shown_again(self):
        made = self.remit("key", "--name", NAME, "-o", "log.pem").stdout
        self.assertRegex(made, r"^audit\.acme\.example/crm\+[0-9a-f]{8}\+A[A-Za-z0-9+/]{43}\n$")
        file = self.folder / "log.pem"
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.assertEqual(self.remit("key", "--name", NAME, "--of", "log.pem").stdout, made)
        self.assertEqual(json.loads(self.remit("key", "--name", NAME, "--of", "log.pem", "--json").stdout),
                         {"name": NAME, "verifier": made.strip()})
        before = file.read_bytes()
        self.assertIn("File exists", self.remit("key", "--name", NAME, "-o", "log.pem", code=2).stderr)
        self.assertEqual(file.read_bytes(), before)

    def test_other_tools_read_it(self):
        self.remit("key", "--name", NAME, "-o", "log.pem")
        shown = subprocess.run(["openssl", "pkey", "-in", "log.pem", "-noout", "-text"], cwd=self.folder, capture_output=True, text=True)
        self.assertIn("ED25519 Private-Key", shown.stdout)
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", "theirs.pem"], cwd=self.folder, check=True, capture_output=True)
        self.remit("key", "--name", NAME, "--of", "theirs.pem")

    def test_refused(self):
        self.assertIn("-o FILE", self.remit("key", "--name", NAME, code=2).stderr)
        self.assertIn("white space", self.remit("key", "--name", "a b", "-o", "x.pem", code=2).stderr)
        self.assertFalse((self.folder / "x.pem").exists())
        (self.folder / "no.pem").write_text("hello")
        self.assertIn("no.pem: the key file holds no private key", self.remit("key", "--name", NAME, "--of", "no.pem", code=2).stderr)
        subprocess.run(["openssl", "genpkey", "-algorithm", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "ec.pem"],
                       cwd=self.folder, check=True, capture_output=True)
        self.assertIn("not one of Ed25519", self.remit("key", "--name", NAME, "--of", "ec.pem", code=2).stderr)
        subprocess.run(["openssl", "pkey", "-in", "ec.pem", "-aes256", "-passout", "pass:x", "-out", "locked.pem"],
                       cwd=self.folder, check=True, capture_output=True)
        self.assertIn("without a passphrase", self.remit("key", "--name", NAME, "--of", "locked.pem", code=2).stderr)


class Log(Case):
    """A log of five records, written by `remit run`."""

    def setUp(self):
        super().setUp()
        (self.folder / "task.scope").write_text("system lab { action read }\nexpires 2h\nread lab:/a\n")
        (self.folder / "r.jsonl").write_text("".join(json.dumps(line) + "\n" for line in (
            {"op": "open", "agent": "spiffe://acme.example/agent/one", "user": "mike@acme.example", "now": 1795521600000000},
            *({"op": "check", "action": "read", "resource": resource} for resource in ("lab:/a", "lab:/a/b", "lab:/c")),
            {"op": "end"})))
        self.vkey = self.remit("key", "--name", NAME, "-o", "log.pem").stdout.strip()
        (self.folder / "log.vkey").write_text(self.vkey + "\n")
        self.write()

    def write(self):
        done = subprocess.run([REMIT, "run", "task.scope", "--requests", "r.jsonl", "--audit", "trail.db", "--audit-key", "log.pem", "--audit-name", NAME],
                              cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)

    def edit(self, sql):
        database = sqlite3.connect(self.folder / "trail.db")
        with database:
            database.executescript(sql)
        database.close()


class Verify(Log):
    def test_a_sound_log(self):
        done = self.remit("verify", "trail.db", "--key", self.vkey)
        self.assertTrue(done.stdout.startswith("verified  trail.db: 5 records, 1 program, 1 checkpoint\n"), done.stdout)
        self.assertIn("without --checkpoint", done.stdout)
        self.remit("checkpoint", "trail.db", "-o", "monday.note")
        self.write()
        done = self.remit("verify", "trail.db", "--key", "log.vkey", "--checkpoint", "monday.note")
        self.assertIn("1 checkpoint of earlier agrees", done.stdout)
        self.assertNotIn("note:", done.stdout)
        found = json.loads(self.remit("verify", "trail.db", "--key", "log.vkey", "--checkpoint", "monday.note", "--json").stdout)
        self.assertEqual({name: found[name] for name in ("verified", "log", "key", "records", "checkpointed", "earlier", "findings", "remarks")},
                         {"verified": True, "log": NAME, "key": self.vkey, "records": 10, "checkpointed": 10, "earlier": 1, "findings": [], "remarks": []})
        self.assertIn("the key is the log's own word", self.remit("verify", "trail.db").stdout)

    def test_a_changed_one(self):
        self.remit("checkpoint", "trail.db", "-o", "monday.note")
        self.edit("DROP TRIGGER records_hold; UPDATE records SET body = replace(body, 'lab:/c', 'lab:/\x1b[2J') WHERE seq = 4")
        done = self.remit("verify", "trail.db", "--key", self.vkey, "--checkpoint", "monday.note", code=1)
        self.assertTrue(done.stdout.startswith("not verified  trail.db"), done.stdout)
        self.assertIn("record 4: record_edited: its hash is not that of its body", done.stdout)
        self.assertIn("log: schema_changed: the trigger records_hold is gone", done.stdout)
        self.assertNotIn("\x1b", done.stdout)
        found = json.loads(self.remit("verify", "trail.db", "--json", code=1).stdout)
        self.assertIn(("record_edited", 4), [(one["code"], one.get("seq")) for one in found["findings"]])

    def test_an_older_copy(self):
        older = (self.folder / "trail.db").read_bytes()
        self.write()
        self.remit("checkpoint", "trail.db", "-o", "tuesday.note")
        (self.folder / "trail.db").write_bytes(older)
        self.remit("verify", "trail.db", "--key", self.vkey)
        self.assertIn("rolled_back: the given checkpoint is of 10 records, and the log has 5",
                      self.remit("verify", "trail.db", "--key", self.vkey, "--checkpoint", "tuesday.note", code=1).stdout)

    def test_another_key_and_bad_input(self):
        other = self.remit("key", "--name", NAME, "-o", "other.pem").stdout.strip()
        self.assertIn("key_differs", self.remit("verify", "trail.db", "--key", other, code=1).stdout)
        self.assertIn("--key: a verifier key is written name+hash+base64", self.remit("verify", "trail.db", "--key", "nonsense", code=2).stderr)
        self.assertIn("No such file", self.remit("verify", "none.db", code=2).stderr)
        self.assertIn("none.note", self.remit("verify", "trail.db", "--checkpoint", "none.note", code=2).stderr)
        (self.folder / "odd.note").write_text("hello\n")
        self.assertIn("checkpoint_wrong: the given checkpoint: the note has no empty line",
                      self.remit("verify", "trail.db", "--checkpoint", "odd.note", code=1).stdout)
        (self.folder / "text.db").write_text("no database at all, but long enough to have a header\n" * 100)
        self.assertIn("file_damaged", self.remit("verify", "text.db", code=1).stdout)

    def test_a_log_on_a_medium_that_cannot_be_written(self):
        sealed = self.folder / "sealed"
        sealed.mkdir()
        (sealed / "trail.db").write_bytes((self.folder / "trail.db").read_bytes())
        sealed.chmod(0o500)
        self.addCleanup(sealed.chmod, 0o700)
        if not os.access(sealed, os.W_OK):  # root may write anywhere
            self.remit("verify", "sealed/trail.db", "--key", self.vkey)


class Prove(Log):
    def test_a_proof_that_go_verifies(self):
        judge = BUILD / "interop" / "tlog"
        checkpoint = self.remit("checkpoint", "trail.db").stdout
        shown = [self.proof(seq) for seq in range(1, 6)]
        bundle = {"key": self.vkey, "records": [one["record"] for one in shown], "checkpoints": [checkpoint], "consistency": [],
                  "inclusion": [{"index": one["index"], "size": one["size"], "path": one["path"]} for one in shown]}
        for command in [[str(BUILD / "bin" / "audit_interop")]] + ([[str(judge)]] if judge.exists() else []):
            done = subprocess.run([*command, "check"], input=json.dumps(bundle), capture_output=True, text=True, timeout=60)
            self.assertEqual(done.stdout, "1 checkpoints, 5 inclusion, 0 consistency\n", done.stderr)

    def proof(self, seq):
        return json.loads(self.remit("prove", "trail.db", str(seq), "--json").stdout)

    def test_the_form_of_tlog_proof(self):
        found = self.proof(3)
        text = self.remit("prove", "trail.db", "3", "-o", "3.tlog-proof")
        self.assertEqual(text.stdout, "")
        head, note = (self.folder / "3.tlog-proof").read_text().split("\n\n", 1)
        self.assertEqual(head.split("\n"), ["c2sp.org/tlog-proof@v1", "index 2", *found["path"]])
        self.assertEqual(note, self.remit("checkpoint", "trail.db").stdout)
        self.assertTrue(all(len(base64.b64decode(one)) == 32 for one in found["path"]))
        self.assertEqual(json.loads(found["record"])["seq"], 3)

    def test_nothing_is_proved_of_what_is_not_there(self):
        for seq in ("0", "6", "-1", "x"):
            self.remit("prove", "trail.db", seq, code=2)
        self.edit("DROP TRIGGER nodes_hold; UPDATE nodes SET hash = zeroblob(32)")
        self.assertIn("remit audit verify", self.remit("prove", "trail.db", "1", code=2).stderr)
        (self.folder / "trail.db").unlink()
        subprocess.run([REMIT, "run", "task.scope", "--requests", "r.jsonl", "--audit", "trail.db"], cwd=self.folder, check=True, capture_output=True)
        self.assertIn("there is no checkpoint", self.remit("checkpoint", "trail.db", code=2).stderr)
        self.assertIn("it agrees with itself", self.remit("verify", "trail.db").stdout)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    options = parser.parse_args()
    BUILD = options.build.resolve()
    REMIT = str(BUILD / "bin" / "remit")
    result = unittest.main(argv=sys.argv[:1], exit=False, verbosity=1).result
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed or result.testsRun == 0 else 0)
