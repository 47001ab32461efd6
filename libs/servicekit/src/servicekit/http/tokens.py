"""Tokens: what a person who is signed in sends in place of a key.

Signed (Ed25519) where people sign in, checked wherever one is sent: who checks cannot sign. Each is
for one project, has the scopes of its bearer's role there, and names what it came from: a session
and a grant. Ending either of these ends the token before its time.

The library's decode alone accepts what has expired; its claims are checked here, all of them.
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import msgspec
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import OKPKey

ALGORITHM: Final = "Ed25519"
ISSUER: Final = "counterfoil"
AUDIENCE: Final = "counterfoil"
LIFETIME_SECONDS: Final = 600
SKEW_SECONDS: Final = 10  # as far as the clocks of two machines may differ
LONGEST: Final = 4_000
EXPIRED: Final = "the token has expired: ask for another"
FORGED: Final = "the token is none of ours"

_REGISTRY: Final = jwt.JWTClaimsRegistry(
    leeway=SKEW_SECONDS,
    iss={"essential": True, "value": ISSUER},
    aud={"essential": True, "value": AUDIENCE},
    iat={"essential": True},
    exp={"essential": True},
)

Keys = Mapping[str, OKPKey]
OF_NOBODY: Final[Keys] = MappingProxyType({})  # where no token opens anything


class InvalidTokenError(Exception):
    """Not a token of ours that is in force; the text says what its bearer can do."""


class Claims(NamedTuple):
    """Who somebody is, and what he may do in which project."""

    user_id: str
    session_id: str
    grant_id: str
    project_id: str
    scopes: frozenset[str]
    partner_id: str | None
    expires_at: int

    @property
    def expires(self) -> datetime:
        """Return when it expires, as an instant."""
        return datetime.fromtimestamp(self.expires_at, UTC)


class _Sent(msgspec.Struct):
    sub: str
    sid: str
    grant: str
    project: str
    scopes: list[str]
    iat: int
    exp: int
    partner: str | None = None


def public_keys(text: str) -> Keys:
    """Read public keys, 32 bytes in base64url each, with commas between. Raises ValueError.

    Two, while the key that signs is replaced: tokens of either are accepted.
    """
    keys = [_key({"x": each.strip()}) for each in text.split(",")]
    return {key.thumbprint(): key for key in keys}


def private_key(text: str) -> OKPKey:
    """Read the key that signs, 32 bytes in base64url. Raises ValueError."""
    # The library asks for the public half, which follows from the other, and does not compare.
    return OKPKey.import_key(_key({"d": text.strip(), "x": text.strip()}).raw_value)


def make_keys() -> tuple[str, str]:
    """Draw a pair of keys: the private one and the public one, as settings have them."""
    made = OKPKey.generate_key(ALGORITHM).as_dict(private=True)
    return str(made["d"]), str(made["x"])


def public_half(private: str) -> str:
    """Return what the others are told of a private key."""
    return str(private_key(private).as_dict(private=False)["x"])


def sign(claims: Claims, key: OKPKey) -> str:
    """Make a token."""
    sent: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": claims.user_id,
        "sid": claims.session_id,
        "grant": claims.grant_id,
        "project": claims.project_id,
        "scopes": sorted(claims.scopes),
        "iat": int(time.time()),
        "exp": claims.expires_at,
    }
    if claims.partner_id is not None:
        sent["partner"] = claims.partner_id
    header = {"alg": ALGORITHM, "kid": key.thumbprint()}
    return jwt.encode(header, sent, key, algorithms=[ALGORITHM])


def verify(token: str, keys: Keys) -> Claims:
    """Return what a token says. Raises InvalidTokenError."""
    if len(token) > LONGEST:
        raise InvalidTokenError(FORGED)
    try:
        decoded = jwt.decode(token, lambda signed: _named(keys, signed.headers()), [ALGORITHM])
        _REGISTRY.validate(decoded.claims)
        sent = msgspec.convert(decoded.claims, _Sent)
    except ExpiredTokenError as error:
        raise InvalidTokenError(EXPIRED) from error
    except (JoseError, ValueError) as error:  # msgspec's own is a ValueError
        raise InvalidTokenError(FORGED) from error
    if sent.exp - sent.iat > LIFETIME_SECONDS:  # who ended it is remembered for no longer
        raise InvalidTokenError(FORGED)
    return Claims(
        user_id=sent.sub,
        session_id=sent.sid,
        grant_id=sent.grant,
        project_id=sent.project,
        scopes=frozenset(sent.scopes),
        partner_id=sent.partner,
        expires_at=sent.exp,
    )


def _named(keys: Keys, header: Mapping[str, Any]) -> OKPKey:
    key = keys.get(str(header.get("kid")))
    if key is None:
        raise InvalidTokenError(FORGED)
    return key


def _key(half: Mapping[str, str]) -> OKPKey:
    try:
        return OKPKey.import_key({"kty": "OKP", "crv": ALGORITHM, **half})
    except (JoseError, ValueError) as error:
        raise ValueError("should be 32 bytes in base64url: 43 characters") from error
