"""A canary project sees nothing of another's, by any endpoint, by Kafka or as a BI user."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaProducer
from clickhouse_connect.driver.asyncclient import AsyncClient
from kit.patience import until
from kit.shops import Shop, ask, manage, new_shop, redemption, requested

from counterfoil.platform import Platform

PAGES = ("campaigns", "redemption", "analytics")
METHODS = ("get", "post", "put", "patch", "delete")
NEW_OF_ONES_OWN = ("POST /v1/vouchers/{code}",)  # a code may be called as it likes
OPEN = ("/management/", "/go/")  # the operator's, and the public link
LISTS_OF_BI = (
    *("redemption_log", "campaign_performance", "partner_performance", "failure_reasons"),
    *("funnel", "reconciliation_entries", "visit_log", "known_campaigns"),
    *("redemption_events", "visits", "campaigns", "projects"),
    *("segments", "segment_performance"),
)


@dataclass(frozen=True)
class Secret:
    """What another project must never learn; its texts all bear a mark."""

    mark: str
    code: str
    kinds: dict[str, tuple[str, ...]]  # what it is called, by the part of a path that it follows
    campaign_id: str
    partner_id: str
    request_id: str

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(each for kind in self.kinds.values() for each in kind)

    def named_in(self, path: str) -> tuple[str, ...]:
        """Return the names of the kind that a path asks for first, or all of them."""
        return self.kinds.get(path.partition("{")[0].rstrip("/").rpartition("/")[2], self.ids)


@pytest.fixture
async def secret(other_shop: Shop, producer: AIOKafkaProducer, warehouse: AsyncClient) -> Secret:
    """Fill a project with one of everything, and wait until all of it has arrived everywhere."""
    shop, mark = other_shop, f"secret{uuid4().hex[:12]}"
    partner = await shop.made(
        "/v1/partners", {"name": f"{mark} partner", "contract_notes": f"{mark} terms"}
    )
    category = await shop.made("/v1/categories", {"name": f"{mark} category", "hierarchy": 1})
    segment = await shop.made("/v1/segments", {"name": f"{mark} segment", "type": "static"})
    product = await shop.made("/v1/products", {"source_id": f"{mark}-product"})
    collected = {"name": f"{mark} collection", "products": [{"id": product["id"]}]}
    collection = await shop.made("/v1/product-collections", collected)
    campaign = await shop.campaign(
        name=f"{mark} campaign", partner_id=partner["id"], category_id=category["id"]
    )
    code = await shop.code(campaign, f"{mark}-CODE")
    job = await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers?vouchers_count=5")
    voucher = (await shop.call("GET", f"/v1/vouchers/{code}")).json()
    published = await shop.made(
        "/v1/publications",
        {
            "customer": {"source_id": f"{mark}-customer"},
            "voucher": code,
            "source_id": f"{mark}-mailing",
            "metadata": {"note": mark},
        },
    )
    request_id = f"{mark}-request"
    redeemed = await shop.redeem(code, key=request_id, customer=f"{mark}-customer")
    assert redeemed.status_code == 200, redeemed.text
    await ask(producer, requested(shop.project_id, code))
    await shop.http.get(f"/go/{campaign['id']}")
    await shop.redeem(f"{mark}-NOBODY")

    async def arrived() -> bool:
        for table, number in (("redemption_events", 3), ("visits", 1), ("campaigns", 1)):
            count = f"SELECT count() FROM {table} FINAL WHERE project_id = {{id:String}}"
            answer = await warehouse.query(count, parameters={"id": shop.project_id})
            if answer.result_rows != [(number,)]:
                return False
        return True

    async def counted() -> bool:
        used = (await shop.call("GET", f"/v1/vouchers/{code}")).json()
        return bool(used["redemption"]["redeemed_quantity"] == 2)

    await until(arrived, what="the other project's facts in ClickHouse")
    await until(counted, what="the other project's uses in campaigns")
    [done] = redeemed.json()["redemptions"]
    kinds = {
        "partners": (partner["id"],),
        "categories": (category["id"],),
        "segments": (segment["id"],),
        "products": (product["id"], product["source_id"]),
        "product-collections": (collection["id"],),
        "campaigns": (campaign["id"], campaign["name"]),
        "vouchers": (voucher["id"], code),
        "async-actions": (job["async_action_id"],),
        "redemptions": (done["id"],),
        "publications": (published["id"],),
    }
    return Secret(mark, code, kinds, campaign["id"], partner["id"], request_id)


@pytest.fixture
async def canary(platform: Platform) -> Any:
    """A project that has a partner, a campaign and a redemption of its own."""
    async with new_shop(platform) as shop:
        code = await shop.code(await shop.campaign())
        await until(lambda: accepted(shop, code), what="the canary's own redemption")
        yield shop


async def accepted(shop: Shop, code: str) -> bool:
    return (await shop.redeem(code)).status_code == 200


@pytest.mark.parametrize("caller", ["key", "owner", "editor", "viewer", "partner"])
async def test_no_endpoint_shows_or_changes_anothers_things(
    canary: Shop, other_shop: Shop, secret: Secret, caller: str
) -> None:
    headers = canary.keys if caller == "key" else await token_of(canary, caller)
    before = await everything(other_shop, secret)
    tried: set[str] = set()

    for page in PAGES:
        document = (await canary.http.get(f"/openapi/{page}.json")).json()
        paths = document["paths"]
        for method, path in operations(paths):
            operation = paths[path][method.lower()]
            filters = filters_of(operation, secret)
            for url in addresses(path, filters, secret, every=caller in ("key", "partner")):
                body = body_of(operation, document, secret)
                answer = await canary.http.request(method, url, json=body, headers=headers)
                # A body or a query that is refused as such would prove nothing.
                assert "is unknown" not in answer.text, f"{method} {url}: {answer.text}"
                # What we sent ourselves may come back in a refusal, and nothing else.
                told = answer.text
                for sent in (url, *secret.ids):
                    told = told.replace(sent, "")
                assert secret.mark not in told, f"{method} {url}: {answer.text}"
                assert answer.status_code < 500, f"{method} {url}: {answer.text}"
                if "{" in path and f"{method} {path}" not in NEW_OF_ONES_OWN:
                    refused = answer.status_code >= 400 or says_nothing(answer)
                    assert refused, f"{method} {url}: {answer.text}"
                elif method == "GET":
                    assert not any(i in answer.text for i in secret.ids if i not in url), url
                tried.add(f"{method} {path}")

    assert len(tried) >= 25, tried
    assert await everything(other_shop, secret) == before


async def token_of(shop: Shop, role: str) -> dict[str, str]:
    """Let somebody into a shop, and return the header of a token."""
    wish: dict[str, Any] = {"email": f"{uuid4().hex[:12]}@canary.example", "role": role}
    if role == "partner":
        wish["partner_id"] = (await shop.made("/v1/partners", {"name": uuid4().hex}))["id"]
    made = await manage(shop.platform, shop.http, "POST", f"/{shop.project_id}/users", wish)
    proof = {name: made.json()[name] for name in ("email", "password")}
    session = (await shop.http.post("/v1/sessions", json=proof)).json()
    signed_in = {"Authorization": f"Bearer {session['secret']}"}
    answer = await shop.http.post(
        "/v1/sessions/tokens", json={"project_id": shop.project_id}, headers=signed_in
    )
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def operations(paths: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for path, methods in paths.items():
        if not path.startswith(OPEN):
            yield from ((method.upper(), path) for method in methods if method in METHODS)


def filters_of(operation: dict[str, Any], secret: Secret) -> str:
    """Ask a list for what is the other project's, by every filter that it has."""
    wishes = {
        "campaign_id": secret.campaign_id,
        "partner_id": secret.partner_id,
        "code": secret.code,
        "limit": "100",
    }
    known = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"}
    return urlencode({name: wish for name, wish in wishes.items() if name in known})


