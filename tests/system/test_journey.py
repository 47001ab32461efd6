"""A deal's way through the whole platform, as its users see it."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import TopicAuthorizationFailedError
from clickhouse_connect.driver.asyncclient import AsyncClient
from kit.commands import counterfoil
from kit.patience import until
from kit.records import dead_letters
from kit.shops import Shop, ask, redemption, requested

from contracts import topics
from counterfoil.platform import Platform

# A change waits this long for redemption; an answer that came sooner says: it is in force.
PATIENCE_SECONDS = 1.0


async def a_deal_in_force(shop: Shop, **terms: Any) -> tuple[dict[str, Any], str]:
    """Create a campaign and a code until both were answered before patience ran out."""

    async def in_force() -> tuple[dict[str, Any], str] | None:
        began = time.monotonic()
        campaign = await shop.campaign(**terms)
        made = time.monotonic()
        code = await shop.code(campaign)
        took = max(made - began, time.monotonic() - made)
        return (campaign, code) if took < PATIENCE_SECONDS else None

    return await until(in_force, 60, what="a campaign and its code in force")


async def test_a_code_redeems_in_the_next_line(other_shop: Shop) -> None:
    _, code = await a_deal_in_force(other_shop)

    answer = await other_shop.redeem(code)

    assert answer.status_code == 200, answer.text
    [redeemed] = answer.json()["redemptions"]
    assert (redeemed["result"], redeemed["order"]["total_amount"]) == ("SUCCESS", 4500)


async def test_limits_and_windows_hold_by_every_way_and_say_what_would_pass(
    other_shop: Shop, producer: AIOKafkaProducer
) -> None:
    daily = {"of": "customer", "per": "day", "redemptions": 1}
    budget = {"of": "campaign", "discount_amount": 1200}
    campaign, code = await a_deal_in_force(other_shop, limits=[daily, budget])

    assert (await other_shop.redeem(code, customer="ada")).status_code == 200
    await ask(producer, requested(other_shop.project_id, code, customer="bob"))
    path = f"/v1/redemptions?code={code}"
    await until(lambda: found(other_shop, path, 2), what="the redemption by Kafka")

    tomorrow = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow += timedelta(days=1)
    for customer in ("ada", "bob"):
        key, would_pass = await refused(other_shop, code, customer)
        assert datetime.fromisoformat(would_pass.pop("resets_at")) == tomorrow
        assert (key, would_pass) == ("period_limit_exceeded", {"limit": 1, "uses_left": 0})
    assert await refused(other_shop, code, "cy") == (
        "budget_exceeded",
        {"budget_minor": 1200, "left_minor": 200, "amount_short": 300},
    )

    other_days = [(datetime.now(UTC).isoweekday() + n) % 7 for n in (3, 4)]
    change = {"validity_day_of_week": other_days}
    changed = await other_shop.call("PUT", f"/v1/campaigns/{campaign['id']}", change)
    assert changed.status_code == 200, changed.text

    async def closed() -> bool:
        key, would_pass = await refused(other_shop, code, "dan")
        return key == "voucher_not_active_now" and "opens_at" in would_pass

    await until(closed, what="the weekdays in force")
    reasons = {"period_limit_exceeded", "budget_exceeded", "voucher_not_active_now"}
    report = f"/v1/reports/failures?campaign_id={campaign['id']}"

    async def reported() -> bool:
        return reasons == {line["reason"] for line in await other_shop.listed(report)}

    await until(reported, what="each reason in the report")


async def found(shop: Shop, path: str, many: int) -> bool:
    return len(await shop.listed(path)) == many


async def refused(shop: Shop, code: str, customer: str) -> tuple[str, dict[str, Any]]:
    """Return why a customer is refused, and what would have passed."""
    error = (await shop.redeem(code, customer=customer)).json()
    return error["key"], error["would_pass"]


async def test_from_a_partner_to_its_profit(
    shop: Shop, producer: AIOKafkaProducer, bi: AsyncClient
) -> None:
    campaign, code = await a_deal_in_force(shop, total_limit=2)
    partner_id = campaign["partner_id"]
    visit_id = await follow(shop, campaign)

    by_http = await shop.redeem(code, customer="ada", amount=5000)
    assert by_http.status_code == 200, by_http.text
    by_kafka = uuid4().hex
    request = requested(shop.project_id, code, request_id=by_kafka, customer="bob", amount=8000)
    await ask(producer, request)

    async def sold() -> dict[str, Any] | None:
        lines = await shop.listed(f"/v1/reports/partners?partner_id={partner_id}")
        return lines[0] if [line["redemptions"] for line in lines] == [2] else None

    await until(sold, what="both redemptions in the report")
    # Kafka's request ids and HTTP's keys are one key space: never a second decision.
    again = await shop.redeem(code, key=by_kafka, customer="bob", amount=8000)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    other = await shop.redeem(code, key=by_kafka, customer="bob", amount=7000)
    assert (other.status_code, other.json()["key"]) == (422, "idempotency_key_reused")
    late = await shop.redeem(code, customer="cy", amount=7000)
    assert (late.status_code, late.json()["key"]) == (400, "campaign_limit_exceeded")
    await until(lambda: shows_no_code(shop, campaign), what="a link without a code that is used up")

    async def complete() -> dict[str, Any] | None:
        line = await sold()
        return line if line and (line["refused"], line["visits"]) == (1, 1) else None

    line = await until(complete, what="the refusal and the visit in the report")
    expected = {
        "redemptions": 2,
        "new_customers": 2,
        "gross_minor": 13_000,
        "discount_minor": 1000,
        # 10 % of 45.00 and of 75.00, and twice 0.50 and a bonus of 3.00.
        "commission_minor": 450 + 750 + 2 * 50 + 2 * 300,
        "gross_profit_minor": 5200,
        "cost_minor": 2900,
        "profit_minor": 2300,
        "refused": 1,
        "refused_minor": 7000,
        "visits": 1,
    }
    assert {name: line[name] for name in expected} == expected
    assert round(line["roi"], 6) == round(2300 / 2900, 6)
    [failure] = await shop.listed(f"/v1/reports/failures?campaign_id={campaign['id']}")
    assert (failure["reason"], failure["attempts"]) == ("campaign_limit_exceeded", 1)

    [seen] = await rows(bi, "partner_performance", partner_id)
    assert {name: seen[name] for name in expected} == expected
    logged = await rows(bi, "redemption_log", partner_id)
    assert sorted((row["result"], row["order_minor"]) for row in logged) == [
        ("failed", 7000),
        ("succeeded", 5000),
        ("succeeded", 8000),
    ]
    visits = await rows(bi, "visits", partner_id)
    assert [row["visit_id"] for row in visits] == [visit_id]


async def follow(shop: Shop, campaign: dict[str, Any]) -> str:
    """Follow the deal's link as a shopper does; return the visit that it carries."""
    answer = await shop.http.get(f"/go/{campaign['id']}")
    assert answer.status_code == 302
    target = urlsplit(answer.headers["Location"])
    tags = parse_qs(target.query)
    assert (target.hostname, target.path) == ("shop.example", "/deal")
    assert tags["ref"] == ["7"]
    assert tags["utm_campaign"] == [campaign["name"]]
    assert tags["utm_medium"] == ["newsletter"]
    [code] = [v["code"] for v in await shop.listed(f"/v1/vouchers?campaign_id={campaign['id']}")]
    assert tags["coupon"] == [code]
    [visit_id] = tags["visit_id"]
    return visit_id


