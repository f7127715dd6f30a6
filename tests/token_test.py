#!/usr/bin/env python3
"""`remit token`: inspect, verify and mint from outside, the example to its end, and planted secrets.

Tokens come from the example's authorization server (the openssl command), apart from the code under test.
"""
import argparse
import json
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

NOW, AT = 1_800_000_000, "2027-01-15T08:00Z"
AGENT, MIKE = "spiffe://acme.example/agent/tickets", "mike@acme.example"
OPTIONS = None


class Token(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.folder = pathlib.Path(cls.temporary.name)
        example = OPTIONS.source / "examples" / "on-behalf-of"
        subprocess.run([sys.executable, str(example / "authorization_server.py"), str(cls.folder), "--now", str(NOW)], check=True, timeout=120)
        for name in ("trust.json", "ticket.scope"):
            shutil.copy(example / name, cls.folder)
        cls.printed = ""  # by every command of this class: searched for secrets at the end

    def remit(self, *words, code=0, at=True):
        now = ["--now", AT] if at and words[0] != "inspect" else []
        done = subprocess.run([str(OPTIONS.build / "bin" / "remit"), "token", *words, *now], capture_output=True, text=True, timeout=120, cwd=self.folder)
        type(self).printed += done.stdout + done.stderr
        self.assertEqual(done.returncode, code, f"{words}\n{done.stdout}\n{done.stderr}")
        return done.stdout + done.stderr

    def verify(self, *words, code=0):
        return self.remit("verify", "--trust", "trust.json", *words, code=code)

    def mint(self, *words, code=0, name="txn.jwt"):
        base = ["--key", "tts.jwk", "--issuer", "https://tts.acme.example", "--agent", AGENT, "-o", name]
        return self.remit("mint", *base, *words, code=code)

    FIRST = ("--user", MIKE, "--trust-domain", "acme.example", "--scope", "tickets.read tickets.write")

    def test_inspect(self):
        out = self.remit("inspect", "mike.jwt")
        for text in ("not verified", '"EdDSA"', MIKE, AGENT, "2027-01-15T08:30:00Z"):
            self.assertIn(text, out)
        found = json.loads(self.remit("inspect", "--json", "mike.jwt"))
        self.assertFalse(found["verified"])
        self.assertEqual(found["claims"]["act"]["sub"], AGENT)
        (self.folder / "bad.jwt").write_text("a.b")
        self.assertIn("not_compact", self.remit("inspect", "bad.jwt", code=2))
        self.assertIn("no such file", self.remit("inspect", "missing.jwt", code=2).lower())

    def test_verify(self):
        out = self.verify("--on-behalf-of", "mike.jwt")
        for text in ("verified", AGENT, MIKE, "one more layer", "read, create cases:/acme/tickets"):
            self.assertIn(text, out)
        found = json.loads(self.verify("--json", "--on-behalf-of", "mike.jwt"))
        self.assertEqual((found["agent"], found["user"], found["habit"]), (AGENT, MIKE, "none"))
        self.assertEqual(len(found["tokens"][0]), 64)
        self.assertIn("refused  typ_wrong", self.verify("--access", "mike.jwt", code=1))
        refused = json.loads(self.verify("--json", "--access", "mike.jwt", code=1))
        self.assertEqual((refused["verified"], refused["code"]), (False, "typ_wrong"))
        self.assertIn("at least one token", self.verify(code=2))
        self.assertIn("trust_unreadable", self.remit("verify", "--trust", "none.json", "--access", "mike.jwt", code=2))

    def test_the_two_bad_habits(self):
        self.assertIn("impersonation", self.verify("--access", "mike_alone.jwt", code=1))
        self.assertIn("unaccountable", self.verify("--access", "robot.jwt", code=1))
        # The session itself refuses, whoever asks.
        request = ("ticket.scope", "create", "cases:/acme/tickets/1")
        self.assertIn("impersonation", self.verify("--access", "mike_alone.jwt", *request, code=2))
        self.assertIn("unaccountable", self.verify("--access", "robot.jwt", *request, code=2))
        # The host names the missing half; the identity says that it was the host.
        found = json.loads(self.verify("--json", "--access", "mike_alone.jwt", "--agent", AGENT))
        self.assertEqual((found["agent"], found["habit"], found["supplied"]), (AGENT, "impersonation", True))
        found = json.loads(self.verify("--json", "--access", "robot.jwt", "--sponsor", MIKE))
        self.assertEqual((found["sponsor"], found["user"], found["supplied"]), (MIKE, None, True))
        self.assertIn("allow", self.verify("--access", "mike_alone.jwt", "--agent", AGENT, *request))
        self.assertIn("nothing_missing", self.verify("--on-behalf-of", "mike.jwt", "--agent", AGENT, code=1))

    def test_to_a_decision(self):
        decide = lambda *words, code: self.verify("--on-behalf-of", "mike.jwt", *words, code=code)
        self.assertIn("allow", decide("ticket.scope", "create", "cases:/acme/tickets/1", code=0))
        out = decide("ticket.scope", "read", "cases:/acme/hr/7", code=1)
        self.assertIn("mikes_consent", out)  # the task allows it; what Mike consented to does not
        found = json.loads(decide("--json", "ticket.scope", "read", "cases:/acme/hr/7", code=1))
        self.assertEqual((found["decision"]["effect"], found["decision"]["layer"]["name"]), ("deny", "mikes_consent"))
        self.assertIn("task scope", decide("read", "cases:/acme/tickets/1", code=2))
        # A document that is for another agent is not opened for this one.
        (self.folder / "other.scope").write_text("agent spiffe://acme.example/agent/other\nexpires 1h\nread cases:/acme\n")
        self.assertIn("agent_not_allowed", decide("other.scope", "read", "cases:/acme/tickets/1", code=2))
        # The token bounds the session: at its end, in the grace that verification gives, nothing opens.
        late = subprocess.run([str(OPTIONS.build / "bin" / "remit"), "token", "verify", "--trust", "trust.json", "--on-behalf-of", "mike.jwt", "--now",
                               "2027-01-15T08:30Z", "ticket.scope", "create", "cases:/acme/tickets/1"], capture_output=True, text=True, cwd=self.folder)
        self.assertEqual(late.returncode, 2)
        self.assertIn("identity_expired", late.stderr)

    def test_mint_and_narrow(self):
        out = self.mint(*self.FIRST, "--document", "ticket.scope", "--purpose", "Open a ticket", "--expires", "+10m")
        self.assertIn("until 2027-01-15T08:10:00Z", out)
        self.assertEqual(stat.S_IMODE(os.stat(self.folder / "txn.jwt").st_mode), 0o600)
        first = json.loads(self.verify("--json", "--transaction", "txn.jwt"))
        self.assertEqual((first["agent"], first["user"], first["purpose"]), (AGENT, MIKE, "Open a ticket"))
        # The scope that it carries is the task scope where the host has none.
        self.assertIn("allow", self.verify("--transaction", "txn.jwt", "create", "cases:/acme/tickets/1"))
        self.assertIn("no_matching_rule", self.verify("--transaction", "txn.jwt", "delete", "cases:/acme/tickets/1", code=1))
        narrower = ("--replaces", "txn.jwt", "--trust", "trust.json", "--agent", "spiffe://acme.example/agent/search")
        base = ["--key", "tts.jwk", "--issuer", "https://tts.acme.example", "-o", "narrow.jwt", *narrower]
        self.remit("mint", *base, "--scope", "tickets.read")
        second = json.loads(self.verify("--json", "--transaction", "narrow.jwt"))
        self.assertEqual((second["chain"], second["transaction"], second["user"]), ([AGENT], first["transaction"], MIKE))
        self.assertIn("mint_wider", self.remit("mint", *base, "--scope", "admin", code=2))
        self.assertIn("mint_too_late", self.remit("mint", *base, "--expires", "+11m", code=2))
        self.assertIn("keeps user", self.remit("mint", *base, "--user", MIKE, code=2))
        self.assertIn("--trust", self.remit("mint", *base[:-4], "--agent", AGENT, code=2))
        # ticket.scope is for another agent: the helper may not open it, however valid its token.
        self.assertIn("agent_not_allowed", self.verify("--transaction", "narrow.jwt", "create", "cases:/acme/tickets/1", code=2))

    def test_a_carried_scope_that_does_not_compile_opens_nothing(self):
        (self.folder / "typo.scope").write_text("scope typo\nexpires 1h\nraed cases:/acme\n")
        self.mint(*self.FIRST, "--document", "typo.scope", name="typo.jwt")
        out = self.verify("--transaction", "typo.jwt", code=2)
        self.assertIn("<token scope 1>", out)

    def test_the_example(self):
        path = f"{OPTIONS.build / 'bin'}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run([str(OPTIONS.source / "examples" / "on-behalf-of" / "run")], capture_output=True, text=True, timeout=300,
                              env={**os.environ, "PATH": path, "NO_COLOR": "1"})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for text in ("allow  create cases:/acme/tickets/1042", "deny  read cases:/acme/hr/7", "impersonation", "unaccountable"):
            self.assertIn(text, done.stdout)

    def test_zz_no_secret_was_printed(self):
        """After all others: no token, no signature, no private key in anything that a command said."""
        key = json.loads((self.folder / "tts.jwk").read_text())
        # Where secrets do not belong, and are refused: what is said about them must not show them.
        (self.folder / "planted.json").write_text('{"issuers": [{"%s": 1, "keys": %s}]}' % (key["d"], json.dumps(key)))
        self.remit("verify", "--trust", "planted.json", "--access", "mike.jwt", code=2)
        (self.folder / "planted2.json").write_text('{"issuers": %s' % (key["d"]))
        self.remit("verify", "--trust", "planted2.json", "--access", "mike.jwt", code=2)
        self.remit("mint", "--key", "mike.jwt", "--issuer", "x", "--agent", AGENT, "-o", "x.jwt", code=2)
        self.verify("--access", "tts.jwk", code=1)
        (self.folder / "cut.jwk").write_text(json.dumps(key)[:-2])
        self.remit("mint", "--key", "cut.jwk", "--issuer", "x", "--agent", AGENT, "-o", "x.jwt", code=2)
        self.mint("--user", MIKE, "--trust-domain", "acme.example", "--scope", "a", "--purpose", "holds " + key["d"] + "\n", code=2)
        secrets = [key["d"]]
        for name in ("mike.jwt", "mike_alone.jwt", "robot.jwt", "txn.jwt", "narrow.jwt"):
            token = (self.folder / name).read_text().strip()
            secrets += [token, token.split(".")[2], token.split(".")[1]]
        self.assertGreater(len(self.printed), 5000)
        for secret in secrets:
            self.assertNotIn(secret, self.printed)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    OPTIONS = parser.parse_args()
    OPTIONS.source, OPTIONS.build = OPTIONS.source.resolve(), OPTIONS.build.resolve()
    result = unittest.main(argv=sys.argv[:1], exit=False, verbosity=1).result
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed or result.testsRun == 0 else 0)