def addresses(path: str, filters: str, secret: Secret, *, every: bool) -> Iterator[str]:
    """Put the other project's ids where the path wants one; ask lists for them as well.

    Every id stands in every place, or else those of its kind alone.
    """
    if path == "/v1/vouchers/{code}":  # a new one, which may be called as it likes
        yield path.format(code=f"CANARY-{uuid4().hex[:8]}")
        return
    if "{" in path:
        for each in secret.ids if every else secret.named_in(path):
            yield re.sub(r"\{[^}]+\}", each.replace(" ", "%20"), path, count=1).replace(
                "{code}", f"CANARY-{uuid4().hex[:8]}"
            )
        return
    yield path
    if filters:
        yield f"{path}?{filters}"


def body_of(operation: dict[str, Any], document: dict[str, Any], secret: Secret) -> Any:
    """Write a body as its page's example has it, about what is the other project's."""
    if "requestBody" not in operation:
        return None
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    found = [schema, *schema.get("anyOf", ())]
    named = [
        document["components"]["schemas"][each["$ref"].rpartition("/")[2]]
        for each in found
        if "$ref" in each
    ]
    example = next((e for each in (*named, *found) for e in each.get("examples", ())), None)
    if example is None:  # a switch needs none
        return None
    body = dict(example)
    known = {name for each in named for name in each.get("properties", ())}
    body |= {name: wish for name, wish in ours(secret).items() if name in known & body.keys()}
    if "redeemables" in body:
        return redemption(secret.code)
    if "voucher" in body and "name" in body:  # a campaign for the other project's partner
        body |= {"partner_id": secret.partner_id}
    return body


