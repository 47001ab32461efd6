"""Every list, report and change that the console is built on, through the gateway."""

import csv
import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import pytest
from kit.patience import until
from kit.shops import Shop

OLD, AHEAD = "2020-01-01", "2099-01-01"
KEYS_OF_BOTH = (
    *("created_at", "updated_at", "status", "discount_type", "category", "partner", "channel"),
    *("start_date", "expiration_date", "redemptions"),
)


@dataclass(frozen=True)
class Autumn:
    """A deal that sold once and refused once, beside another one that never did."""

    shop: Shop
    campaign: dict[str, Any]
    partner_id: str
    category_id: str
    code: str
    others_code: str
    other: dict[str, Any]
    redemption_id: str


@pytest.fixture
async def autumn(other_shop: Shop) -> Autumn:
    shop = other_shop
    category = await shop.made("/v1/categories", {"name": "Season", "hierarchy": 1})
    campaign = await shop.campaign(
        name="Autumn deal",
        category_id=category["id"],
        start_date="2024-01-01",
        expiration_date="2098-01-01",
        metadata={"tier": "gold"},
        total_limit=1,
    )
    other = await shop.campaign(
        name="Winter offer",
        channel="influencer",
        voucher={
            "type": "DISCOUNT_VOUCHER",
            "discount": {"type": "PERCENT", "percent_off": 10},
        },
    )
    code = await shop.code(campaign, f"AUTUMN-{uuid4().hex[:6].upper()}")
    others_code = await shop.code(other, f"WINTER-{uuid4().hex[:6].upper()}")
    answer = await shop.call("PUT", f"/v1/vouchers/{code}", {"metadata": {"tier": "gold"}})
    assert answer.is_success, answer.text
    await shop.made(f"/v1/campaigns/{other['id']}/disable")

    async def sold() -> str | None:
        answer = await shop.redeem(code, customer="ada")
        if not answer.is_success:
            return None
        [redemption] = answer.json()["redemptions"]
        return str(redemption["id"])

    redemption_id = await until(sold, what="a code in force")
    assert (await shop.redeem(code, customer="bob", amount=7000)).status_code == 400
    await shop.http.get(f"/go/{campaign['id']}")
    partner_id = campaign["partner_id"]
    return Autumn(
        shop, campaign, partner_id, category["id"], code, others_code, other, redemption_id
    )


async def test_campaigns_and_codes_are_found_by_whatever_tells_them_apart(autumn: Autumn) -> None:
    shop, campaign = autumn.shop, autumn.campaign

    async def counted() -> bool:
        [line] = await shop.listed("/v1/campaigns?search=autumn")
        return bool(line["redemptions"] == 1 and line["status"] == "used_up")

    await until(counted, what="the use in campaigns")
    told_apart = {
        "discount_type": "AMOUNT",
        "category_id": autumn.category_id,
        "category": "Season",
        "partner_id": autumn.partner_id,
        "channel": "newsletter",
        "start_date[before]": "2025-01-01",
        "expiration_date[after]": "2097-01-01",
        "filters[redemptions][conditions][$more_than][0]": "0",
        "filters[metadata.tier][conditions][$is][0]": "gold",
        "filters[channel][conditions][$in][]": "newsletter",
        "filters[channel][conditions][$is]": "['newsletter']",
    }
    by_name = {"search": "autumn", "status": "used_up"}
    by_part = {"search": "tumn"}
    for path, field, wanted in (
        ("/v1/campaigns", "name", campaign["name"]),
        ("/v1/vouchers", "code", autumn.code),
    ):
        for name, value in (told_apart | by_name).items() | by_part.items():
            found = await shop.listed(f"{path}?{urlencode({name: value})}")
            assert [each[field] for each in found] == [wanted], name
        for window in ({"created_at[after]": OLD}, {"created_at[before]": AHEAD}):
            assert len(await shop.listed(f"{path}?{urlencode(window)}")) == 2
        for order in KEYS_OF_BOTH:
            up = [each[field] for each in await shop.listed(f"{path}?order={order}")]
            down = [each[field] for each in await shop.listed(f"{path}?order=-{order}")]
            assert (len(up), down) == (2, up[::-1]), order
        first = (await shop.call("GET", f"{path}?limit=1&order=created_at")).json()
        assert (first["total"], first["has_more"]) == (2, True)
        rest = await shop.listed(f"{path}?limit=1&order=created_at&cursor={first['more_cursor']}")
        by_page = await shop.listed(f"{path}?limit=1&order=created_at&page=2")
        assert [each["id"] for each in rest] == [each["id"] for each in by_page]
        counts = (await shop.call("GET", f"{path}/counts")).json()
        assert {line["status"]: line["total"] for line in counts["data"] if line["total"]} == {
            "used_up": 1,
            "disabled": 1,
        }
        [row] = await table(shop, f"{path}?search=autumn")
        assert (row[field], row["amount_off"]) == (wanted, "5.00")
        refused = await shop.call("GET", f"{path}?colour=red")
        assert (refused.status_code, "colour" in refused.text) == (400, True)
    one = (await shop.call("GET", f"/v1/vouchers/{autumn.code}")).json()
    assert (one["campaign_id"], one["status"]) == (campaign["id"], "used_up")


