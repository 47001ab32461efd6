"""Validation rules of single codes: beside those of their campaign, or of standalone ones."""

from datetime import UTC, datetime
from typing import Any, Final

import asyncpg
import pytest
from kit.campaigns_samples import Shop, outbox_of
from kit.patience import until

from campaigns.propagation import store as applied_versions
from contracts.applied import Applied
from contracts.campaigns import CampaignChanged, CampaignSnapshot
from contracts.vouchers import VoucherChanged
from servicekit.postgres.pool import transaction

PATH: Final = "/v1/validation-rules"
DISCOUNT: Final = {"type": "AMOUNT", "amount_off": 500}
AMOUNT: Final = {"name": "order.amount", "conditions": {"$more_than_equal": [5000]}}


async def a_rule(shop: Shop, node: Any = AMOUNT) -> str:
    rules = {"1": node, "logic": "1"}
    made = await shop.made(PATH, {"name": "A rule", "rules": rules})
    return str(made["id"])


async def assigned(shop: Shop, rule: str, **where: str) -> dict[str, Any]:
    return await shop.made(f"{PATH}/{rule}/assignments", where)


async def published(dsn: str, campaign_id: str) -> list[CampaignSnapshot]:
    events = [
        CampaignChanged.model_validate_json(message["value"])
        for message in await outbox_of(dsn)
        if message["topic"] == "coupons.campaigns.v1"
    ]
    return [event.data for event in events if event.data.id == campaign_id]


def rules_of(snapshot: CampaignSnapshot) -> list[tuple[str, tuple[str, ...]]]:
    return [(rule.id, rule.vouchers) for rule in snapshot.terms.conditions.rules]


async def read(shop: Shop, code: str) -> dict[str, Any]:
    found: dict[str, Any] = (await shop.call("GET", f"/v1/vouchers/{code}")).json()
    return found


