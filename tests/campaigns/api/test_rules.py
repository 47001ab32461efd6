"""Validation rules as clients make and assign them, and what is published with a campaign."""

from typing import Any, Final

import pytest
from kit.campaigns_samples import Shop, a_campaign_body, outbox_of

from contracts.campaigns import CampaignChanged, CampaignSnapshot

AMOUNT: Final[dict[str, Any]] = {
    "1": {
        "name": "order.amount",
        "property": None,
        "conditions": {"$more_than_equal": [5000]},
        "rules": {},
        "error": {"message": "Buy for 50.00"},
    },
    "logic": "1",
}
RULE: Final[dict[str, Any]] = {"name": "For 50.00", "rules": AMOUNT, "error": {"message": "No"}}
PATH: Final = "/v1/validation-rules"


async def published(dsn: str, campaign_id: str) -> list[CampaignSnapshot]:
    events = [
        CampaignChanged.model_validate_json(message["value"])
        for message in await outbox_of(dsn)
        if message["topic"] == "coupons.campaigns.v1"
    ]
    return [event.data for event in events if event.data.id == campaign_id]


def rules_of(snapshot: CampaignSnapshot) -> list[str]:
    return [rule.id for rule in snapshot.terms.conditions.rules]


async def test_a_rule_comes_back_as_it_was_sent_and_goes(shop: Shop) -> None:
    made = await shop.made(PATH, RULE)

    assert made.items() >= (RULE | {"object": "validation_rules", "assignments_count": 0}).items()
    assert made["context_type"] == "global"
    assert (await shop.call("GET", f"{PATH}/{made['id']}")).json() == made
    listed = (await shop.call("GET", PATH, params={"order": "name"})).json()
    assert (listed["data_ref"], listed["data"], listed["total"]) == ("data", [made], 1)
    changed = await shop.call("PUT", f"{PATH}/{made['id']}", {"name": "New", "version": 1})
    assert (changed.json()["name"], changed.json()["version"]) == ("New", 2)
    assert changed.json()["rules"] == AMOUNT
    same = await shop.call("PUT", f"{PATH}/{made['id']}", changed.json())
    assert same.json() == changed.json()
    late = await shop.call("PUT", f"{PATH}/{made['id']}", {"name": "Newer", "version": 1})
    assert (late.status_code, late.json()["key"]) == (409, "version_conflict")
    assert (await shop.call("DELETE", f"{PATH}/{made['id']}")).status_code == 204
    assert (await shop.call("GET", f"{PATH}/{made['id']}")).status_code == 404


