"""Tokens: what we signed, for us, while it lasts; the library alone would accept more."""

import base64
import json
import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from kit import tokens as samples

from servicekit.http import tokens
from servicekit.http.tokens import InvalidTokenError

KEYS = tokens.public_keys(samples.PUBLIC_KEY)
PRIVATE = tokens.private_key(samples.PRIVATE_KEY)
KID = PRIVATE.thumbprint()


def said(**overrides: Any) -> dict[str, Any]:
    """Return the claims of a good token; None leaves one out."""
    now = int(time.time())
    claims = {
        "iss": tokens.ISSUER,
        "aud": tokens.AUDIENCE,
        "sub": "user_a",
        "sid": "sess_a",
        "grant": "grant_a",
        "project": "proj_a",
        "scopes": ["campaigns"],
        "iat": now,
        "exp": now + 60,
    } | overrides
    return {name: value for name, value in claims.items() if value is not None}


def signed(**overrides: Any) -> str:
    header = {"alg": "Ed25519", "kid": KID}
    return jwt.encode(header, said(**overrides), PRIVATE, algorithms=["Ed25519"])


def test_a_token_says_what_was_signed() -> None:
    claims = samples.claims("proj_a", "campaigns", "reports", partner_id="part_1")

    assert tokens.verify(tokens.sign(claims, PRIVATE), KEYS) == claims
    assert tokens.verify(signed(), KEYS).scopes == {"campaigns"}


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"exp": int(time.time()) - 60}, id="expired"),
        pytest.param({"exp": None}, id="for-ever"),
        pytest.param({"exp": "2099-01-01"}, id="expires-at-no-number"),
        pytest.param({"exp": int(time.time()) + 86_400}, id="longer-than-endings-are-remembered"),
        pytest.param({"iat": int(time.time()) + 3600, "exp": int(time.time()) + 3700}, id="early"),
        pytest.param({"iat": None}, id="since-ever"),
        pytest.param({"nbf": int(time.time()) + 86_400}, id="not-yet"),
        pytest.param({"iss": "https://evil.example"}, id="of-another-issuer"),
        pytest.param({"iss": None}, id="of-nobody"),
        pytest.param({"aud": "somebody-else"}, id="for-somebody-else"),
        pytest.param({"aud": None}, id="for-nobody"),
        pytest.param({"sub": None}, id="about-nobody"),
        pytest.param({"sid": None}, id="without-a-session"),
        pytest.param({"grant": None}, id="without-a-grant"),
        pytest.param({"project": None}, id="without-a-project"),
        pytest.param({"project": ["proj_a", "proj_b"]}, id="for-two-projects"),
        pytest.param({"scopes": None}, id="without-scopes"),
        pytest.param({"scopes": "campaigns"}, id="with-scopes-that-are-letters"),
    ],
)
def test_a_token_that_we_signed_is_refused_all_the_same(claims: dict[str, Any]) -> None:
    with pytest.raises(InvalidTokenError):
        tokens.verify(signed(**claims), KEYS)


def test_who_has_an_expired_token_is_told_so() -> None:
    with pytest.raises(InvalidTokenError, match="expired"):
        tokens.verify(signed(exp=int(time.time()) - 60), KEYS)


def test_a_token_of_another_key_is_refused_also_under_our_keys_name() -> None:
    other = tokens.private_key(tokens.make_keys()[0])
    for kid in (KID, other.thumbprint()):
        header = {"alg": "Ed25519", "kid": kid}
        with pytest.raises(InvalidTokenError):
            tokens.verify(jwt.encode(header, said(), other, algorithms=["Ed25519"]), KEYS)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def forgeries() -> dict[str, str]:
    ours, body, signature = signed().split(".")
    public = samples.PUBLIC_KEY.encode()
    by_our_public_key = OctKey.import_key(public)
    return {
        "none": f"{part({'alg': 'none', 'kid': KID})}.{body}.",
        "none-with-a-signature": f"{part({'alg': 'none', 'kid': KID})}.{body}.{signature}",
        "hs256-by-our-public-key": jwt.encode(
            {"alg": "HS256", "kid": KID}, said(), by_our_public_key, algorithms=["HS256"]
        ),
        "rs256": jwt.encode(
            {"alg": "RS256", "kid": KID}, said(), RSAKey.generate_key(2048), algorithms=["RS256"]
        ),
        "without-the-keys-name": jwt.encode(
            {"alg": "Ed25519"}, said(), PRIVATE, algorithms=["Ed25519"]
        ),
        "with-its-own-key": f"{part({'alg': 'Ed25519', 'jwk': {'kty': 'OKP'}})}.{body}.{signature}",
        "of-other-words": f"{ours}.{part(said(sub='x'))}.{signature}",
        "without-a-signature": f"{ours}.{body}.",
        "no-object": f"{ours}.{part([1])}.{signature}",
        "a-kid-that-is-a-list": f"{part({'alg': 'Ed25519', 'kid': [KID]})}.{body}.{signature}",
    }


@pytest.mark.parametrize("name", forgeries())
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_forgery_is_refused(name: str) -> None:
    with pytest.raises(InvalidTokenError):
        tokens.verify(forgeries()[name], KEYS)


def test_two_keys_are_accepted_while_one_replaces_the_other() -> None:
    private, public = tokens.make_keys()
    both = tokens.public_keys(f"{public},{samples.PUBLIC_KEY}")
    claims = samples.claims()

    for key in (private, samples.PRIVATE_KEY):
        assert tokens.verify(tokens.sign(claims, tokens.private_key(key)), both) == claims
    with pytest.raises(InvalidTokenError):
        tokens.verify(tokens.sign(claims, PRIVATE), tokens.public_keys(public))


def test_the_public_half_follows_from_the_private_one() -> None:
    private, public = tokens.make_keys()
    assert tokens.public_half(private) == public


@pytest.mark.parametrize("text", ["", "x", samples.PUBLIC_KEY[:-4], f"{samples.PUBLIC_KEY},"])
def test_what_is_no_key_is_refused_at_the_start(text: str) -> None:
    with pytest.raises(ValueError, match="43 characters"):
        tokens.public_keys(text)
