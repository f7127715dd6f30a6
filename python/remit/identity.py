"""Identities from verified tokens, and issuing transaction tokens. docs/identity.md has the standards.

>>> from remit import identity
>>> identity.parse_identifier("SPIFFE://Acme.Example/agent/a").text
'spiffe://acme.example/agent/a'
"""

from __future__ import annotations

import datetime
import typing

from . import _remit
from ._remit import Authenticated, Identity, Signer, Trust
from .types import Identifier

__all__ = ["Authenticated", "Identifier", "Identity", "Signer", "Trust", "authenticate", "mint_replacement", "mint_transaction", "parse_identifier"]

Tokens = typing.Mapping[str, str]


def authenticate(tokens: Tokens, trust: Trust, *, target: str = "", now: typing.Optional[datetime.datetime] = None) -> Authenticated:
    """Verifies every token of one request, then that they speak of one request. Refuses the whole for any fault.

    `tokens` maps kinds to tokens without "Bearer ": access_token, on_behalf_of, transaction, jwt_svid, workload,
    workload_proof. Which kind a token is, the host says: it knows where the token came in. `target` is the audience that
    a proof must have: the request's URI as the host knows itself. Raises `RemitError` with the code of the fault; no
    token or key stands in its text. Pass `identity` of what comes out to `remit.open`, and each of its `scopes`,
    compiled, as one more document.
    """
    return _remit.authenticate(list(tokens.items()), trust, target, now)


def mint_transaction(
    signer: Signer,
    identity: Identity,
    *,
    trust_domain: str,
    scope: str,
    expires: datetime.datetime,
    session_ends: datetime.datetime,
    requester: str = "",
    transaction: str = "",
    purpose: str = "",
    scopes: typing.Sequence[str] = (),
    now: typing.Optional[datetime.datetime] = None,
) -> str:
    """A transaction token for a session. `scope`: OAuth scope words; `scopes`: texts of the session's scopes.

    `expires` must not be later than `session_ends`. Raises `RemitError`: mint_malformed, mint_too_late.
    """
    return _remit.mint_transaction(
        signer, identity, trust_domain, scope, expires, session_ends, requester, transaction, purpose, list(scopes), now
    )


def mint_replacement(
    signer: Signer,
    token: str,
    trust: Trust,
    *,
    agent: str,
    expires: datetime.datetime,
    scope: str = "",
    scopes: typing.Sequence[str] = (),
    now: typing.Optional[datetime.datetime] = None,
) -> str:
    """The replacement of a transaction token, for a sub-session of `agent`. Scopes are only added: it is never wider.

    `scope`: some of the token's words, all where empty. Raises `RemitError`.
    """
    return _remit.mint_replacement(signer, token, trust, agent, scope, list(scopes), expires, now)


def parse_identifier(text: str) -> Identifier:
    """Reads the name of an agent or a person. Raises `RemitError` with the code of what is wrong with it."""
    return _remit.parse_identifier(text)