async def test_a_rule_holds_where_it_is_assigned_and_as_it_is_changed(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    rule = await deaf_shop.made(PATH, RULE)
    campaign = await deaf_shop.made("/v1/campaigns", a_campaign_body())

    assigned = await deaf_shop.made(
        f"{PATH}/{rule['id']}/assignments", {"campaign": campaign["name"]}
    )
    await deaf_shop.call("PUT", f"{PATH}/{rule['id']}", {"error": None})
    shown = (await deaf_shop.call("GET", f"/v1/campaigns/{campaign['id']}")).json()
    in_use = await deaf_shop.call("DELETE", f"{PATH}/{rule['id']}")
    gone = await deaf_shop.call("DELETE", f"{PATH}/{rule['id']}/assignments/{assigned['id']}")

    assert (assigned["rule_id"], assigned["related_object_id"]) == (rule["id"], campaign["id"])
    assert shown["validation_rules"] == [rule["id"]]
    assert shown["validation_rules_assignments"]["data"] == [assigned]
    assert (in_use.status_code, in_use.json()["key"]) == (400, "resource_in_use")
    assert gone.status_code == 204
    versions = await published(campaigns_db, campaign["id"])
    assert [each.version for each in versions] == [1, 2, 3, 4]
    assert [rules_of(each) for each in versions] == [[], [rule["id"]], [rule["id"]], []]
    told = [each.terms.conditions.rules for each in versions[1:3]]
    assert [rules[0].message for rules in told] == ["No", None]
    assert told[0][0].nodes[0].message == "Buy for 50.00"


@pytest.mark.parametrize("of", ["campaign", "code"])
async def test_a_put_of_what_a_rule_is_already_says_since_when_it_holds(
    shop: Shop, of: str
) -> None:
    rule = await shop.made(PATH, RULE)
    path = f"{PATH}/{rule['id']}"
    unassigned = await shop.call("PUT", path, {"name": "Free"})
    await shop.campaign(name="A")
    await shop.made("/v1/campaigns/A/vouchers/CODE")
    where = {"campaign": "A"} if of == "campaign" else {"voucher": "CODE"}
    await shop.made(f"{path}/assignments", where)

    changed = await shop.call("PUT", path, {"name": "Other"})
    again = await shop.call("PUT", path, {"name": "Other"})
    nothing_of_theirs = await shop.call("PUT", path, {"context_type": "voucher.discount_voucher"})

    assert "X-Enforced-At" not in unassigned.headers  # nothing goes by it
    since = changed.headers["X-Enforced-At"]
    assert again.headers["X-Enforced-At"] == since
    assert nothing_of_theirs.headers["X-Enforced-At"] == since


async def test_a_campaign_is_made_and_changed_with_its_rules(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    one, other = [(await deaf_shop.made(PATH, RULE))["id"] for _ in range(2)]
    made = await deaf_shop.made("/v1/campaigns", a_campaign_body(validation_rules=[one]))
    path = f"/v1/campaigns/{made['id']}"

    both = (await deaf_shop.call("PUT", path, {"validation_rules": [other, one]})).json()
    same = (await deaf_shop.call("PUT", path, both)).json()
    unchanged = (await deaf_shop.call("PUT", path, {"description": "x"})).json()
    none = (await deaf_shop.call("PUT", path, {"validation_rules": None})).json()

    assert made["validation_rules"] == [one]
    assert both["validation_rules"] == unchanged["validation_rules"] == [one, other]
    assert same["version"] == both["version"]
    assert none["validation_rules"] == []
    versions = await published(campaigns_db, made["id"])
    assert [rules_of(each) for each in versions] == [[one], [one, other], [one, other], []]
    history = (await deaf_shop.call("GET", "/v1/audit", params={"kind": "campaign"})).json()
    changed = [[change["field"] for change in each["changes"]] for each in history["data"]]
    assert changed.count(["validation_rules"]) == 2
    unknown = await deaf_shop.call("PUT", path, {"validation_rules": ["val_nobody"]})
    assert (unknown.status_code, unknown.json()["resource_id"]) == (404, "val_nobody")
    many = await deaf_shop.call("PUT", path, {"validation_rules": ["a"] * 11})
    assert many.status_code == 400


async def test_a_code_of_its_own_may_have_rules(deaf_shop: Shop, campaigns_db: str) -> None:
    rule = await deaf_shop.made(PATH, RULE)
    discount = {"type": "AMOUNT", "amount_off": 500}
    code = await deaf_shop.made(
        "/v1/vouchers/SINGLE",
        {"type": "DISCOUNT_VOUCHER", "discount": discount, "validation_rules": [rule["id"]]},
    )

    read = (await deaf_shop.call("GET", "/v1/vouchers/SINGLE")).json()
    same = await deaf_shop.call("PUT", "/v1/vouchers/SINGLE", read)
    none = await deaf_shop.call("PUT", "/v1/vouchers/SINGLE", {"validation_rules": []})

    assert (same.status_code, same.json()["version"]) == (200, code["version"])
    assert code["validation_rules"] == read["validation_rules"] == [rule["id"]]
    assert read["validation_rules_assignments"]["data"][0]["rule_id"] == rule["id"]
    assert none.json()["validation_rules"] == []
    snapshots = await published(campaigns_db, code["campaign_id"])
    assert [rules_of(each) for each in snapshots] == [[rule["id"]], []]


async def test_assignments_are_listed_by_rule_and_by_campaign(deaf_shop: Shop) -> None:
    one, other = [(await deaf_shop.made(PATH, RULE))["id"] for _ in range(2)]
    first = await deaf_shop.made("/v1/campaigns", a_campaign_body(name="A", validation_rules=[one]))
    await deaf_shop.made("/v1/campaigns", a_campaign_body(name="B", validation_rules=[one, other]))

    async def total(**params: str) -> int:
        listed = await deaf_shop.call("GET", "/v1/validation-rules-assignments", params=params)
        found: int = listed.json()["total"]
        return found

    assert await total() == 3
    assert await total(rule=one) == 2
    assert await total(related_object_id=first["id"]) == 1
    assert await total(rule=other, related_object_id=first["id"]) == 0
    of_rule = (await deaf_shop.call("GET", f"{PATH}/{one}/assignments")).json()
    assert of_rule["total"] == 2
    for path in (f"{PATH}/{one}/assignments", "/v1/validation-rules-assignments"):
        upwards = await deaf_shop.call("GET", path, params={"order": "created_at"})
        downwards = await deaf_shop.call("GET", path, params={"order": "-created_at"})
        assert len(upwards.json()["data"]) >= len(of_rule["data"])
        assert upwards.json()["data"] == downwards.json()["data"][::-1]
        refused = await deaf_shop.call("GET", path, params={"order": "id"})
        assert refused.status_code == 400
        assert "Query parameter order" in refused.json()["message"]
    twice = await deaf_shop.call("POST", f"{PATH}/{one}/assignments", {"campaign": "A"})
    assert (twice.status_code, twice.json()["key"]) == (409, "duplicate_found")
    by_kind = {"related_object_type": "campaign", "related_object_id": first["id"]}
    assert (await deaf_shop.call("POST", f"{PATH}/{other}/assignments", by_kind)).status_code == 200
    assert (await deaf_shop.call("POST", f"{PATH}/{other}/assignments", {})).status_code == 400
    both = await deaf_shop.call(
        "POST", f"{PATH}/{other}/assignments", {"campaign": "A", "related_object_id": "camp_b"}
    )
    assert (both.status_code, both.json()["key"]) == (400, "invalid_payload")
    assert ".related_object_id" in both.text


async def test_the_rules_of_a_campaign_in_the_bin_stay(deaf_shop: Shop) -> None:
    rule = await deaf_shop.made(PATH, RULE)
    made = await deaf_shop.made("/v1/campaigns", a_campaign_body(validation_rules=[rule["id"]]))
    [assigned] = made["validation_rules_assignments"]["data"]
    await deaf_shop.call("DELETE", f"/v1/campaigns/{made['id']}")

    kept = await deaf_shop.call("DELETE", f"{PATH}/{rule['id']}/assignments/{assigned['id']}")

    assert (kept.status_code, kept.json()["key"]) == (400, "in_bin")
    assert (await deaf_shop.call("GET", f"{PATH}/{rule['id']}/assignments")).json()["total"] == 1


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"name": "x"}, "rules"),
        (RULE | {"colour": 1}, "colour"),
        (RULE | {"rules": AMOUNT | {"logic": "1 and 2"}}, "logic names 2"),
        (RULE | {"applicable_to": {"included": [{"id": "p"}]}}, "applicable_to"),
        (RULE | {"error": {"text": "x"}}, "text"),
        (RULE | {"type": "advanced"}, "type"),
        (RULE | {"rules": AMOUNT | {"1": {"name": []}}}, "name [] is unknown"),
    ],
)
async def test_what_cannot_be_is_refused_when_it_is_written(
    deaf_shop: Shop, body: dict[str, Any], named: str
) -> None:
    answer = await deaf_shop.call("POST", PATH, body)

    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_payload")
    assert named in answer.text


