"""The provider: where it sends people, and what its word is worth.

An id token is its word only if it was signed by one of its keys, for us, just now, and for the try
that it comes back with. All of that is checked here; the library's decode checks the signature.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from campaigns.oidc.attempts import Attempt
from campaigns.refusals import SignInFailedError
from campaigns.settings import is_private
from servicekit.http.errors import unavailable

KEPT_SECONDS: Final = 3600.0
BETWEEN_LOOKS_SECONDS: Final = 30.0  # an unknown key's name makes us look again, not all the time
ANSWER_SECONDS: Final = 5.0
SKEW_SECONDS: Final = 30
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "Ed25519")
AWAY: Final = "the provider does not answer as it should: try again, or sign in by password"


@dataclass(frozen=True, slots=True)
class Registration:
    """As whom the provider knows us."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_url: str


class Known(NamedTuple):
    """What the provider publishes of itself."""

    authorization_endpoint: str
    token_endpoint: str
    keys: KeySet
    read_at: float


class Identity(NamedTuple):
    """Whom the provider vouches for."""

    email: str
    name: str | None


class Provider:
    """Asks the provider; a class because it remembers what that publishes."""

    def __init__(self, registration: Registration, client: httpx.AsyncClient) -> None:
        self.registration = registration
        self._client = client
        self._known: Known | None = None

    async def authorization_url(self, attempt: Attempt) -> str:
        """Return where somebody goes to prove who he is."""
        known = await self._published()
        url: str = prepare_grant_uri(
            known.authorization_endpoint,
            self.registration.client_id,
            "code",
            redirect_uri=self.registration.redirect_url,
            scope="openid email profile",
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
        )
        return url

    async def identity(self, code: str, attempt: Attempt) -> Identity:
        """Return who has come back with this code. Raises SignInFailedError."""
        known = await self._published()
        body = prepare_token_request(
            "authorization_code",
            code=code,
            redirect_uri=self.registration.redirect_url,
            code_verifier=attempt.verifier,
        )
        answer = await self._asked(
            "POST",
            known.token_endpoint,
            content=body,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            auth=(self.registration.client_id, self.registration.client_secret),
        )
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise SignInFailedError
        return _identity(await self._claims(token, attempt.nonce))

    async def _claims(self, token: str, nonce: str) -> Mapping[str, Any]:
        for known in (await self._published(), None):
            keys = (known or await self._published(anew=True)).keys
            try:
                decoded = jwt.decode(token, keys, algorithms=ALGORITHMS)
            except (JoseError, ValueError) as error:
                if known is None:
                    raise SignInFailedError from error
                continue  # perhaps it signs by a new key
            self._check(decoded.claims, nonce)
            return decoded.claims
        raise SignInFailedError

    def _check(self, claims: Mapping[str, Any], nonce: str) -> None:
        ours = self.registration.client_id
        registry = jwt.JWTClaimsRegistry(
            leeway=SKEW_SECONDS,
            iss={"essential": True, "value": self.registration.issuer},
            aud={"essential": True, "value": ours},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            registry.validate(dict(claims))
        except (JoseError, ValueError) as error:
            raise SignInFailedError from error
        for_many = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if for_many else ours) != ours:
            raise SignInFailedError

    async def _published(self, *, anew: bool = False) -> Known:
        """Return what the provider publishes, as of a while ago."""
        age = float("inf") if self._known is None else time.monotonic() - self._known.read_at
        if self._known is None or age > (BETWEEN_LOOKS_SECONDS if anew else KEPT_SECONDS):
            self._known = await self._read()
        return self._known

    async def _read(self) -> Known:
        issuer = self.registration.issuer
        told = await self._asked("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if told.get("issuer") != issuer:  # somebody else's word
            raise unavailable(AWAY)
        urls = [told.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
        if not all(isinstance(url, str) and is_private(url) for url in urls):
            raise unavailable(AWAY)
        authorization, token, jwks = map(str, urls)
        try:
            keys = KeySet.import_key_set(await self._asked("GET", jwks))  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise unavailable(AWAY) from error
        return Known(authorization, token, keys, time.monotonic())

    async def _asked(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        try:
            answer = await self._client.request(method, url, timeout=ANSWER_SECONDS, **more)
            told = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise unavailable(AWAY) from error
        if method == "POST" and answer.is_client_error:  # a code that it did not give, or took
            raise SignInFailedError
        if not answer.is_success or not isinstance(told, dict):
            raise unavailable(AWAY)
        return told


def _identity(claims: Mapping[str, Any]) -> Identity:
    email, name = claims.get("email"), claims.get("name")
    if not isinstance(email, str) or claims.get("email_verified") is not True:
        raise SignInFailedError
    return Identity(email, name if isinstance(name, str) else None)
