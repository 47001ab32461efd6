"""One project never sees or changes what is another's, by any endpoint."""

import re
from typing import Any

import asyncpg
from fastapi import FastAPI
from kit.campaigns_samples import Shop


async def test_a_stranger_finds_nothing_by_id_name_or_code(shop: Shop, rival: Shop) -> None:
    partner = await shop.made("/v1/partners", {"name": "Canary"})
    category = await shop.made("/v1/categories", {"name": "Canary", "hierarchy": 1})
    campaign = await shop.campaign(name="Canary", partner_id=partner["id"])
    voucher = await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/CANARY")
    job = await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers?vouchers_count=2")
    calls: list[tuple[str, str, Any]] = [
        ("GET", f"/v1/partners/{partner['id']}", None),
        ("PUT", f"/v1/partners/{partner['id']}", {"name": "Mine"}),
        ("GET", f"/v1/categories/{category['id']}", None),
        ("PUT", f"/v1/categories/{category['id']}", {"name": "Mine", "hierarchy": 0}),
        ("DELETE", f"/v1/categories/{category['id']}", None),
        ("GET", f"/v1/async-actions/{job['async_action_id']}", None),
    ]
    for named in (campaign["id"], "Canary"):
        calls += [
            ("GET", f"/v1/campaigns/{named}", None),
            ("PUT", f"/v1/campaigns/{named}", {"description": "mine"}),
            ("POST", f"/v1/campaigns/{named}/enable", None),
            ("POST", f"/v1/campaigns/{named}/disable", None),
            ("POST", f"/v1/campaigns/{named}/vouchers", None),
            ("POST", f"/v1/campaigns/{named}/vouchers?vouchers_count=5", None),
            ("POST", f"/v1/campaigns/{named}/vouchers/MINE", None),
        ]
    for named in (voucher["id"], "CANARY"):
        calls += [
            ("GET", f"/v1/vouchers/{named}", None),
            ("POST", f"/v1/vouchers/{named}/enable", None),
            ("POST", f"/v1/vouchers/{named}/disable", None),
        ]

    answers = {
        f"{method} {path}": (await rival.call(method, path, body)).status_code
        for method, path, body in calls
    }

    assert set(answers.values()) == {404}, answers
    assert (await shop.call("GET", f"/v1/campaigns/{campaign['id']}")).json()["active"] is True


async def test_a_strangers_lists_are_empty(shop: Shop, rival: Shop) -> None:
    campaign = await shop.campaign(name="Canary")
    await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/CANARY")
    paths = [
        "/v1/partners",
        "/v1/categories",
        "/v1/campaigns",
        "/v1/vouchers",
        "/v1/vouchers?campaign=Canary",
        f"/v1/vouchers?campaign_id={campaign['id']}",
        "/v1/vouchers?code=CANARY",
    ]

    totals = {path: (await rival.call("GET", path)).json()["total"] for path in paths}

    assert set(totals.values()) == {0}, totals


async def test_a_strangers_things_cannot_be_referred_to(shop: Shop, rival: Shop) -> None:
    partner = await shop.made("/v1/partners", {"name": "Canary"})
    category = await shop.made("/v1/categories", {"name": "Canary", "hierarchy": 1})
    body: dict[str, Any] = {
        "name": "Mine",
        "voucher": {"type": "DISCOUNT_VOUCHER", "discount": {"type": "AMOUNT", "amount_off": 1}},
    }

    for wish in ({"partner_id": partner["id"]}, {"category_id": category["id"]}):
        assert (await rival.call("POST", "/v1/campaigns", body | wish)).status_code == 404


async def test_the_same_code_lives_in_two_projects(shop: Shop, rival: Shop) -> None:
    for each in (shop, rival):
        campaign = await each.campaign()
        await each.made(f"/v1/campaigns/{campaign['id']}/vouchers/TWIN")

    mine = (await shop.call("GET", "/v1/vouchers/TWIN")).json()
    theirs = (await rival.call("GET", "/v1/vouchers/TWIN")).json()

    assert mine["id"] != theirs["id"]


# Where a code may be called as it likes, or a token in the path opens what there is.
OF_ONES_OWN = ("/v1/vouchers/{code}", "/v1/invitations/{token}", "/v1/invitations/{token}/accept")
CHANCE = re.compile(r"v-[0-9a-f]{18}")
IF = {"logic": "1", "1": {"name": "order.amount", "conditions": {"$more_than": [1]}}}


