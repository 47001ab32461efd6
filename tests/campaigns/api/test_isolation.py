"""One project never sees or changes what is another's, by any endpoint."""

from typing import Any

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
