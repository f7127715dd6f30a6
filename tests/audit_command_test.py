#!/usr/bin/env python3
"""Runs `remit audit key, checkpoint, prove, verify` as whoever keeps or inspects a log would."""
import argparse
import json
import pathlib
import stat
import subprocess
import sys
import tempfile
import unittest

REMIT = "remit"
NAME = "audit.acme.example/crm"


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


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    options = parser.parse_args()
    REMIT = str(options.build.resolve() / "bin" / "remit")
    result = unittest.main(argv=sys.argv[:1], exit=False, verbosity=1).result
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed or result.testsRun == 0 else 0)