async def everything_of(shop: Shop) -> dict[str, list[str]]:
    """Make one of everything; return what it is called, by how paths name it."""
    partner = await shop.made("/v1/partners", {"name": "Canary"})
    category = await shop.made("/v1/categories", {"name": "Canary", "hierarchy": 1})
    campaign = await shop.campaign(name="Canary", partner_id=partner["id"])
    voucher = await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/CANARY")
    job = await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers?vouchers_count=2")
    binned = await shop.campaign(name="Binned", partner_id=partner["id"])
    await shop.call("DELETE", f"/v1/campaigns/{binned['id']}")
    product = await shop.made("/v1/products", {"source_id": "canary"})
    sku = await shop.made(f"/v1/products/{product['id']}/skus", {"source_id": "canary-s"})
    collected = {"name": "Canary", "products": [{"id": product["id"]}]}
    collection = await shop.made("/v1/product-collections", collected)
    segment = await shop.made("/v1/segments", {"name": "Canary", "type": "static"})
    rule = await shop.made("/v1/validation-rules", {"name": "Canary", "rules": IF})
    assigned = {"campaign": campaign["id"]}
    assignment = await shop.made(f"/v1/validation-rules/{rule['id']}/assignments", assigned)
    holder = {"customer": {"source_id": "canary-c"}, "voucher": "CANARY"}
    publication = await shop.made("/v1/publications", holder)
    key = await shop.made("/v1/keys", {"name": "Canary", "scopes": ["redemptions"]})
    wish = {"email": "canary@shop.example", "role": "viewer"}
    invitation = await shop.made("/v1/invitations", wish)
    return {
        "partner": [partner["id"]],
        "category": [category["id"]],
        "campaign": [campaign["id"], "Canary", binned["id"]],
        "voucher": [voucher["id"], "CANARY"],
        "code": ["MINE"],
        "action": [job["async_action_id"]],
        "thing": [binned["id"], campaign["id"]],
        "product": [product["id"], "canary"],
        "sku": [sku["id"], "canary-s"],
        "collection": [collection["id"]],
        "segment": [segment["id"]],
        "rule": [rule["id"]],
        "assignment": [assignment["id"]],
        "publication": [publication["id"]],
        "key": [key["app_id"]],
        "invitation": [invitation["id"]],
    }


def written(operation: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """Write a body as its page's example has it."""
    if "requestBody" not in operation:
        return None
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    named = [schema, *schema.get("anyOf", ())]
    named += [schemas[each["$ref"].rpartition("/")[2]] for each in named if "$ref" in each]
    return next((e for each in named for e in each.get("examples", ())), {})


async def test_every_path_answers_of_what_is_anothers_as_of_what_nobody_has(
    api: FastAPI, shop: Shop, rival: Shop, pool: asyncpg.Pool
) -> None:
    theirs = await everything_of(shop)
    product = await rival.made("/v1/products", {"source_id": "own"})
    rule = await rival.made("/v1/validation-rules", {"name": "Own", "rules": IF})
    partner = await rival.made("/v1/partners", {"name": "Own"})
    own = {"product": product["id"], "rule": rule["id"], "partner": partner["id"]}
    document = api.openapi()
    before = await kept(pool, shop)
    asked = 0
    for path, methods in document["paths"].items():
        if "{" not in path or not path.startswith("/v1/") or path in OF_ONES_OWN:
            continue
        first, *beneath = re.findall(r"\{([^}]+)\}", path)
        shapes = {
            path.replace(f"{{{each}}}", theirs.get(each, ["x"])[0]): first for each in beneath
        }
        if beneath and first in own:  # one's own, and what is another's beneath
            shapes[path.replace(f"{{{first}}}", own[first])] = beneath[0]
        for shape, kind in (shapes or {path: first}).items():
            for method, operation in methods.items():
                body = written(operation, document["components"]["schemas"])
                unknown = await told(rival, method, shape, "nobodys", body)
                for each in theirs.get(kind, ()):
                    found = await told(rival, method, shape, each, body)
                    assert found == unknown, (method, shape, each)
                    asked += 1

    assert asked > 100
    assert await kept(pool, shop) == before


async def told(shop: Shop, method: str, path: str, name: str, body: Any) -> tuple[int, str]:
    answer = await shop.call(method.upper(), re.sub(r"\{[^}]+\}", name, path), body)
    return answer.status_code, CHANCE.sub("…", answer.text.replace(name, "…"))


async def kept(pool: asyncpg.Pool, shop: Shop) -> str:
    """Write down all that there is of a project."""
    tables = await pool.fetch(
        "SELECT table_name FROM information_schema.columns JOIN information_schema.tables"
        " USING (table_schema, table_name) WHERE table_schema = 'public'"
        " AND column_name = 'project_id' AND table_type = 'BASE TABLE' ORDER BY 1"
    )
    return repr(
        [
            await pool.fetch(f"SELECT * FROM {name} WHERE project_id = $1", shop.project_id)
            for (name,) in tables
        ]
    )