async def test_a_code_has_rules_of_its_own_beside_its_campaigns(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    of_all, own = await a_rule(deaf_shop), await a_rule(deaf_shop)
    campaign = await deaf_shop.campaign(name="A", validation_rules=[of_all])
    one, two = [await deaf_shop.made(f"/v1/campaigns/A/vouchers/{c}") for c in ("ONE", "TWO")]

    first = await assigned(deaf_shop, own, voucher="ONE")
    second = await assigned(
        deaf_shop, own, related_object_type="voucher", related_object_id=two["id"]
    )
    shown = await read(deaf_shop, "ONE")
    in_use = await deaf_shop.call("DELETE", f"{PATH}/{own}")
    gone = await deaf_shop.call("DELETE", f"{PATH}/{own}/assignments/{first['id']}")
    other, then = await read(deaf_shop, "TWO"), await read(deaf_shop, "ONE")

    assert (first["related_object_type"], first["related_object_id"]) == ("voucher", one["id"])
    assert (second["related_object_type"], second["related_object_id"]) == ("voucher", two["id"])
    assert (shown["validation_rules"], shown["campaign_validation_rules"]) == ([own], [of_all])
    assert shown["validation_rules_assignments"]["data"] == [first]
    assert shown["version"] == one["version"] + 1
    assert (in_use.status_code, in_use.json()["key"]) == (400, "resource_in_use")
    assert gone.status_code == 204
    assert (other["validation_rules"], then["validation_rules"]) == ([own], [])
    of_campaign = (await deaf_shop.call("GET", "/v1/campaigns/A")).json()
    assert of_campaign["validation_rules"] == [of_all]
    versions = await published(campaigns_db, campaign["id"])
    both = tuple(sorted([one["id"], two["id"]]))
    assert [rules_of(each) for each in versions] == [
        [(of_all, ())],
        [(of_all, ()), (own, (one["id"],))],
        [(of_all, ()), (own, both)],
        [(of_all, ()), (own, (two["id"],))],
    ]


async def test_a_put_of_the_rules_that_a_code_has_waits_for_them_as_the_first_did(
    deaf_shop: Shop, pool: asyncpg.Pool
) -> None:
    rule = await a_rule(deaf_shop)
    await deaf_shop.campaign(name="A")
    made = await deaf_shop.made("/v1/campaigns/A/vouchers/CODE")
    path, body = "/v1/vouchers/CODE", {"validation_rules": [rule]}

    async def applies(kind: str, subject: str, version: int) -> None:
        fact = Applied(kind=kind, id=subject, version=version)
        async with transaction(pool) as conn:
            await applied_versions.upsert(conn, [(deaf_shop.project_id, fact, datetime.now(UTC))])

    late = await deaf_shop.call("PUT", path, body)
    await applies("voucher", made["id"], made["version"] + 1)
    code_alone = await deaf_shop.call("PUT", path, body)
    await applies("campaign", made["campaign_id"], 2)

    async def both() -> bool:
        return "X-Enforced-At" in (await deaf_shop.call("PUT", path, body)).headers

    assert ["X-Enforced-At" in each.headers for each in (late, code_alone)] == [False, False]
    await until(both, what="the code and its campaign are applied")


@pytest.mark.parametrize("path", ["/v1/campaigns/A/vouchers/ONE", "/v1/campaigns/A/vouchers"])
async def test_a_code_that_is_made_with_rules_is_not_active_before_they_hold(
    deaf_shop: Shop, campaigns_db: str, path: str
) -> None:
    rule = await a_rule(deaf_shop)
    await deaf_shop.campaign(name="A")

    made = await deaf_shop.made(path, {"validation_rules": [rule]})
    off = await deaf_shop.made(
        "/v1/campaigns/A/vouchers/OFF", {"validation_rules": [rule], "active": False}
    )
    await deaf_shop.call("PUT", "/v1/vouchers/OFF", {"active": True, "validation_rules": []})
    await deaf_shop.call("PUT", f"/v1/vouchers/{made['code']}", {"validation_rules": []})

    assert (made["active"], off["active"]) == (True, False)
    versions = [each.version for each in await published(campaigns_db, made["campaign_id"])]
    assert await told_of(campaigns_db, made["code"]) == [
        (False, None),
        (True, versions[1]),
        (True, versions[1]),  # an active one stays so, and each tells it: Kafka keeps the last
    ]
    assert await told_of(campaigns_db, "OFF") == [
        (False, None),
        (False, versions[2]),
        (True, versions[3]),
    ]


async def test_a_code_that_is_switched_on_after_its_rules_names_the_version_that_brings_them(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    rule = await a_rule(deaf_shop)
    campaign = await deaf_shop.campaign(name="A")
    made = await deaf_shop.made("/v1/campaigns/A/vouchers/OFF", {"active": False})
    by = {"related_object_type": "voucher", "related_object_id": made["id"]}

    await deaf_shop.made(f"/v1/validation-rules/{rule}/assignments", by)
    await deaf_shop.call("POST", "/v1/vouchers/OFF/enable")

    [_, with_rules] = await published(campaigns_db, campaign["id"])
    assert await told_of(campaigns_db, "OFF") == [
        (False, None),
        (False, with_rules.version),
        (True, with_rules.version),
    ]


async def told_of(dsn: str, code: str) -> list[tuple[bool, int | None]]:
    events = [
        VoucherChanged.model_validate_json(message["value"])
        for message in await outbox_of(dsn)
        if message["topic"] == "coupons.vouchers.v1"
    ]
    return [(e.data.active, e.data.active_from_version) for e in events if e.data.code == code]


async def test_what_a_put_says_of_a_codes_rules_is_its_own(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    of_all, one, two = [await a_rule(deaf_shop) for _ in range(3)]
    campaign = await deaf_shop.campaign(name="A", validation_rules=[of_all])
    code = await deaf_shop.made("/v1/campaigns/A/vouchers/FIXED")
    path = "/v1/vouchers/FIXED"

    same = await deaf_shop.call("PUT", path, code)
    both = (await deaf_shop.call("PUT", path, {"validation_rules": [two, one]})).json()
    again = await deaf_shop.call("PUT", path, both)
    unchanged = await deaf_shop.call("PUT", path, {"metadata": {"a": 1}})
    late = await deaf_shop.call("PUT", path, {"validation_rules": [], "version": code["version"]})
    fewer = (await deaf_shop.call("PUT", path, {"validation_rules": [two]})).json()
    none = (await deaf_shop.call("PUT", path, {"validation_rules": None})).json()

    assert (code["validation_rules"], code["campaign_validation_rules"]) == ([], [of_all])
    assert (same.status_code, same.json()["version"]) == (200, code["version"])
    assert both["validation_rules"] == [one, two]  # the oldest first
    assert (again.status_code, again.json()["version"]) == (200, both["version"])
    assert unchanged.json()["validation_rules"] == [one, two]
    assert (late.status_code, late.json()["current"]["validation_rules"]) == (409, [one, two])
    assert (fewer["validation_rules"], none["validation_rules"]) == ([two], [])
    own = (code["id"],)
    assert [rules_of(each)[1:] for each in await published(campaigns_db, campaign["id"])] == [
        [],
        [(one, own), (two, own)],
        [(two, own)],
        [],
    ]
    history = (await deaf_shop.call("GET", f"{path}/history")).json()["data"]
    told = [each["changes"] for each in history]
    assert [
        (change["before"], change["after"])
        for changes in told
        for change in changes
        if change["field"] == "validation_rules"
    ] == [([two], None), ([one, two], [two]), (None, [one, two])]


@pytest.mark.parametrize("door", ["/v1/vouchers", "/v1/campaigns/A/vouchers"])
async def test_a_code_may_come_with_rules_of_its_own(
    deaf_shop: Shop, campaigns_db: str, door: str
) -> None:
    rule = await a_rule(deaf_shop)
    campaign = await deaf_shop.campaign(name="A")
    body = {"code": "ONE", "validation_rules": [rule]}

    code = await deaf_shop.made(door, body | ({} if "campaigns" in door else {"campaign": "A"}))
    many = await deaf_shop.call(
        "POST", "/v1/campaigns/A/vouchers?vouchers_count=2", {"validation_rules": [rule]}
    )
    unknown = await deaf_shop.call(
        "POST", "/v1/campaigns/A/vouchers/TWO", {"validation_rules": ["val_nobody"]}
    )

    # It was switched on together with them.
    assert (code["validation_rules"], code["active"], code["version"]) == ([rule], True, 2)
    assert await read(deaf_shop, "ONE") == code
    [*_, snapshot] = await published(campaigns_db, campaign["id"])
    assert (snapshot.version, rules_of(snapshot)) == (2, [(rule, (code["id"],))])
    assert (many.status_code, ".validation_rules" in many.json()["message"]) == (400, True)
    assert (unknown.status_code, unknown.json()["resource_id"]) == (404, "val_nobody")
    assert (await deaf_shop.call("GET", "/v1/vouchers/TWO")).status_code == 404


async def test_a_rule_that_changes_is_published_with_every_campaign_of_its_codes(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    product = await deaf_shop.made("/v1/products", {"source_id": "shoes"})
    shoes = {
        "name": "order.items.any",
        "conditions": {"$is": [{"object": "product", "id": "shoes"}]},
    }
    rule = await a_rule(deaf_shop, shoes)
    campaign = await deaf_shop.campaign(name="A")
    await deaf_shop.made("/v1/campaigns/A/vouchers/ONE")
    await assigned(deaf_shop, rule, voucher="ONE")

    await deaf_shop.call("PUT", f"{PATH}/{rule}", {"error": {"message": "Buy shoes"}})
    await deaf_shop.call("PUT", f"/v1/products/{product['id']}", {"source_id": "boots"})
    await deaf_shop.call("PUT", "/v1/project", {"time_zone": "Europe/Lisbon"})

    versions = await published(campaigns_db, campaign["id"])
    told = [each.terms.conditions.rules[0] for each in versions[1:]]
    lines = [rule.nodes[0].lines for rule in told]
    assert [rule.message for rule in told] == [None, *["Buy shoes"] * 3]
    assert [product["id"] in each.products for each in lines if each] == [True, True, False, False]
    assert versions[-1].time_zone == "Europe/Lisbon"


async def test_a_standalone_codes_assignments_are_the_codes(deaf_shop: Shop) -> None:
    one, two = await a_rule(deaf_shop), await a_rule(deaf_shop)
    code = await deaf_shop.made(
        "/v1/vouchers/SINGLE", {"discount": DISCOUNT, "validation_rules": [one]}
    )

    made = await assigned(deaf_shop, two, voucher="SINGLE")
    by_campaign = await deaf_shop.call(
        "POST", f"{PATH}/{two}/assignments", {"campaign": code["campaign_id"]}
    )
    shown = await read(deaf_shop, "SINGLE")
    listed = (await deaf_shop.call("GET", f"{PATH}/{one}/assignments")).json()["data"]
    gone = await deaf_shop.call("DELETE", f"{PATH}/{two}/assignments/{made['id']}")

    related = [(each["related_object_type"], each["related_object_id"]) for each in [made, *listed]]
    assert related == [("voucher", code["id"])] * 2
    assert (by_campaign.status_code, by_campaign.json()["key"]) == (409, "duplicate_found")
    assert (shown["validation_rules"], shown["campaign_validation_rules"]) == ([one, two], [])
    assert shown["validation_rules_assignments"]["data"] == [*listed, made]
    assert shown["version"] == code["version"] + 1
    assert gone.status_code == 204
    assert (await read(deaf_shop, "SINGLE"))["validation_rules"] == [one]
    history = (await deaf_shop.call("GET", "/v1/vouchers/SINGLE/history")).json()["data"]
    assert [each["changes"][0]["field"] for each in history[:2]] == ["validation_rules"] * 2


async def test_assignments_are_found_by_the_id_of_what_they_are_of(deaf_shop: Shop) -> None:
    rule = await a_rule(deaf_shop)
    campaign = await deaf_shop.campaign(name="A", validation_rules=[rule])
    code = await deaf_shop.made("/v1/campaigns/A/vouchers/ONE")
    single = await deaf_shop.made(
        "/v1/vouchers/SINGLE", {"discount": DISCOUNT, "validation_rules": [rule]}
    )
    await assigned(deaf_shop, rule, voucher="ONE")

    async def found(**params: str) -> list[str]:
        listed = await deaf_shop.call("GET", "/v1/validation-rules-assignments", params=params)
        assert listed.json()["total"] == len(listed.json()["data"])
        return [each["related_object_id"] for each in listed.json()["data"]]

    assert await found() == [code["id"], single["id"], campaign["id"]]
    for each in (campaign, code, single):
        assert await found(related_object_id=each["id"]) == [each["id"]]
    assert await found(related_object_id="v_nobody") == []
    assert await found(rule="val_nobody", related_object_id=code["id"]) == []


async def test_letter_case_and_blanks_are_those_of_any_code(deaf_shop: Shop) -> None:
    await deaf_shop.campaign(name="A")
    code = await deaf_shop.made("/v1/campaigns/A/vouchers/ONE")
    rule = await a_rule(deaf_shop)

    made = await assigned(deaf_shop, rule, voucher=" ONE\t")
    other = await deaf_shop.call("POST", f"{PATH}/{rule}/assignments", {"voucher": "one"})

    assert made["related_object_id"] == code["id"]
    assert (other.status_code, other.json()["resource_id"]) == (404, "one")


async def test_a_code_and_its_campaign_may_have_the_same_rule(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    rule = await a_rule(deaf_shop)
    campaign = await deaf_shop.campaign(name="A", validation_rules=[rule])
    code = await deaf_shop.made("/v1/campaigns/A/vouchers/ONE")

    await assigned(deaf_shop, rule, voucher="ONE")
    twice = await deaf_shop.call("POST", f"{PATH}/{rule}/assignments", {"voucher": "ONE"})

    assert (twice.status_code, twice.json()["key"]) == (409, "duplicate_found")
    assert rules_of((await published(campaigns_db, campaign["id"]))[-1]) == [
        (rule, ()),
        (rule, (code["id"],)),
    ]


async def test_a_rule_that_says_how_often_is_for_no_single_code(deaf_shop: Shop) -> None:
    once = {"name": "redemption.count.per_customer", "conditions": {"$less_than_or_equal": [1]}}
    limiting, rule = await a_rule(deaf_shop, once), await a_rule(deaf_shop)
    await deaf_shop.campaign(name="A")
    await deaf_shop.made("/v1/campaigns/A/vouchers/ONE")
    await deaf_shop.made("/v1/vouchers/SINGLE", {"discount": DISCOUNT})
    await assigned(deaf_shop, rule, voucher="ONE")

    refused = [
        await deaf_shop.call("POST", f"{PATH}/{limiting}/assignments", {"voucher": "ONE"}),
        await deaf_shop.call("PUT", "/v1/vouchers/ONE", {"validation_rules": [limiting]}),
        await deaf_shop.call("PUT", f"{PATH}/{rule}", {"rules": {"1": once, "logic": "1"}}),
    ]

    assert [each.status_code for each in refused] == [400] * 3
    assert all("says how often" in each.json()["message"] for each in refused)
    assert all(".redemption.quantity" in each.json()["details"] for each in refused)
    assert (await read(deaf_shop, "ONE"))["validation_rules"] == [rule]
    assert (await assigned(deaf_shop, limiting, voucher="SINGLE"))["rule_id"] == limiting


async def test_what_is_in_the_bin_keeps_its_rules(deaf_shop: Shop, campaigns_db: str) -> None:
    rule = await a_rule(deaf_shop)
    await deaf_shop.campaign(name="A")
    for code in ("ONE", "TWO"):
        await deaf_shop.made(f"/v1/campaigns/A/vouchers/{code}")
    made = await assigned(deaf_shop, rule, voucher="ONE")
    await deaf_shop.call("DELETE", "/v1/vouchers/ONE")

    refused = [
        await deaf_shop.call("DELETE", f"{PATH}/{rule}/assignments/{made['id']}"),
        await deaf_shop.call("PUT", "/v1/vouchers/ONE", {"validation_rules": []}),
    ]
    back = await deaf_shop.made("/v1/vouchers/ONE/restore")
    await deaf_shop.call("DELETE", "/v1/campaigns/A")
    refused += [
        await deaf_shop.call("POST", f"{PATH}/{rule}/assignments", {"voucher": "TWO"}),
        await deaf_shop.call("PUT", "/v1/vouchers/TWO", {"validation_rules": [rule]}),
    ]

    assert [(each.status_code, each.json()["key"]) for each in refused] == [(400, "in_bin")] * 4
    assert back["validation_rules"] == [rule]
    conn = await asyncpg.connect(campaigns_db)
    try:  # as who purges does
        await conn.execute("DELETE FROM vouchers WHERE code = 'ONE'")
    finally:
        await conn.close()
    assert (await deaf_shop.call("GET", f"{PATH}/{rule}")).json()["assignments_count"] == 0


@pytest.mark.parametrize(
    "body",
    [
        {"voucher": "ONE", "campaign": "A"},
        {"voucher": "ONE", "related_object_type": "campaign"},
        {"voucher": "ONE", "related_object_type": "voucher", "related_object_id": "ONE"},
        {"related_object_type": "voucher"},
        {"related_object_id": "ONE"},
        {"related_object_type": "promotion_tier", "related_object_id": "ONE"},
        {"voucher": ""},
        {"voucher": ["ONE"]},
        {"voucher": "x" * 10_000},
        {"voucher": None},
    ],
)
async def test_an_assignment_names_one_thing(deaf_shop: Shop, body: dict[str, Any]) -> None:
    rule = await a_rule(deaf_shop)
    await deaf_shop.campaign(name="A")
    await deaf_shop.made("/v1/campaigns/A/vouchers/ONE")

    refused = await deaf_shop.call("POST", f"{PATH}/{rule}/assignments", body)

    assert (refused.status_code, refused.json()["key"]) == (400, "invalid_payload")


async def test_codes_and_rules_of_others_are_unknown(shop: Shop, rival: Shop) -> None:
    await shop.campaign(name="A")
    await shop.made("/v1/campaigns/A/vouchers/ONE")
    theirs, ours = await a_rule(rival), await a_rule(shop)
    made = await assigned(shop, ours, voucher="ONE")

    for caller, path, body in (
        (rival, f"{PATH}/{theirs}/assignments", {"voucher": "ONE"}),
        (shop, f"{PATH}/{theirs}/assignments", {"voucher": "ONE"}),
        (shop, f"{PATH}/{ours}/assignments", {"voucher": "NOBODY"}),
    ):
        assert (await caller.call("POST", path, body)).status_code == 404
    put = await shop.call("PUT", "/v1/vouchers/ONE", {"validation_rules": [theirs]})
    gone = await rival.call("DELETE", f"{PATH}/{theirs}/assignments/{made['id']}")
    assert (put.status_code, gone.status_code) == (404, 404)
    assert (await rival.call("GET", "/v1/validation-rules-assignments")).json()["total"] == 0


async def test_as_many_rules_of_codes_as_there_may_be_are_published_and_no_more(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    campaign = await deaf_shop.campaign(name="A")
    rules = [await a_rule(deaf_shop) for _ in range(101)]
    for code in ("ONE", "TWO"):
        await deaf_shop.made(f"/v1/campaigns/A/vouchers/{code}")
    conn = await asyncpg.connect(campaigns_db)
    try:  # ten rules of each code, each hundred of a hundred
        await conn.execute(
            """
            INSERT INTO vouchers (project_id, id, code, campaign_id, generated)
            SELECT $1, 'v_' || lpad(n::text, 24, '0'), 'C' || n, $2, true
            FROM generate_series(1, 999) AS n
            """,
            deaf_shop.project_id,
            campaign["id"],
        )
        await conn.execute(
            """
            INSERT INTO rule_assignments (project_id, id, rule_id, campaign_id, voucher_id)
            SELECT $1, 'asgm_' || n || '_' || m, ($3::text[])[(n * 10 + m) % 100 + 1], $2,
                'v_' || lpad(n::text, 24, '0')
            FROM generate_series(1, 999) AS n, generate_series(1, 10) AS m
            """,
            deaf_shop.project_id,
            campaign["id"],
            rules,
        )
    finally:
        await conn.close()

    last = await deaf_shop.call("PUT", "/v1/vouchers/ONE", {"validation_rules": rules[:10]})
    refused = [
        await deaf_shop.call("PUT", "/v1/vouchers/TWO", {"validation_rules": rules[:1]}),
        await deaf_shop.call("PUT", "/v1/vouchers/ONE", {"validation_rules": rules[100:]}),
        await deaf_shop.call("POST", f"{PATH}/{rules[10]}/assignments", {"voucher": "ONE"}),
    ]
    snapshot = (await published(campaigns_db, campaign["id"]))[-1]
    await deaf_shop.call("DELETE", "/v1/vouchers/C1")
    instead = await deaf_shop.call("PUT", "/v1/vouchers/TWO", {"validation_rules": rules[:1]})
    back = await deaf_shop.call("POST", "/v1/vouchers/C1/restore")

    assert last.status_code == 200
    # What is in the bin counts: its rules are told with the others, for when it is restored.
    assert (instead.status_code, back.status_code) == (400, 200)
    assert [each.status_code for each in refused] == [400] * 3
    said = [each.json()["message"] for each in refused]
    assert ["1,000 codes" in said[0], "100 different" in said[1], "10 validation" in said[2]] == [
        True
    ] * 3
    assert len(snapshot.terms.conditions.rules) == 100
    assert sum(len(each.vouchers) for each in snapshot.terms.conditions.rules) == 10_000
    assert len(snapshot.model_dump_json()) < 400_000
