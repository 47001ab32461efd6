"""Changing campaigns, codes and partners: every term, and nothing of what somebody else changed."""

import asyncio
from typing import Any

import asyncpg
import pytest
from kit.campaigns_people import a_person
from kit.campaigns_samples import Shop, a_campaign_body, outbox_of

from contracts.campaigns import CampaignChanged
from contracts.vouchers import VoucherChanged

EVERYTHING: dict[str, Any] = {
    "name": "Spring deal",
    "description": "for readers",
    "contract_notes": "see contract 8",
    "deal_url": "https://blog.example/spring",
    "landing_url": "https://shop.example/spring",
    "start_date": "2026-03-01T00:00:00.000Z",
    "expiration_date": "2026-06-01T00:00:00.000Z",
    "total_limit": 7,
    "per_customer_limit": 2,
    "validity_timeframe": {"interval": "P7D", "duration": "P6DT4H"},
    "validity_day_of_week": [5, 6],
    "validity_hours": {
        "daily": [{"start_time": "22:00", "expiration_time": "02:00", "days_of_week": [5]}]
    },
    "limits": [
        {
            "of": "customer",
            "per": "month",
            "redemptions": 1,
            "discount_amount": None,
            "orders_amount": None,
        },
        {
            "of": "campaign",
            "per": None,
            "redemptions": None,
            "discount_amount": 100_000,
            "orders_amount": None,
        },
        {
            "of": "code",
            "per": None,
            "redemptions": None,
            "discount_amount": None,
            "orders_amount": 9,
        },
    ],
    "margin_basis_points": 2500,
    "commission_plan": {
        "share_basis_points": 1,
        "flat_minor": 2,
        "new_customer_bonus_minor": 3,
    },
    "metadata": {"season": "spring"},
    "type": "STATIC",
    "active": False,
    "category": "Spring",
}


async def history_of(pool: asyncpg.Pool, target: str) -> list[tuple[str, Any]]:
    rows = await pool.fetch("SELECT * FROM history WHERE target = $1 ORDER BY id", target)
    return [(row["action"], row["changes"]) for row in rows]


async def test_all_that_a_person_decides_can_be_changed_and_is_told(
    shop: Shop, pool: asyncpg.Pool
) -> None:
    await shop.made("/v1/categories", {"name": "Spring", "hierarchy": 1})
    made = await shop.campaign()

    answer = await shop.call("PUT", f"/v1/campaigns/{made['id']}", EVERYTHING)

    changed = answer.json()
    assert answer.status_code == 200, answer.text
    assert changed.items() >= EVERYTHING.items()
    assert changed["version"] == 2
    assert (await shop.call("GET", "/v1/campaigns/Spring%20deal")).json() == changed
    (_, _), (action, changes) = await history_of(pool, made["id"])
    assert action == "campaign.updated"
    assert changes["total_limit"] == [None, 7]
    assert changes["name"] == ["Winter deal", "Spring deal"]
    assert changes["commission_plan.flat_minor"] == [0, 2]
    assert changes["metadata.season"] == [None, "spring"]
    told = {field.split(".")[0] for field in changes}
    assert told == EVERYTHING.keys() | {"category_id"}


