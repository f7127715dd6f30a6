"""Identities from Python: tokens that we issue are verified, narrowed and opened sessions for."""
import base64
import datetime
import json

import pytest

import remit
from remit import audit, identity

AGENT, SUB, MIKE, DOMAIN, ISSUER = "spiffe://acme.example/agent/a", "spiffe://acme.example/agent/b", "mike@acme.example", "acme.example", "https://as.acme.example"
MINUTES = datetime.timedelta(minutes=1)


def text_of(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def keys():
    """A fresh Ed25519 pair as JWKs: what ends a PKCS#8 file is the private half."""
    pem, verifier = audit.generate_key("keys")
    private = base64.b64decode("".join(pem.splitlines()[1:-1]))[-32:]
    public = base64.b64decode(verifier.split("+", 2)[2])[-32:]
    jwk = {"kty": "OKP", "crv": "Ed25519", "kid": "k1", "alg": "EdDSA", "use": "sig", "x": text_of(public)}
    return jwk, {**jwk, "d": text_of(private)}


@pytest.fixture
def trust(keys):
    return identity.Trust.parse(json.dumps({"issuers": [{
        "issuer": ISSUER, "algorithms": ["EdDSA"], "audiences": [DOMAIN], "trust_domain": DOMAIN, "kinds": {"transaction": {}},
        "users": ["*@acme.example"], "agents": ["spiffe://acme.example/**"], "replacement": "nests", "keys": {"keys": [keys[0]]}}]}))


@pytest.fixture
def signer(keys):
    return identity.Signer.from_jwk(json.dumps(keys[1]), ISSUER)


def mint(signer, now, **more):
    given = {"trust_domain": DOMAIN, "scope": "a b", "expires": now + 4 * MINUTES, "session_ends": now + 60 * MINUTES, "purpose": "weekly",
             "transaction": "t-1", "scopes": ["read docs:/a; expires 1h"], "now": now, **more}
    return identity.mint_transaction(signer, identity.Identity(agent=AGENT, user=MIKE, expires=now + 30 * MINUTES), **given)


def test_from_token_to_session(signer, trust, now):
    found = identity.authenticate({"transaction": mint(signer, now)}, trust, now=now)
    assert (found.identity.agent, found.identity.user, found.identity.issuer, found.identity.habit) == (AGENT, MIKE, ISSUER, "none")
    assert (found.purpose, found.transaction, len(found.digests)) == ("weekly", "t-1", 1)
    carried = [remit.compile(scope) for scope in found.scopes]
    with remit.open(identity=found.identity, task=carried[0], now=now) as session:
        assert session.facts["agent"] == AGENT and session.check("read", "docs:/a", now=now)
        assert session.status(now=now).ends == found.identity.expires


def test_a_token_is_narrowed_and_never_widened(signer, trust, now):
    token = mint(signer, now)
    narrowed = identity.mint_replacement(signer, token, trust, agent=SUB, scope="a", scopes=["read docs:/a/x; expires 1h"], expires=now + 2 * MINUTES, now=now)
    found = identity.authenticate({"transaction": narrowed}, trust, now=now)
    assert found.identity.agent == SUB and found.identity.chain == [AGENT] and len(found.scopes) == 2
    with pytest.raises(remit.RemitError) as wider:
        identity.mint_replacement(signer, token, trust, agent=SUB, scope="c", expires=now + 2 * MINUTES, now=now)
    assert wider.value.code == "mint_wider"


@pytest.mark.parametrize("change,code", [
    (lambda token: token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB"), None), (lambda token: "x", "not_compact"), (lambda token: token + ".x", None),
])
def test_what_is_no_good_token_is_refused_with_its_code(signer, trust, now, change, code):
    token = mint(signer, now)
    with pytest.raises(remit.RemitError) as refused:
        identity.authenticate({"transaction": change(token)}, trust, now=now)
    assert code is None or refused.value.code == code
    assert token[:40] not in str(refused.value)
    with pytest.raises(remit.RemitError) as expired:
        identity.authenticate({"transaction": token}, trust, now=now + 10 * MINUTES)
    assert expired.value.code == "expired"
    with pytest.raises(ValueError, match="no kind of token"):
        identity.authenticate({"transactoin": token}, trust, now=now)


def test_bad_habits_are_refused_until_the_host_speaks(now):
    task = remit.compile("read docs:/a; expires 1h")
    with pytest.raises(remit.RemitError) as refused:
        remit.open(identity=identity.Identity(agent=AGENT), task=task, now=now)
    assert refused.value.code == "no_accountable_person"
    with pytest.raises(remit.RemitError) as twice:
        remit.open(identity=identity.Identity(agent=AGENT, user=MIKE), agent="spiffe://acme.example/other", task=task, now=now)
    assert twice.value.code == "bad_argument"
    with pytest.raises(remit.RemitError) as late:
        remit.open(identity=identity.Identity(agent=AGENT, user=MIKE, expires=now), task=task, now=now)
    assert late.value.code == "identity_expired"


def test_trust_files_are_strict(tmp_path):
    with pytest.raises(remit.RemitError) as malformed:
        identity.Trust.parse('{"isuers": []}')
    assert malformed.value.code == "trust_malformed" and "issuers" in malformed.value.text
    with pytest.raises(remit.RemitError) as unreadable:
        identity.Trust.load(tmp_path / "nowhere.json")
    assert unreadable.value.code == "trust_unreadable"


def test_identifiers():
    name = identity.parse_identifier("SPIFFE://Acme.Example/agent/a")
    assert (name.kind, name.text, name.trust_domain, name.path) == ("spiffe", "spiffe://acme.example/agent/a", "acme.example", "/agent/a")
    with pytest.raises(remit.RemitError) as refused:
        identity.parse_identifier("spiffe://acme.example/a/../b")
    assert refused.value.code == "identifier_dot_segment"