async def test_an_attempt_is_found_by_whatever_is_known_of_it(autumn: Autumn) -> None:
    shop, campaign = autumn.shop, autumn.campaign

    for query, results in (
        ({}, ["FAILURE", "SUCCESS"]),
        ({"result": "SUCCESS"}, ["SUCCESS"]),
        ({"reason": "campaign_limit_exceeded"}, ["FAILURE"]),
        ({"campaign_id": campaign["id"], "customer": "ada"}, ["SUCCESS"]),
        ({"campaign": campaign["name"], "customer": "bob"}, ["FAILURE"]),
        ({"partner_id": autumn.partner_id}, ["FAILURE", "SUCCESS"]),
        ({"partner_id": autumn.other["partner_id"]}, []),
        ({"code": autumn.code}, ["FAILURE", "SUCCESS"]),
        ({"code": autumn.others_code}, []),
        ({"order_id": "nobody's"}, []),
        ({"created_at[before]": OLD}, []),
        ({"from": OLD, "to": AHEAD}, ["FAILURE", "SUCCESS"]),
    ):
        found = await shop.listed(f"/v1/redemptions?{urlencode(query)}")
        # What did not redeem yet while the fixture waited for its code is not asked about.
        known = [each for each in found if each["reason"] in (None, "campaign_limit_exceeded")]
        assert [each["result"] for each in known] == results, query
    newest = (await shop.call("GET", "/v1/redemptions?limit=1")).json()
    older = await shop.listed(f"/v1/redemptions?limit=1&cursor={newest['more_cursor']}")
    assert (newest["redemptions"][0]["result"], older[0]["id"]) == ("FAILURE", autumn.redemption_id)
    one = (await shop.call("GET", f"/v1/redemptions/{autumn.redemption_id}")).json()
    assert {each["kind"] for each in one["claims"]} >= {"code", "campaign"}
    assert one["caller"] == {"kind": "key", "id": shop.app_id}
    of_code = await shop.listed(f"/v1/vouchers/{autumn.code}/redemptions")
    assert [each["result"] for each in of_code[:2]] == ["FAILURE", "SUCCESS"]
    lines = await table(shop, "/v1/redemptions?result=SUCCESS")
    assert [(line["code"], line["discount"]) for line in lines] == [(autumn.code, "5.00")]


async def test_every_report_tells_of_the_same_sale(autumn: Autumn) -> None:
    shop = autumn.shop
    narrowed = {
        "partner_id": autumn.partner_id,
        "campaign_id": autumn.campaign["id"],
        "category_id": autumn.category_id,
        "channel": "newsletter",
    }

    async def told(path: str) -> Any:
        answer = await shop.call("GET", f"/v1/reports/{path}")
        assert answer.is_success, f"{path}: {answer.text}"
        return answer.json()

    async def arrived() -> bool:
        steps = {each["step"]: each["count"] for each in (await told("funnel"))["data"]}
        return bool(steps["visits"] and steps["redemptions"] and steps["attempts"] > 1)

    await until(arrived, what="sale, refusal and visit in reports")
    day = (await told("timeseries"))["period"]["from"][:10]
    grains = ("hour", "day", "week", "month")
    splits = ("partner", "campaign", "category", "channel")
    for (name, value), grain, split in zip(narrowed.items(), grains, splits, strict=True):
        where = f"{name}={quote(value)}"
        [money] = (await told(f"totals?from={day}&compare=previous&{where}"))["data"]
        figures = {each: money["figures"][each]["value"] for each in money["figures"]}
        assert (figures["gross_minor"], figures["discount_minor"]) == (5000, 500), name
        # 10 % of 45.00, 0.50 and a bonus of 3.00 for a new customer; 40 % of 50.00 less both.
        assert (figures["commission_minor"], figures["profit_minor"]) == (800, 700), name
        [series] = (await told(f"timeseries?from={day}&grain={grain}&{where}"))["series"]
        assert sum(each["profit_minor"] for each in series["points"]) == 700, (name, grain)
        series = (await told(f"timeseries?split_by={split}&{where}"))["series"]
        sums = [sum(each["redemptions"] for each in one["points"]) for one in series]
        assert (sum(sums), max(sums)) == (1, 1), (name, split)
        refusals = (await told(f"failures?reason=campaign_limit_exceeded&{where}"))["data"]
        assert [each["refused_minor"] for each in refusals] == [7000], name
        [recent] = (await told(f"recent?result=SUCCESS&{where}"))["data"]
        assert (recent["code"], recent["commission_minor"]) == (autumn.code, 800), name
    for group in ("reason", "partner", "campaign", "code"):
        lines = (await told(f"failures?reason=campaign_limit_exceeded&group_by={group}"))["data"]
        assert [each["attempts"] for each in lines] == [1], group
    attempts = (await told("failures/attempts?reason=campaign_limit_exceeded"))["data"]
    assert [each["order_minor"] for each in attempts] == [7000]
    [pace] = (await told(f"pace?campaign_id={autumn.campaign['id']}"))["data"]
    assert (pace["redemptions"], pace["last_7_days"]) == (1, 1)
    assert (await told("attention"))["data"] == []
    for report, column in (
        *(("partners", "profit"), ("campaigns", "profit"), ("timeseries", "profit")),
        *(("totals", "value"), ("funnel", "count"), ("failures", "attempts")),
        *(("recent", "commission"), ("failures/attempts", "code"), ("attention", None)),
    ):
        lines = await table(shop, f"/v1/reports/{report}")
        assert all(column in line for line in lines), report
        assert bool(lines) is (column is not None), report


