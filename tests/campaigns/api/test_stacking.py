"""How several codes apply together, as a project sets it."""

from typing import Any

import asyncpg
import httpx
import pytest
from kit.campaigns_samples import MANAGEMENT, Shop

from contracts.stacking import StackingRules, as_voucherify

PATH = "/v1/project/stacking-rules"
FIRST = as_voucherify(StackingRules())


async def category(shop: Shop, name: str, hierarchy: int = 0) -> str:
    body = {"name": name, "hierarchy": hierarchy}
    made: dict[str, Any] = (await shop.call("POST", "/v1/categories", body)).json()
    return str(made["id"])


async def version(pool: asyncpg.Pool, kind: str, id_: str) -> int:
    """Return which version was told."""
    found: int = await pool.fetchval(
        "SELECT version FROM applied_versions WHERE kind = $1 AND id = $2", kind, id_
    )
    return found


def rules(answer: httpx.Response) -> dict[str, Any]:
    """Return what is told but the version."""
    told: dict[str, Any] = answer.json()
    assert told.pop("version") >= 1
    return told


async def test_rules_are_changed_in_part_told_and_reset(shop: Shop, pool: asyncpg.Pool) -> None:
    top = await category(shop, "Top")
    assert rules(await shop.call("GET", PATH)) == FIRST
    sent = {
        "redeemables_application_mode": "PARTIAL",
        "applicable_redeemables_limit": 5,
        "applicable_redeemables_category_limits": {top: 1},
        "exclusive_categories": [top],
    }

    changed = rules(await shop.call("PUT", PATH, sent))
    again = await shop.call("PUT", PATH, {"applicable_redeemables_limit": None})

    assert changed == FIRST | sent
    assert rules(again) == changed | {"applicable_redeemables_limit": 30}
    assert (await shop.call("GET", PATH)).json() == again.json()
    known = await version(pool, "project", shop.project_id)
    await shop.call("PUT", PATH, again.json())  # what is read can be sent back
    assert await version(pool, "project", shop.project_id) == known  # and is no change
    assert rules(await shop.call("DELETE", PATH)) == FIRST
    assert "stacking" in (await shop.call("GET", "/v1/audit")).text


async def test_rules_that_name_a_category_that_is_gone_can_be_changed(shop: Shop) -> None:
    top, gone = [await category(shop, name) for name in ("Top", "Gone")]
    set_ = (await shop.call("PUT", PATH, {"exclusive_categories": [top, gone]})).json()
    await shop.call("DELETE", f"/v1/categories/{gone}")

    changed = await shop.call("PUT", PATH, set_ | {"applicable_redeemables_limit": 4})
    other = await shop.call("PUT", PATH, {"joint_categories": ["cat_nobodys"]})

    assert changed.json() == set_ | {"applicable_redeemables_limit": 4, "version": 3}
    assert other.status_code == 400
    without = await shop.call("PUT", PATH, {"exclusive_categories": [top]})
    again = await shop.call("PUT", PATH, {"exclusive_categories": [top, gone]})
    assert (without.status_code, again.status_code) == (200, 400)


async def test_all_categories_of_a_project_can_be_named(shop: Shop) -> None:
    sent = {"exclusive_categories": [f"cat_{number:018}" for number in range(1000)]}

    answer = await shop.call("PUT", PATH, sent)

    assert answer.status_code == 400
    assert answer.json()["message"] == "There is no such category"


async def test_the_operator_sets_them_too(http: httpx.AsyncClient, shop: Shop) -> None:
    path = f"/management/v1/projects/{shop.project_id}/stacking-rules"
    sent = {"redeemables_sorting_rule": "CATEGORY_HIERARCHY"}

    changed = await http.put(path, json=sent, headers=MANAGEMENT)

    assert rules(changed) == FIRST | sent
    assert (await http.get(path, headers=MANAGEMENT)).json() == changed.json()
    assert (await shop.call("GET", PATH)).json() == changed.json()
    assert rules(await http.delete(path, headers=MANAGEMENT)) == FIRST


async def test_of_two_who_change_what_they_read_the_second_is_told(
    http: httpx.AsyncClient, shop: Shop
) -> None:
    path = f"/management/v1/projects/{shop.project_id}/stacking-rules"
    read = (await shop.call("GET", PATH)).json()
    first = await shop.call("PUT", PATH, read | {"applicable_redeemables_limit": 5})

    late = await shop.call("PUT", PATH, read | {"redeemables_no_effect_rule": "SKIP"})
    operators = await http.put(path, json=read, headers=MANAGEMENT)

    assert first.status_code == 200
    for answer in (late, operators):
        assert (answer.status_code, answer.json()["key"]) == (409, "version_conflict")
        assert answer.json()["current"] == first.json()
    assert (await shop.call("GET", PATH)).json() == first.json()


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ({"redeemables_limit": 5}, "redeemables_limit"),
        ({"applicable_redeemables_limit": 31}, "applicable_redeemables_limit"),
        ({"applicable_redeemables_limit": 0}, "applicable_redeemables_limit"),
        ({"redeemables_application_mode": "SOME"}, "redeemables_application_mode"),
        ({"redeemables_products_application_mode": "ONCE"}, "products_application_mode"),
        ({"redeemables_rollback_order_mode": "WITHOUT_ORDER"}, "rollback_order_mode"),
        ({"no_effect_skip_categories": ["cat_1"]}, "no_effect_skip_categories"),
        ({"exclusive_categories": ["cat_nobodys"]}, "category"),
        ({"exclusive": ["cat_1"]}, "exclusive"),
    ],
)
async def test_what_nobody_enforces_is_refused_by_name(
    shop: Shop, sent: dict[str, Any], named: str
) -> None:
    answer = await shop.call("PUT", PATH, sent)

    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_payload")
    assert named in answer.json()["message"]
    assert rules(await shop.call("GET", PATH)) == FIRST


async def test_a_category_s_hierarchy_is_told_with_its_campaigns(
    shop: Shop, pool: asyncpg.Pool
) -> None:
    id_ = await category(shop, "Top", 3)
    made = await shop.campaign(category="Top")

    await shop.call("PUT", f"/v1/categories/{id_}", {"name": "Top", "hierarchy": 1})

    assert await version(pool, "campaign", made["id"]) == 2
    rank = await pool.fetchval(
        "SELECT category_hierarchy FROM campaign_sheets WHERE id = $1", made["id"]
    )
    assert rank == 1
