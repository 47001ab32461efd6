"""An OIDC provider of the tests' own: HTTP, keys, PKCE, and whatever wrong word is asked of it."""

import asyncio
import base64
import hashlib
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from kit.patience import until
from kit.plain_http import PLAIN
from kit.service_process import free_port

CLIENT_ID, CLIENT_SECRET = "counterfoil", "a secret of the provider's"
REDIRECT_URL = "http://127.0.0.1:8080/signin/oidc"


class OidcProvider:
    """Vouches for `person`; `overrides` are wrong claims, of which None leaves one out."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.key = RSAKey.generate_key(2048, auto_kid=True)
        self.signs_by: Any = self.key
        self.person: dict[str, Any] = {
            "sub": "1",
            "email": "ann@shop.example",
            "email_verified": True,
            "name": "Ann Lee",
        }
        self.overrides: dict[str, Any] = {}
        self.is_away = False
        self._codes: dict[str, dict[str, str]] = {}

    @property
    def settings(self) -> dict[str, str]:
        return {
            "CAMPAIGNS_OIDC_ISSUER": self.issuer,
            "CAMPAIGNS_OIDC_CLIENT_ID": CLIENT_ID,
            "CAMPAIGNS_OIDC_CLIENT_SECRET": CLIENT_SECRET,
            "CAMPAIGNS_OIDC_REDIRECT_URL": REDIRECT_URL,
        }

    @property
    def application(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._published),
                Route("/keys", self._keys),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    async def visit(self, authorization_url: str) -> dict[str, str]:
        """Go there as a browser does, and return what one comes back with."""
        async with httpx.AsyncClient(**PLAIN) as browser:
            answer = await browser.get(authorization_url)
        assert answer.status_code == 307, answer.text
        went = answer.headers["location"]
        assert went.startswith(REDIRECT_URL)
        return {name: values[0] for name, values in parse_qs(urlsplit(went).query).items()}

    async def _published(self, _request: Request) -> Response:
        if self.is_away:
            return Response(status_code=502)
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
        )

    async def _keys(self, _request: Request) -> Response:
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["client_id"] == CLIENT_ID
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert {"openid", "email"} <= set(asked["scope"].split())
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}")

    async def _token(self, request: Request) -> Response:
        sent = {name: value[0] for name, value in parse_qs((await request.body()).decode()).items()}
        asked = self._codes.pop(sent.get("code", ""), None)
        told = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        if (
            asked is None
            or request.headers["authorization"] != f"Basic {told}"
            or sent["redirect_uri"] != asked["redirect_uri"]
            or base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {"access_token": "x", "token_type": "Bearer", "id_token": self._id_token(asked)}
        )

    def _id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.person,
            **self.overrides,
        }
        said = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": "RS256", "kid": self.signs_by.kid}
        return jwt.encode(header, said, self.signs_by, algorithms=["RS256"])


@asynccontextmanager
async def running() -> AsyncIterator[OidcProvider]:
    """Run a provider in this process, on a port of its own."""
    port = free_port()
    provider = OidcProvider(port)
    config = uvicorn.Config(provider.application, port=port, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # the tests' own
    serving = asyncio.create_task(server._serve())

    async def started() -> bool:
        return server.started

    await until(started, what="the provider", every=0.01)
    try:
        yield provider
    finally:
        server.should_exit = True
        await serving