async def test_a_new_name_is_published_and_another_campaigns_is_refused(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    made = await deaf_shop.campaign(name="A")
    await deaf_shop.campaign(name="B")

    renamed = await deaf_shop.call("PUT", f"/v1/campaigns/{made['id']}", {"name": "C"})
    taken = await deaf_shop.call("PUT", f"/v1/campaigns/{made['id']}", {"name": "B"})
    like_an_id = await deaf_shop.call(
        "PUT", f"/v1/campaigns/{made['id']}", {"name": "camp_" + "x" * 24}
    )

    assert (renamed.status_code, renamed.json()["name"]) == (200, "C")
    assert (taken.status_code, taken.json()["key"]) == (409, "duplicate_found")
    assert like_an_id.status_code == 400
    told = CampaignChanged.model_validate_json((await outbox_of(campaigns_db))[-1]["value"])
    assert (told.data.name, told.data.version) == ("C", 2)


async def test_how_later_codes_look_and_how_often_they_serve_can_change(shop: Shop) -> None:
    made = await shop.campaign()
    path = f"/v1/campaigns/{made['id']}"

    answer = await shop.call(
        "PUT",
        path,
        {"voucher": {"code_config": {"prefix": "S-", "length": 14}, "redemption": {"quantity": 3}}},
    )
    code = await shop.made(f"{path}/vouchers")
    emptied = await shop.call("PUT", path, {"voucher": {"code_config": {"prefix": None}}})

    assert answer.json()["voucher"]["code_config"]["prefix"] == "S-"
    assert code["code"].startswith("S-")
    assert len(code["code"]) == 16
    assert code["redemption"]["quantity"] == 3
    assert emptied.json()["voucher"]["code_config"]["prefix"] == ""
    assert emptied.json()["voucher"]["code_config"]["length"] == 14
    impossible = await shop.call("PUT", path, {"voucher": {"code_config": {"pattern": "NONE"}}})
    assert (impossible.status_code, impossible.json()["key"]) == (400, "invalid_code_config")


async def test_what_is_read_and_put_back_leaves_a_unique_code_its_single_use(shop: Shop) -> None:
    usual = await shop.campaign(name="usual")
    endless = await shop.campaign(
        name="endless",
        voucher=a_campaign_body()["voucher"] | {"redemption": {"quantity": None}},
    )

    for made, quantity in ((usual, 1), (endless, None)):
        path = f"/v1/campaigns/{made['id']}"
        back = await shop.call(
            "PUT", path, {"voucher": {"redemption": made["voucher"]["redemption"]}}
        )
        shown = {"quantity": made["voucher"]["redemption"]["quantity"]}  # all that others know
        theirs = await shop.call("PUT", path, {"voucher": {"redemption": shown}})
        code = await shop.made(f"{path}/vouchers")

        assert {each.json()["version"] for each in (back, theirs)} == {made["version"]}
        assert code["redemption"]["quantity"] == quantity

    path, said = f"/v1/campaigns/{usual['id']}", {"quantity": None, "quantity_given": True}
    freed = await shop.call("PUT", path, {"voucher": {"redemption": said}})
    assert freed.json()["voucher"]["redemption"] == said
    assert (await shop.made(f"{path}/vouchers"))["redemption"]["quantity"] is None
    both = {"voucher": {"redemption": {"quantity": 5, "quantity_given": False}}}
    assert (await shop.call("PUT", path, both)).status_code == 400


async def test_what_codes_are_worth_is_sent_where_it_is_shown_or_by_itself(shop: Shop) -> None:
    made = await shop.campaign()
    path, ten = f"/v1/campaigns/{made['id']}", {"type": "PERCENT", "percent_off": 10}

    inside = await shop.call("PUT", path, {"voucher": {"discount": ten}})
    both = await shop.call(
        "PUT", path, {"voucher": {"discount": ten}, "discount": ten | {"percent_off": 20}}
    )

    assert inside.json()["voucher"]["discount"]["percent_off"] == 10
    assert both.status_code == 400


async def test_the_kind_of_discount_stays_once_a_code_was_redeemed(
    shop: Shop, pool: asyncpg.Pool
) -> None:
    made = await shop.campaign()
    path = f"/v1/campaigns/{made['id']}"
    await pool.execute(
        "INSERT INTO campaign_uses (project_id, campaign_id, uses) VALUES ($1, $2, 1)",
        shop.project_id,
        made["id"],
    )

    other = await shop.call("PUT", path, {"discount": {"type": "PERCENT", "percent_off": 10}})
    more = await shop.call("PUT", path, {"discount": {"type": "AMOUNT", "amount_off": 700}})

    assert (other.status_code, other.json()["key"]) == (400, "invalid_campaign")
    assert more.json()["voucher"]["discount"]["amount_off"] == 700


async def test_who_edits_what_was_changed_meanwhile_is_told_and_changes_nothing(
    shop: Shop,
) -> None:
    made = await shop.campaign()
    partner = await shop.made("/v1/partners", {"name": "Blog"})
    voucher = await shop.made(f"/v1/campaigns/{made['id']}/vouchers/WINTER")
    changes: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        (f"/v1/campaigns/{made['id']}", {"total_limit": 5}, {"total_limit": 6}),
        (f"/v1/partners/{partner['id']}", {"contact": "jo"}, {"contact": "ann"}),
        (f"/v1/vouchers/{voucher['id']}", {"metadata": {"a": 1}}, {"metadata": {"a": 2}}),
    ]

    for path, first, second in changes:
        read = (await shop.call("GET", path)).json()
        done = await shop.call("PUT", path, first | {"version": read["version"]})
        late = await shop.call("PUT", path, second | {"version": read["version"]})

        assert done.status_code == 200, done.text
        assert (late.status_code, late.json()["key"]) == (409, "version_conflict")
        now = (await shop.call("GET", path)).json()
        assert now["version"] == 2
        assert now.items() >= first.items()
        assert late.json()["current"] == now
        assert late.json()["changed_by"] == {"id": shop.key_id, "kind": "key", "name": "First key"}
        assert late.json()["changed_at"] is not None