async def shows_no_code(shop: Shop, campaign: dict[str, Any]) -> bool:
    """Look where the deal's link leads, which counts no visit."""
    answer = await shop.http.head(f"/go/{campaign['id']}")
    assert answer.status_code == 302
    return "coupon=" not in answer.headers["Location"]


async def rows(bi: AsyncClient, view: str, partner_id: str) -> list[dict[str, Any]]:
    final = " FINAL" if view == "visits" else ""
    answer = await bi.query(
        f"SELECT * FROM {view}{final} WHERE partner_id = {{id:String}}",
        parameters={"id": partner_id},
    )
    return list(answer.named_results())


async def test_a_vendor_comes_in_and_is_noticed_and_speaks_for_its_project_alone(
    platform: Platform, shop: Shop, other_shop: Shop
) -> None:
    _, code = await a_deal_in_force(other_shop)
    _, foreign = await a_deal_in_force(shop)
    own = topics.for_project(other_shop.project_id)
    vendors = told(platform, "vendors", "add", other_shop.project_id)
    assert vendors["request_topic"] == own
    password = vendors["client"]["sasl.password"]
    vendor = platform.kafka.acting_as(other_shop.project_id, password)
    asked, claimed = uuid4().hex, uuid4().hex

    async with AIOKafkaProducer(**vendor.options(), acks="all") as producer:
        await ask(producer, requested(shop.project_id, foreign, request_id=claimed), own)
        await ask(producer, requested(other_shop.project_id, code, request_id=asked), own)
        with pytest.raises(TopicAuthorizationFailedError):
            await ask(producer, requested(shop.project_id, foreign))

    async def sold() -> bool:
        lines = await other_shop.listed("/v1/reports/partners")
        return [line["redemptions"] for line in lines] == [1]

    await until(sold, what="a request on a topic that is seconds old")
    [letter] = await dead_letters(platform.kafka, topics.dead_letters(own, "redemption"), 1)
    assert json.loads(letter.value)["data"]["request_id"] == claimed
    assert b"belongs to another project" in dict(letter.headers)["error-text"]
    decided = await shop.redeem(foreign, key=claimed)
    assert "Idempotent-Replayed" not in decided.headers


