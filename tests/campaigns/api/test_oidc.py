"""Signing in by a provider's word, and every word that is not enough."""

import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from joserfc.jwk import RSAKey
from kit import oidc_provider
from kit.campaigns_people import a_person, secret_of
from kit.campaigns_samples import Shop, environment
from kit.oidc_provider import OidcProvider

from campaigns import app
from campaigns.app import Waits
from campaigns.oidc import attempts
from campaigns.settings import ApiSettings

ANN = "ann@shop.example"


@pytest.fixture
async def provider() -> AsyncIterator[OidcProvider]:
    async with oidc_provider.running() as provider:
        yield provider


@pytest.fixture
async def api(
    campaigns_db: str, waits: Waits, provider: OidcProvider, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[FastAPI]:
    """The api as it is composed, with a provider."""
    for name, value in (environment(campaigns_db) | provider.settings).items():
        monkeypatch.setenv(name, value)
    api = app.api(ApiSettings(), waits)
    async with api.router.lifespan_context(api):
        yield api


async def begun(http: httpx.AsyncClient) -> dict[str, Any]:
    answer = await http.post("/v1/oidc/begin")
    assert answer.status_code == 200, answer.text
    beginning: dict[str, Any] = answer.json()
    return beginning


async def finished(
    http: httpx.AsyncClient, provider: OidcProvider, **overrides: str
) -> httpx.Response:
    """Sign in as a browser does, but for what is overridden."""
    beginning = await begun(http)
    back = await provider.visit(beginning["authorization_url"])
    assert back["state"] == beginning["state"]
    return await http.post("/v1/oidc/finish", json=back | overrides)


async def test_it_is_said_whether_a_provider_is_there(
    http: httpx.AsyncClient, provider: OidcProvider
) -> None:
    answer = await http.get("/v1/oidc")
    assert answer.json() == {"offered": True, "issuer": provider.issuer, "object": "oidc"}


async def test_a_user_signs_in_by_the_providers_word(shop: Shop, provider: OidcProvider) -> None:
    person = await a_person(shop, email=ANN)

    answer = await finished(shop.http, provider)

    session = answer.json()
    assert answer.status_code == 200, answer.text
    assert session["user"]["id"] == person.user_id
    assert [project["role"] for project in session["projects"]] == ["owner"]
    assert await person.token(session)


async def test_an_e_mail_is_the_same_in_capitals(shop: Shop, provider: OidcProvider) -> None:
    await a_person(shop, email=ANN)
    provider.person["email"] = "Ann@Shop.Example"
    assert (await finished(shop.http, provider)).status_code == 200


async def test_who_is_invited_comes_in_by_it(shop: Shop, provider: OidcProvider) -> None:
    invited = await shop.call("POST", "/v1/invitations", {"email": ANN, "role": "viewer"})
    assert invited.status_code == 200

    session = (await finished(shop.http, provider)).json()

    assert session["user"] | {"id": "", "preferences": {}} == {
        "id": "",
        "email": ANN,
        "name": "Ann Lee",
        "has_password": False,
        "preferences": {},
        "object": "user",
    }
    assert [project["role"] for project in session["projects"]] == ["viewer"]
    assert (await shop.call("GET", "/v1/invitations")).json()["total"] == 0


async def refused(shop: Shop, provider: OidcProvider, **overrides: str) -> str:
    answer = await finished(shop.http, provider, **overrides)
    assert answer.status_code == 401, answer.text
    return str(answer.json()["key"])


async def test_who_is_neither_a_user_nor_invited_is_nobody(
    shop: Shop, provider: OidcProvider
) -> None:
    assert await refused(shop, provider) == "sign_in_failed"


WRONG: dict[str, dict[str, Any]] = {
    "unverified": {"email_verified": False},
    "verified-in-words": {"email_verified": "true"},
    "verified-by-nobody": {"email_verified": None},
    "no-e-mail": {"email": None},
    "an-e-mail-that-is-none": {"email": "ann"},
    "wrong-nonce": {"nonce": "of another try"},
    "no-nonce": {"nonce": None},
    "expired": {"exp": int(time.time()) - 3600},
    "for-ever": {"exp": None},
    "of-another-issuer": {"iss": "https://evil.example"},
    "for-somebody-else": {"aud": "another-client"},
    "for-many-and-not-said-by-whom": {"aud": ["counterfoil", "another-client"]},
    "by-somebody-else": {"aud": ["counterfoil", "another-client"], "azp": "another-client"},
    "about-nobody": {"sub": None},
    "of-tomorrow": {"iat": int(time.time()) + 86_400},
}


@pytest.mark.parametrize("overrides", WRONG.values(), ids=WRONG)
async def test_a_word_that_is_not_for_this_try_is_not_enough(
    shop: Shop, provider: OidcProvider, overrides: dict[str, Any]
) -> None:
    await a_person(shop, email=ANN)
    provider.overrides = overrides
    assert await refused(shop, provider) == "sign_in_failed"


async def test_a_word_by_another_key_is_not_enough(shop: Shop, provider: OidcProvider) -> None:
    await a_person(shop, email=ANN)
    provider.signs_by = RSAKey.generate_key(2048, auto_kid=True)
    assert await refused(shop, provider) == "sign_in_failed"


async def test_a_new_key_of_the_provider_is_found(
    shop: Shop, provider: OidcProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_person(shop, email=ANN)
    assert (await finished(shop.http, provider)).status_code == 200
    monkeypatch.setattr("campaigns.oidc.provider.BETWEEN_LOOKS_SECONDS", 0.0)

    provider.key = provider.signs_by = RSAKey.generate_key(2048, auto_kid=True)

    assert (await finished(shop.http, provider)).status_code == 200


async def test_a_forged_state_is_refused_before_the_provider_is_asked(
    shop: Shop, provider: OidcProvider
) -> None:
    await a_person(shop, email=ANN)
    ours = (await begun(shop.http))["state"]
    expires, chance, signature = ours.split(".")
    provider.is_away = True
    for forged in (
        "x",
        "..",
        f"{int(expires) + 1}.{chance}.{signature}",
        f"{expires}.{chance}x.{signature}",
        f"{expires}.{chance}.{signature[:-1]}",
        attempts.begin(b"another key").state,
    ):
        answer = await shop.http.post("/v1/oidc/finish", json={"code": "x", "state": forged})
        assert (answer.status_code, answer.json()["key"]) == (401, "sign_in_failed"), forged


async def test_a_state_of_another_try_does_not_fit_the_code(
    shop: Shop, provider: OidcProvider
) -> None:
    await a_person(shop, email=ANN)
    other = (await begun(shop.http))["state"]
    assert await refused(shop, provider, state=other) == "sign_in_failed"


async def test_a_state_is_good_for_ten_minutes(
    shop: Shop, provider: OidcProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_person(shop, email=ANN)
    monkeypatch.setattr(attempts, "LIFETIME_SECONDS", -1)
    assert await refused(shop, provider) == "sign_in_failed"


async def test_a_code_is_good_once(shop: Shop, provider: OidcProvider) -> None:
    await a_person(shop, email=ANN)
    back = await provider.visit((await begun(shop.http))["authorization_url"])

    codes = [(await shop.http.post("/v1/oidc/finish", json=back)).status_code for _ in range(2)]

    assert codes == [200, 401]


async def test_a_password_that_was_set_before_anybody_vouched_ends_with_its_sessions(
    shop: Shop, provider: OidcProvider
) -> None:
    stranger = await a_person(shop, email=ANN)
    theirs = await stranger.session()

    session = (await finished(shop.http, provider)).json()

    assert session["user"]["has_password"] is False
    assert (await stranger.sign_in()).status_code == 401
    gone = await shop.http.get("/v1/account", headers=secret_of(theirs))
    assert gone.status_code == 401
    new = {"new_password": "a password of her own"}
    body = {"project_id": shop.project_id}
    made = await shop.http.post("/v1/sessions/tokens", json=body, headers=secret_of(session))
    token = {"Authorization": f"Bearer {made.json()['token']}"}
    assert (await shop.http.put("/v1/account", json=new, headers=token)).status_code == 401
    mine = await shop.http.put("/v1/account", json=new, headers=secret_of(session))
    assert mine.json()["has_password"] is True
    assert (await finished(shop.http, provider)).json()["user"]["has_password"] is True


async def test_a_provider_that_is_away_is_no_wrong_password(
    shop: Shop, provider: OidcProvider
) -> None:
    provider.is_away = True
    answer = await shop.http.post("/v1/oidc/begin")
    assert (answer.status_code, answer.json()["key"]) == (503, "service_unavailable")


class TestWithoutAProvider:
    @pytest.fixture
    async def api(
        self, campaigns_db: str, waits: Waits, monkeypatch: pytest.MonkeyPatch
    ) -> AsyncIterator[FastAPI]:
        for name, value in environment(campaigns_db).items():
            monkeypatch.setenv(name, value)
        api = app.api(ApiSettings(), waits)
        async with api.router.lifespan_context(api):
            yield api

    async def test_none_is_offered(self, http: httpx.AsyncClient) -> None:
        assert (await http.get("/v1/oidc")).json()["offered"] is False
        assert (await http.post("/v1/oidc/begin")).status_code == 404
        body = {"code": "x", "state": "x"}
        assert (await http.post("/v1/oidc/finish", json=body)).status_code == 404