async def test_an_undo_of_a_switch_that_was_changed_since_is_refused(shop: Shop) -> None:
    made = await shop.campaign()
    voucher = await shop.made(f"/v1/campaigns/{made['id']}/vouchers/WINTER")

    for path in (f"/v1/campaigns/{made['id']}", f"/v1/vouchers/{voucher['id']}"):
        off = (await shop.call("POST", f"{path}/disable")).json()
        await shop.call("PUT", path, {"metadata": {"a": 1}})
        undo = await shop.call(off["undo"]["method"], off["undo"]["path"], off["undo"]["body"])

        assert (undo.status_code, undo.json()["key"]) == (409, "version_conflict")
        assert undo.json()["current"]["active"] is False


@pytest.mark.parametrize(
    ("how", "body"), [("disable", {}), ("put", {"active": False}), ("delete", {})]
)
async def test_what_another_was_told_is_off_no_earlier_undo_switches_on(
    shop: Shop, how: str, body: dict[str, Any]
) -> None:
    partner = await shop.made("/v1/partners", {"name": "Blog"})
    made = await shop.campaign(partner_id=partner["id"])
    voucher = await shop.made(f"/v1/campaigns/{made['id']}/vouchers/WINTER")
    other = await a_person(shop, "editor")
    paths = {
        "disable": [f"/v1/vouchers/{voucher['id']}", f"/v1/partners/{partner['id']}"],
        "put": [f"/v1/vouchers/{voucher['id']}"],
        "delete": [],
    }[how]

    for path in [f"/v1/campaigns/{made['id']}", *paths]:
        asked: tuple[str, str, Any] = {
            "disable": ("POST", f"{path}/disable", None),
            "put": ("PUT", path, body),
            "delete": ("DELETE", path, None),
        }[how]
        first = asked if how == "delete" else ("POST", f"{path}/disable", None)
        off = (await shop.call(*first)).json()
        acknowledged = await other.call(*asked)
        again = await other.call(*asked)
        undo = await shop.call(off["undo"]["method"], off["undo"]["path"], off["undo"]["body"])

        assert (acknowledged.is_success, again.is_success) == (True, True), acknowledged.text
        assert (undo.status_code, undo.json()["key"]) == (409, "version_conflict"), path
        assert undo.json()["changed_by"]["id"] == other.user_id
        assert undo.json()["current"]["version"] == 3  # one who asks twice is one
        [entry, before, *_] = (await shop.call("GET", f"{path}/history")).json()["data"]
        assert entry["action"] == before["action"]
        [change] = entry["changes"]
        assert change["before"] == change["after"]
        assert acknowledged.json().get("undo") is None