async def test_validating_spends_nothing(other_shop: Shop) -> None:
    _, code = await a_deal_in_force(other_shop, total_limit=1)

    for _ in range(3):
        asked = await other_shop.call("POST", "/v1/validations", redemption(code))
        assert asked.json()["valid"] is True
    assert (await other_shop.redeem(code)).status_code == 200

    asked = await other_shop.call("POST", "/v1/validations", redemption(code))
    assert asked.json()["valid"] is False


def told(platform: Platform, *arguments: str) -> Any:
    """Run a command on this platform and return what it tells scripts."""
    done = counterfoil(*arguments, "--json", "--data", str(platform.folder.path))
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


async def test_a_code_for_a_segment_follows_its_list(other_shop: Shop) -> None:
    """Defined in campaigns, judged in redemption; by Kafka between them."""
    name = f"Press {uuid4().hex[:8]}"
    segment = await other_shop.made("/v1/segments", {"name": name, "type": "static"})
    asked = {"name": "customer.segment", "conditions": {"$is": [segment["id"]]}}
    rules = {"name": "Press alone", "rules": {"1": asked, "logic": "1"}}
    rule = await other_shop.made("/v1/validation-rules", rules)
    _, code = await a_deal_in_force(other_shop, validation_rules=[rule["id"]])

    refused = await other_shop.redeem(code, customer="ada")
    path = f"/v1/segments/{segment['id']}"
    await other_shop.call("PUT", path, {"customers": ["ada"]})

    async def is_in_force() -> bool:
        return (await other_shop.redeem(code, customer="ada")).status_code == 200

    assert refused.json()["key"] == "customer_rules_violated", refused.text
    await until(is_in_force, what="the list in force")
    assert (await other_shop.redeem(code, customer="bob")).status_code == 400
    listed = await other_shop.listed("/v1/customers/ada/segments")
    assert [(each["id"], each["name"]) for each in listed] == [(segment["id"], name)]
    assert (await other_shop.call("DELETE", path)).json()["key"] == "resource_in_use"