async def test_what_was_changed_is_told_with_before_and_after(autumn: Autumn) -> None:
    shop, path = autumn.shop, f"/v1/campaigns/{autumn.campaign['id']}"
    read = (await shop.call("GET", path)).json()
    changed = await shop.call("PUT", path, {"total_limit": 9, "version": read["version"]})
    assert (changed.status_code, changed.json()["total_limit"]) == (200, 9)
    stale = await shop.call("PUT", path, {"total_limit": 8, "version": read["version"]})
    assert (stale.status_code, stale.json()["current"]["total_limit"]) == (409, 9)
    off = await shop.made(f"{path}/disable")
    on = await shop.call("POST", off["undo"]["path"], off["undo"]["body"])
    assert on.is_success, on.text
    assert (await shop.call("DELETE", path)).status_code == 202
    assert [each["name"] for each in await shop.listed("/v1/trash-bin")] == ["Autumn deal"]
    await shop.made(f"{path}/restore")

    alone = f"ALONE-{uuid4().hex[:6].upper()}"
    body = {"type": "DISCOUNT_VOUCHER", "discount": {"type": "AMOUNT", "amount_off": 100}}
    made = await shop.made(f"/v1/vouchers/{alone}", body | {"active": False})
    assert (made["campaign"], made["status"]) == (None, "disabled")
    voucher = f"/v1/vouchers/{alone}"
    assert (await shop.call("POST", f"{voucher}/enable")).is_success
    assert (await shop.call("DELETE", voucher)).status_code == 204
    await shop.made(f"{voucher}/restore")

    job = await shop.made("/v1/vouchers/bulk", {"action": "disable", "filter": "standalone=true"})

    async def done() -> bool:
        told = (await shop.call("GET", f"/v1/async-actions/{job['async_action_id']}")).json()
        return bool((told["status"], told["progress"], told["done_count"]) == ("DONE", 100, 1))

    await until(done, what="the job")
    actions = [each["action"] for each in await shop.listed(f"{path}/history")]
    assert actions == [
        *("campaign.restored", "campaign.deleted", "campaign.enabled", "campaign.disabled"),
        *("campaign.updated", "campaign.created"),
    ]
    [limit] = [
        change
        for entry in await shop.listed("/v1/audit?action=campaign.updated")
        for change in entry["changes"]
        if change["field"] == "total_limit"
    ]
    assert (limit["before"], limit["after"]) == (1, 9)
    of_code = await shop.listed(f"{voucher}/history")
    assert (of_code[0]["action"], of_code[0]["door"]) == ("voucher.disabled", "job")
    assert len(await table(shop, "/v1/audit?kind=campaign")) >= 8


async def table(shop: Shop, path: str) -> list[dict[str, str]]:
    """Read a list as a spreadsheet would."""
    answer = await shop.call("GET", path, headers={"Accept": "text/csv"})
    assert answer.is_success, f"{path}: {answer.text}"
    assert answer.headers["Content-Type"].startswith("text/csv"), path
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
