#!/usr/bin/env python3
"""A small authorization server: it makes its keys and the tokens of this example, with nothing but the
openssl command. What Remit needs to know of it stands in trust.json.

    authorization_server.py FOLDER [--now SECONDS]

    FOLDER/as.jwks.json     the server's public key
    FOLDER/tts.jwk          a private key, for `remit token mint`; its public half is in tts.jwks.json
    FOLDER/mike.jwt         Mike let the ticket agent act for him: sub is Mike, act.sub the agent
    FOLDER/mike_alone.jwt   Mike's own token, as a browser gets it: no actor
    FOLDER/robot.jwt        a service account's token: no person
"""
import argparse
import base64
import json
import pathlib
import subprocess
import tempfile
import time

ISSUER = "https://as.acme.example"
AUDIENCE = "https://tickets.acme.example"
AGENT = "spiffe://acme.example/agent/tickets"
CONSENT = """grants mikes_consent
read, create cases:/acme/tickets
"""


def openssl(*words):
    return subprocess.run(["openssl", *words], check=True, capture_output=True).stdout


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """An Ed25519 key in a file of its own. DER has the 32 bytes at its end."""

    def __init__(self, folder, kid):
        self.file, self.kid = folder / f"{kid}.pem", kid
        openssl("genpkey", "-algorithm", "ed25519", "-out", str(self.file))

    def jwk(self, private=False):
        out = {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": self.kid,
               "x": encode(openssl("pkey", "-in", str(self.file), "-pubout", "-outform", "DER")[-32:])}
        if private:
            out["d"] = encode(openssl("pkey", "-in", str(self.file), "-outform", "DER")[-32:])
        return out

    def token(self, typ, claims):
        header = {"alg": "EdDSA", "kid": self.kid, "typ": typ}
        text = ".".join(encode(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
        with tempfile.NamedTemporaryFile() as file:
            file.write(text.encode())
            file.flush()
            signature = openssl("pkeyutl", "-sign", "-inkey", str(self.file), "-rawin", "-in", file.name)
        return f"{text}.{encode(signature)}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--now", type=int, default=int(time.time()))
    options = parser.parse_args()
    folder, now = options.folder, options.now
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def write(name, text):
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(text + "\n")

    server, service = Key(folder, "as-1"), Key(folder, "tts-1")
    write("as.jwks.json", json.dumps({"keys": [server.jwk()]}))
    write("tts.jwks.json", json.dumps({"keys": [service.jwk()]}))
    write("tts.jwk", json.dumps(service.jwk(private=True)))

    common = {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + 1800, "client_id": "ticket-app"}
    consent = [{"type": "remit", "scope": CONSENT}]
    write("mike.jwt", server.token("JWT", {
        **common, "sub": "mike@acme.example", "jti": "m-1", "act": {"sub": AGENT}, "authorization_details": consent}))
    write("mike_alone.jwt", server.token("at+jwt", {**common, "sub": "mike@acme.example", "jti": "m-2"}))
    write("robot.jwt", server.token("at+jwt", {**common, "sub": "batch-7", "client_id": "batch-7", "jti": "r-1"}))


if __name__ == "__main__":
    main()