async def test_of_an_undo_and_anothers_switch_at_once_the_switch_holds(shop: Shop) -> None:
    other = await a_person(shop, "editor")
    token = await other.token()
    made = await shop.campaign()
    await shop.made(f"/v1/campaigns/{made['id']}/vouchers/WINTER")

    for path in [f"/v1/campaigns/{made['id']}", "/v1/vouchers/WINTER"] * 5:
        undo = (await shop.call("POST", f"{path}/disable")).json()["undo"]
        undone, acknowledged = await asyncio.gather(
            shop.call(undo["method"], undo["path"], undo["body"]),
            other.call("POST", f"{path}/disable", headers=token),
        )

        assert acknowledged.status_code == 200, acknowledged.text
        assert undone.status_code in {200, 409}
        assert (await shop.call("GET", path)).json()["active"] is False
        await shop.made(f"{path}/enable")


async def test_of_a_code_its_own_can_be_changed(
    deaf_shop: Shop, campaigns_db: str, pool: asyncpg.Pool
) -> None:
    made = await deaf_shop.campaign()
    voucher = await deaf_shop.made(f"/v1/campaigns/{made['id']}/vouchers/WINTER")
    path = "/v1/vouchers/WINTER"

    answer = await deaf_shop.call(
        "PUT", path, {"redemption": {"quantity": 5}, "metadata": {"a": 1, "b": 2}}
    )
    later = await deaf_shop.call("PUT", path, {"unset_metadata_fields": ["a"]})
    again = await deaf_shop.call("PUT", path, later.json())
    unlimited = await deaf_shop.call("PUT", path, {"redemption": {"quantity": None}})

    assert answer.json()["redemption"]["quantity"] == 5
    assert later.json()["metadata"] == {"b": 2}
    assert again.json() == later.json()
    assert unlimited.json()["redemption"]["quantity"] is None
    told = VoucherChanged.model_validate_json((await outbox_of(campaigns_db))[-1]["value"])
    assert (told.data.quantity, told.data.version) == (None, 4)
    assert [changes for _, changes in await history_of(pool, voucher["id"])][-3:] == [
        {"redemption.quantity": [None, 5], "metadata.a": [None, 1], "metadata.b": [None, 2]},
        {"metadata.a": [1, None]},
        {"redemption.quantity": [5, None]},
    ]


async def test_a_code_switched_off_by_put_is_no_success_before_it_is_enforced(
    deaf_shop: Shop,
) -> None:
    made = await deaf_shop.campaign()
    await deaf_shop.made(f"/v1/campaigns/{made['id']}/vouchers/WINTER")

    answer = await deaf_shop.call("PUT", "/v1/vouchers/WINTER", {"active": False})

    assert (answer.status_code, answer.json()["key"]) == (503, "not_enforced_yet")


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ({"discount": {"type": "AMOUNT", "amount_off": 1}}, "discount"),
        ({"expiration_date": "2027-01-01"}, "expiration_date"),
        ({"category": "Winter"}, "category"),
        ({"total_limit": 5}, "total_limit"),
        ({"campaign": "Another"}, "campaign"),
        ({"code": "ANOTHER"}, "code"),
        ({"validity_day_of_week": [1]}, "validity_day_of_week"),
        ({"gift": {"amount": 5}}, "gift"),
        ({"colour": "red"}, "colour"),
        ({"redemption": {"quantity": 0}}, "redemption.quantity"),
    ],
)
async def test_what_is_not_a_codes_own_is_refused_by_name(
    shop: Shop, sent: dict[str, Any], named: str
) -> None:
    made = await shop.campaign()
    await shop.made(f"/v1/campaigns/{made['id']}/vouchers/WINTER")
    before = (await shop.call("GET", "/v1/vouchers/WINTER")).json()

    answer = await shop.call("PUT", "/v1/vouchers/WINTER", {"metadata": {"a": 1}, **sent})

    assert answer.status_code == 400
    assert f".{named}:" in answer.json()["message"]
    assert (await shop.call("GET", "/v1/vouchers/WINTER")).json() == before