async def test_a_segment_that_a_rule_asks_for_is_there_and_stays(deaf_shop: Shop) -> None:
    segment = await deaf_shop.made("/v1/segments", {"name": "S", "type": "static", "customers": []})

    def asking(segment_id: str) -> dict[str, Any]:
        node = {"name": "customer.segment", "conditions": {"$is": [segment_id]}}
        return {"name": "Of S", "rules": {"1": node, "logic": "1"}}

    nobody = await deaf_shop.call("POST", PATH, asking("seg_nobody"))
    rule = await deaf_shop.made(PATH, asking(segment["id"]))
    kept = await deaf_shop.call("DELETE", f"/v1/segments/{segment['id']}")
    await deaf_shop.call("DELETE", f"{PATH}/{rule['id']}")
    gone = await deaf_shop.call("DELETE", f"/v1/segments/{segment['id']}")

    assert (nobody.status_code, nobody.json()["resource_id"]) == (404, "seg_nobody")
    assert (kept.status_code, kept.json()["key"]) == (400, "resource_in_use")
    assert gone.status_code == 204


async def test_products_that_a_rule_names_are_published_by_every_id(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    product = await deaf_shop.made("/v1/products", {"source_id": "shoes", "name": "Shoes"})
    node = {
        "name": "order.items.any",
        "conditions": {"$is": [{"object": "product", "id": "shoes"}]},
    }
    rule = await deaf_shop.made(PATH, {"name": "Shoes", "rules": {"1": node, "logic": "1"}})
    made = await deaf_shop.made("/v1/campaigns", a_campaign_body(validation_rules=[rule["id"]]))
    await deaf_shop.call("PUT", f"/v1/products/{product['id']}", {"source_id": "boots"})

    first, then = [
        each.terms.conditions.rules[0].nodes[0].lines
        for each in await published(campaigns_db, made["id"])
    ]
    assert first is not None
    assert set(first.products) == {"shoes", product["id"]}
    assert then is not None
    assert "boots" not in then.products  # the rule says "shoes", which is nobody's name by now
    named = await deaf_shop.call("DELETE", f"/v1/products/{product['id']}")
    assert named.status_code == 204


async def test_rules_are_their_projects_own(shop: Shop, rival: Shop) -> None:
    rule = await shop.made(PATH, RULE)
    theirs = await rival.made("/v1/campaigns", a_campaign_body())

    for method, path, body in (
        ("GET", f"{PATH}/{rule['id']}", None),
        ("PUT", f"{PATH}/{rule['id']}", {"name": "x"}),
        ("DELETE", f"{PATH}/{rule['id']}", None),
        ("POST", f"{PATH}/{rule['id']}/assignments", {"campaign": theirs["id"]}),
        ("PUT", f"/v1/campaigns/{theirs['id']}", {"validation_rules": [rule["id"]]}),
    ):
        assert (await rival.call(method, path, body)).status_code == 404
    assert (await rival.call("GET", PATH)).json()["total"] == 0


async def test_a_rule_asks_for_a_collection_that_is_there(deaf_shop: Shop) -> None:
    feet = await deaf_shop.made("/v1/product-collections", {"name": "Feet"})

    def asking(collection_id: str) -> dict[str, Any]:
        of = {"object": "products_collection", "id": collection_id}
        node = {"name": "order.items.any", "conditions": {"$is": [of]}}
        return {"name": "Of C", "rules": {"1": node, "logic": "1"}}

    none = await deaf_shop.call("POST", PATH, asking("pc_none"))
    rule = await deaf_shop.made(PATH, asking(feet["id"]))
    changed = await deaf_shop.call("PUT", f"{PATH}/{rule['id']}", asking("pc_none"))

    for refused in (none, changed):
        assert (refused.status_code, refused.json()["resource_id"]) == (404, "pc_none")
        assert refused.json()["resource_type"] == "products_collection"


async def test_a_collection_may_come_to_hold_what_a_rule_wants_beside_none_of_it(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    hat = await deaf_shop.made("/v1/products", {"source_id": "hat"})
    sale = await deaf_shop.made("/v1/product-collections", {"name": "Sale"})

    def of(condition: str, object_: str, id_: str) -> dict[str, Any]:
        return {"name": condition, "conditions": {"$is": [{"object": object_, "id": id_}]}}

    asked = {
        "1": of("order.items.any", "product", "hat"),
        "2": of("order.items.none", "products_collection", sale["id"]),
        "logic": "1 and 2",
    }
    rule = await deaf_shop.made(PATH, {"name": "A hat, and nothing of the sale", "rules": asked})
    campaign = await deaf_shop.campaign(validation_rules=[rule["id"]])

    path = f"/v1/product-collections/{sale['id']}"
    held = await deaf_shop.call("PUT", path, {"products": [{"id": hat["id"]}]})
    red = await deaf_shop.call("POST", "/v1/products/hat/skus", {"source_id": "red"})
    new = {"description": "of the sale"}
    told = await deaf_shop.call("PUT", f"/v1/campaigns/{campaign['id']}", new)

    assert [each.status_code for each in (held, red, told)] == [200, 200, 200]
    *_, last = await published(campaigns_db, campaign["id"])
    [published_rule] = last.terms.conditions.rules
    wanted, unwanted = [node.lines for node in published_rule.nodes]
    assert wanted is not None
    assert unwanted is not None
    assert set(wanted.products) == set(unwanted.products) == {"hat", hat["id"]}
    assert "red" in unwanted.skus
    assert (await deaf_shop.call("GET", f"{PATH}/{rule['id']}")).json()["rules"]["logic"]


async def test_a_rule_that_wants_lines_that_none_may_be_is_refused(deaf_shop: Shop) -> None:
    hats = {"conditions": {"$is": [{"object": "product", "id": "hat"}]}}
    some, none = hats | {"name": "order.items.any"}, hats | {"name": "order.items.none"}
    rule = await deaf_shop.made(PATH, RULE)

    for logic in ("1 and 2", "2 and (1 and 3)"):
        more = {"3": AMOUNT["1"]} if "3" in logic else {}
        sent = {"name": "R", "rules": {"1": some, "2": none, **more, "logic": logic}}
        made = await deaf_shop.call("POST", PATH, sent)
        changed = await deaf_shop.call("PUT", f"{PATH}/{rule['id']}", sent)

        for refused in (made, changed):
            assert (refused.status_code, refused.json()["key"]) == (400, "invalid_payload")
            said = "order.items.any, 1 and 2: nothing can meet both, lines are wanted that none may"
            assert said in str(refused.json())
