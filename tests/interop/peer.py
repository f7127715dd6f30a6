"""The Python library jwcrypto: makes keys and tokens for us to verify, and verifies what we mint.

    peer.py make  < {tokens: [{name, typ, claims}], algorithms: [...]}   prints {keys, private, tokens}
    peer.py check < {token, key, issuer, audience, typ, now}             prints the claims
"""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.environ["INTEROP"], "python"))
from jwcrypto import jwk, jws  # noqa: E402

KINDS = {"EdDSA": {"kty": "OKP", "crv": "Ed25519"}, "ES256": {"kty": "EC", "crv": "P-256"},
         "RS256": {"kty": "RSA", "size": 2048}, "PS256": {"kty": "RSA", "size": 2048}}


def make(given):
    out = {"keys": [], "private": {}, "tokens": []}
    for alg in given["algorithms"]:
        key = jwk.JWK.generate(**KINDS[alg], kid=f"jwcrypto-{alg}", alg=alg)
        out["keys"].append(json.loads(key.export_public()))
        out["private"][alg] = json.loads(key.export_private())
        for one in given["tokens"]:
            token = jws.JWS(json.dumps(one["claims"]))
            token.add_signature(key, alg=alg, protected=json.dumps({"alg": alg, "kid": key.key_id, "typ": one["typ"]}))
            out["tokens"].append({"name": one["name"], "alg": alg, "token": token.serialize(compact=True)})
    return out


def check(given):
    token = jws.JWS()
    token.deserialize(given["token"], jwk.JWK(**given["key"]))
    claims = json.loads(token.payload)
    assert token.jose_header["typ"] == given["typ"]
    assert claims["iss"] == given["issuer"] and claims["aud"] == given["audience"]
    assert claims["iat"] <= given["now"] < claims["exp"]
    return claims


print(json.dumps({"make": make, "check": check}[sys.argv[1]](json.load(sys.stdin))))