def ours(secret: Secret) -> dict[str, str]:
    """What bodies are about: fresh where it must be, and else the other project's."""
    fresh = uuid4().hex[:12]
    return {
        "name": f"Canary {fresh}",
        "email": f"{fresh}@canary.example",
        "partner_id": secret.partner_id,
        "campaign_id": secret.campaign_id,
        "code": secret.code,
    }


def says_nothing(answer: httpx.Response) -> bool:
    """Tell whether it is a list without a line."""
    told = answer.json() if answer.content else {}
    return told.get("object") == "list" and not told[told["data_ref"]]


async def everything(shop: Shop, secret: Secret) -> str:
    """Write down what the owner sees, reports included."""
    paths = (
        "/v1/partners",
        "/v1/categories",
        "/v1/campaigns",
        f"/v1/vouchers?campaign_id={secret.campaign_id}&limit=100",
        "/v1/publications",
        "/v1/reports/partners",
        "/v1/reports/failures",
    )
    return json.dumps([await shop.listed(path) for path in paths])


async def test_the_same_code_and_key_are_other_things_in_another_project(
    platform: Platform, canary: Shop, secret: Secret, producer: AIOKafkaProducer
) -> None:
    foreign = await canary.redeem(secret.code, key=secret.request_id)
    unknown = await canary.redeem("NOBODY-HAS-THIS", key=uuid4().hex)

    assert (foreign.status_code, foreign.json()["key"]) == (404, "not_found")
    assert "Idempotent-Replayed" not in foreign.headers
    assert words(foreign.json(), secret.code) == words(unknown.json(), "NOBODY-HAS-THIS")

    await ask(producer, requested(canary.project_id, secret.code, request_id="by-kafka"))
    ledger = await asyncpg.connect(platform.views["redemption"])
    try:
        sql = "SELECT reason FROM reconciliation_entries WHERE project_id = $1 AND code = $2"

        async def refused() -> list[str] | None:
            rows = await ledger.fetch(sql, canary.project_id, secret.code)
            return [row["reason"] for row in rows] if len(rows) == 2 else None

        assert await until(refused, what="Kafka's request decided") == ["not_found", "not_found"]
    finally:
        await ledger.close()
    own = await canary.code(await canary.campaign(), secret.code)  # nobody's name is taken for all
    await until(lambda: accepted(canary, own), what="the same code, of one's own")


def words(refusal: dict[str, Any], code: str) -> str:
    """Strip a refusal of what differs between any two."""
    return json.dumps({k: v for k, v in refusal.items() if k != "resource_id"}).replace(code, "")


async def test_a_bi_user_sees_one_project(
    other_shop: Shop, secret: Secret, bi: AsyncClient, warehouse: AsyncClient
) -> None:
    for table in LISTS_OF_BI:
        there = f"SELECT count() FROM {table} WHERE project_id = {{id:String}}"
        asked = {"id": other_shop.project_id}
        [[hidden]] = (await warehouse.query(there, parameters=asked)).result_rows
        [[seen]] = (await bi.query(there, parameters=asked)).result_rows
        assert (hidden > 0, seen) == (True, 0), table  # there is something to hide
        everything = await bi.query(f"SELECT * FROM {table}")
        assert secret.mark not in repr(everything.result_rows)
        assert other_shop.project_id not in repr(everything.result_rows)
