#!/usr/bin/env python3
"""Tokens of two independent libraries verify here, and ours verify there (tests/interop).

Both are installed below the build folder on first use, in the versions that tests/interop/install names.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

NOW, AT = 1_800_000_000, "2027-01-15T08:00Z"
ISSUER, AUDIENCE, DOMAIN = "https://as.acme.example", "https://tickets.acme.example", "acme.example"
MIKE, AGENT = "mike@acme.example", "spiffe://acme.example/agent/tickets"
ALGORITHMS = ["EdDSA", "ES256", "RS256", "PS256"]
BASE = {"iss": ISSUER, "iat": NOW - 5, "exp": NOW + 300, "jti": "id-1"}
PERSON = {**BASE, "sub": MIKE, "aud": AUDIENCE, "act": {"sub": AGENT}}
TOKENS = [
    {"name": "--access", "typ": "at+jwt", "claims": {**PERSON, "client_id": "app", "scope": "a b"}},
    {"name": "--on-behalf-of", "typ": "JWT", "claims": PERSON},
    {"name": "--transaction", "typ": "txntoken+jwt",
     "claims": {**PERSON, "aud": DOMAIN, "txn": "t-1", "scope": "a", "req_wl": AGENT, "tctx": {"purpose": "ü is fine"}}},
    {"name": "--jwt-svid", "typ": "JWT", "claims": {**BASE, "sub": AGENT, "aud": [AUDIENCE]}},
]
OPTIONS = None


def run(command, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, **more)
    if done.returncode != 0:
        raise AssertionError(f"{command}\n{done.stdout}\n{done.stderr}")
    return done.stdout


class Interop(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.remit = str(OPTIONS.build / "bin" / "remit")
        cls.here = OPTIONS.source / "tests" / "interop"
        cls.installed = OPTIONS.build / "interop"
        run([str(cls.here / "install"), str(cls.installed), sys.executable])

    def peer(self, library, what, given):
        command = ["node", str(self.here / "peer.mjs")] if library == "jose" else [sys.executable, str(self.here / "peer.py")]
        environment = {**os.environ, "INTEROP": str(self.installed)}
        return json.loads(run([*command, what], input=json.dumps(given), env=environment))

    def check(self, library):
        made = self.peer(library, "make", {"tokens": TOKENS, "algorithms": ALGORITHMS})
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            trust, key, token = folder / "trust.json", folder / "key.jwk", folder / "token.jwt"
            trust.write_text(json.dumps({"issuers": [{
                "issuer": ISSUER, "algorithms": ALGORITHMS, "audiences": [AUDIENCE, DOMAIN], "trust_domain": DOMAIN,
                "kinds": {"access_token": {}, "on_behalf_of": {}, "transaction": {}, "jwt_svid": {}},
                "users": ["*@acme.example"], "agents": ["spiffe://acme.example/**"], "replacement": "nests",
                "keys": {"keys": made["keys"]}}]}))
            verify = [self.remit, "token", "verify", "--json", "--trust", str(trust), "--now", AT]
            seen = 0
            for one in made["tokens"]:
                with self.subTest(library=library, kind=one["name"], algorithm=one["alg"]):
                    token.write_text(one["token"])
                    done = subprocess.run([*verify, one["name"], str(token)], capture_output=True, text=True, timeout=60)
                    found = json.loads(done.stdout)
                    if one["name"] == "--jwt-svid" and one["alg"] == "EdDSA":
                        self.assertEqual(found["code"], "alg_not_for_kind")  # no SVID has it
                    else:
                        self.assertTrue(found["verified"], done.stdout)
                        self.assertEqual(found["agent"], AGENT)
                    seen += 1
            self.assertEqual(seen, len(TOKENS) * len(ALGORITHMS))
            for algorithm in ("EdDSA", "ES256"):
                with self.subTest(library=library, minted=algorithm):
                    key.write_text(json.dumps(made["private"][algorithm]))
                    run([self.remit, "token", "mint", "--key", str(key), "--issuer", ISSUER, "--agent", AGENT, "--user", MIKE,
                         "--trust-domain", DOMAIN, "--scope", "a", "--purpose", "Why — not", "--now", AT, "-o", str(token)])
                    public = next(one for one in made["keys"] if one["alg"] == algorithm)
                    claims = self.peer(library, "check", {"token": token.read_text().strip(), "key": public, "issuer": ISSUER,
                                                          "audience": DOMAIN, "typ": "txntoken+jwt", "now": NOW})
                    self.assertEqual((claims["sub"], claims["act"]["sub"]), (MIKE, AGENT))
                    self.assertEqual(claims["tctx"]["purpose"], "Why — not")

    def test_jose(self):
        self.check("jose")

    def test_jwcrypto(self):
        self.check("jwcrypto")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    OPTIONS = parser.parse_args()
    OPTIONS.build = OPTIONS.build.resolve()
    result = unittest.main(argv=sys.argv[:1], exit=False, verbosity=1).result
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed or result.testsRun == 0 else 0)
