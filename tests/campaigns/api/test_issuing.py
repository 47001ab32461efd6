import asyncio
from typing import Any

import asyncpg
from kit.campaigns_samples import Shop, a_campaign_body, outbox_of

from contracts.vouchers import VoucherChanged, VouchersIssued


async def done(shop: Shop, action: dict[str, Any]) -> dict[str, Any]:
    for _ in range(1200):
        answer = await shop.call("GET", f"/v1/async-actions/{action['async_action_id']}")
        state: dict[str, Any] = answer.json()
        if state["status"] in {"DONE", "FAILED"}:
            return state
        await asyncio.sleep(0.05)
    raise TimeoutError(action)


async def test_a_fixed_code_has_no_limit_of_its_own(shop: Shop) -> None:
    campaign = await shop.campaign(start_date="2026-01-01")

    voucher = await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/WINTER%2F24")

    assert (voucher["object"], voucher["type"]) == ("voucher", "DISCOUNT_VOUCHER")
    assert (voucher["code"], voucher["campaign_id"]) == ("WINTER/24", campaign["id"])
    assert voucher["redemption"]["quantity"] is None
    assert voucher["start_date"] == "2025-12-31T23:00:00.000Z"
    assert voucher["gift"] is None
    assert (await shop.call("GET", "/v1/vouchers/WINTER%2F24")).json() == voucher
    assert (await shop.call("GET", f"/v1/vouchers/{voucher['id']}")).json() == voucher


async def test_a_code_exists_once_in_a_project(shop: Shop) -> None:
    first, second = await shop.campaign(name="A"), await shop.campaign(name="B")
    await shop.made(f"/v1/campaigns/{first['id']}/vouchers/WINTER")

    answer = await shop.call("POST", f"/v1/campaigns/{second['id']}/vouchers/WINTER")

    assert (answer.status_code, answer.json()["key"]) == (409, "duplicate_found")


async def test_a_drawn_code_is_for_one_use_and_looks_as_configured(shop: Shop) -> None:
    campaign = await shop.campaign(
        voucher={
            "type": "DISCOUNT_VOUCHER",
            "discount": {"type": "AMOUNT", "amount_off": 500},
            "code_config": {"prefix": "BLOG-"},
        }
    )

    plain = await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers")
    shaped = await shop.made(
        f"/v1/campaigns/{campaign['id']}/vouchers",
        {
            "code_config": {"pattern": "######", "charset": "0123456789", "postfix": "-X"},
            "redemption": {"quantity": None},
        },
    )

    assert plain["code"].startswith("BLOG-")
    assert len(plain["code"]) == len("BLOG-") + 11
    assert plain["redemption"]["quantity"] == 1
    assert shaped["code"].removeprefix("BLOG-").removesuffix("-X").isdigit()
    assert shaped["redemption"]["quantity"] is None


async def test_a_code_is_told_with_its_version(deaf_shop: Shop, campaigns_db: str) -> None:
    campaign = await deaf_shop.campaign()
    voucher = await deaf_shop.made(
        f"/v1/campaigns/{campaign['id']}/vouchers/WINTER", {"redemption": {"quantity": 5}}
    )

    row = (await outbox_of(campaigns_db))[-1]

    told = VoucherChanged.model_validate_json(row["value"])
    assert (row["topic"], row["key"].decode()) == ("coupons.vouchers.v1", voucher["id"])
    assert (told.data.code, told.data.quantity, told.data.version) == ("WINTER", 5, 1)


async def test_many_codes_are_a_job_that_tells_its_progress(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    shop = deaf_shop
    campaign = await shop.campaign()
    answer = await shop.call(
        "POST",
        f"/v1/campaigns/{campaign['id']}/vouchers?vouchers_count=2500",
        {"code_config": {"prefix": "B-"}, "metadata": {"batch": 1}},
    )
    assert answer.status_code == 202

    state = await done(shop, answer.json())

    assert (state["status"], state["operation_status"]) == ("DONE", "SUCCESS")
    assert (state["progress"], state["result"]["done_count"]) == (100, 2500)
    assert state["type"] == "CAMPAIGN.VOUCHERS_GENERATE"
    assert state["request_id"] == answer.headers["X-Request-Id"]
    chunks = [
        VouchersIssued.model_validate_json(row["value"]).data
        for row in await outbox_of(campaigns_db)
        if b":" in row["key"]
    ]
    assert [(chunk.number, len(chunk.vouchers)) for chunk in chunks] == [
        (1, 1000),
        (2, 1000),
        (3, 500),
    ]
    assert {chunk.quantity for chunk in chunks} == {1}
    told = {issued.code for chunk in chunks for issued in chunk.vouchers}
    assert len(told) == 2500
    listed = (await shop.call("GET", f"/v1/vouchers?campaign_id={campaign['id']}")).json()
    assert listed["total"] == 2500
    assert {voucher["code"] for voucher in listed["vouchers"]} <= told
    assert listed["vouchers"][0]["metadata"] == {"batch": 1}
    assert "validation_rules_assignments" not in listed["vouchers"][0]


async def test_a_campaign_may_come_with_its_codes(shop: Shop) -> None:
    made = await shop.campaign(vouchers_count=3)
    assert made["vouchers_generation_status"] == "IN_PROGRESS"

    for _ in range(1200):
        made = (await shop.call("GET", f"/v1/campaigns/{made['id']}")).json()
        if made["vouchers_generation_status"] == "DONE":
            break
        await asyncio.sleep(0.05)

    assert made["vouchers_count"] == 3


async def test_a_crowded_code_space_still_gives_exactly_what_was_asked(shop: Shop) -> None:
    campaign = await shop.campaign()
    action = await shop.made(
        f"/v1/campaigns/{campaign['id']}/vouchers?vouchers_count=1200",
        {"code_config": {"pattern": "###", "charset": "0123456789abcdefghijklmn"}},
    )

    assert (await done(shop, action))["result"]["done_count"] == 1200


UNDRAWABLE: dict[str, dict[str, Any]] = {
    "too-few-codes": {"length": 2, "charset": "0123456789"},
    "nothing-random": {"pattern": "FIXED"},
    "a-character-twice": {"charset": "aa"},
    "too-long": {"length": 90, "prefix": "x" * 20},
}


async def test_codes_that_cannot_be_drawn_are_refused(shop: Shop) -> None:
    campaign = await shop.campaign()
    path = f"/v1/campaigns/{campaign['id']}/vouchers?vouchers_count=11"

    for name, config in UNDRAWABLE.items():
        answer = await shop.call("POST", path, {"code_config": config})

        assert (answer.status_code, answer.json()["key"]) == (400, "invalid_code_config"), name


MALFORMED: list[tuple[str, object, str]] = [
    ("?vouchers_count=0", None, "vouchers_count"),
    ("?vouchers_count=1000001", None, "vouchers_count"),
    ("", {"redemption": {"quantity": 0}}, "redemption.quantity"),
    ("", {"code": " "}, "code"),
    ("", {"code": "A\u200cB"}, "code"),
    ("/%0A", None, "code"),
    ("", {"code_config": {"length": "x"}}, "code_config.length"),
    ("", {"expiration_date": "2026-01-01"}, "expiration_date"),
    ("", {"quantity": 1}, "quantity"),
    ("?vouchers_count=2", {"code": "A"}, "code"),
    ("/A", {"code": "B"}, "code"),
    ("/A", {"code_config": {"length": 8}}, "code_config"),
    ("/v_" + "x" * 32, None, "id of a voucher"),
    ("?count=5", None, "count"),
]


async def test_a_malformed_wish_for_codes_is_refused(shop: Shop) -> None:
    campaign = await shop.campaign()

    for path, body, field in MALFORMED:
        answer = await shop.call("POST", f"/v1/campaigns/{campaign['id']}/vouchers{path}", body)

        assert answer.status_code == 400, (path, body)
        assert field in answer.json()["message"]


async def test_a_code_may_be_issued_inactive(shop: Shop) -> None:
    campaign = await shop.campaign()
    path = f"/v1/campaigns/{campaign['id']}/vouchers"

    fixed = await shop.made(f"{path}/WINTER", {"active": False, "code": "WINTER"})
    drawn = await shop.made(path, {"active": False})

    assert (fixed["active"], drawn["active"]) == (False, False)
    assert (await shop.made(f"/v1/vouchers/{fixed['id']}/enable"))["active"] is True


async def test_what_is_pasted_with_blanks_is_found(shop: Shop) -> None:
    campaign = await shop.campaign(name="Winter\u00a0 deal ")
    made = await shop.made("/v1/campaigns/Winter%20deal%20/vouchers/%20WINTER%C2%A0")

    found = await shop.call("GET", "/v1/vouchers/%E2%80%8BWINTER%0A")
    listed = await shop.call("GET", "/v1/vouchers?code=WINTER%20&campaign=Winter%C2%A0deal")
    twin = await shop.call("POST", "/v1/campaigns", a_campaign_body(name="\u200bWinter deal"))

    assert (campaign["name"], made["code"]) == ("Winter deal", "WINTER")
    assert found.json() == made
    assert listed.json()["total"] == 1
    assert (twin.status_code, twin.json()["key"]) == (409, "duplicate_found")


async def test_acting_by_id_never_hits_the_voucher_whose_code_it_is(
    shop: Shop, pool: asyncpg.Pool
) -> None:
    campaign = await shop.campaign()
    path = f"/v1/campaigns/{campaign['id']}/vouchers"
    meant = await shop.made(f"{path}/MEANT")
    other = await shop.made(f"{path}/OTHER")
    # Nobody can issue such a code; but the order of look-ups must not depend on that.
    await pool.execute("UPDATE vouchers SET code = $1 WHERE id = $2", meant["id"], other["id"])

    await shop.made(f"/v1/vouchers/{meant['id']}/disable")

    found = (await shop.call("GET", f"/v1/vouchers/{meant['id']}")).json()
    assert (found["id"], found["active"]) == (meant["id"], False)
    untouched = (await shop.call("GET", f"/v1/vouchers/{other['id']}")).json()
    assert (untouched["id"], untouched["active"]) == (other["id"], True)


async def test_a_campaign_of_one_code_gets_no_second(shop: Shop) -> None:
    campaign = await shop.campaign(type="STANDALONE")
    path = f"/v1/campaigns/{campaign['id']}/vouchers"

    many = await shop.call("POST", f"{path}?vouchers_count=2")
    first = await shop.call("POST", f"{path}/ONLY")
    second = await shop.call("POST", f"{path}/OTHER")

    assert [many.status_code, first.status_code, second.status_code] == [400, 200, 400]
    assert second.json()["key"] == "invalid_campaign"


async def test_lists_of_codes_are_narrowed_and_ordered(shop: Shop) -> None:
    first, second = await shop.campaign(name="A b"), await shop.campaign(name="B")
    for code in ("B1", "A1"):
        await shop.made(f"/v1/campaigns/{first['id']}/vouchers/{code}")
    await shop.made(f"/v1/campaigns/{second['id']}/vouchers/C1")

    async def codes(query: str) -> list[str]:
        listed = (await shop.call("GET", f"/v1/vouchers?{query}")).json()
        return [voucher["code"] for voucher in listed["vouchers"]]

    assert await codes("order=code") == ["A1", "B1", "C1"]
    assert await codes("campaign=A%20b&order=-code") == ["B1", "A1"]
    assert await codes(f"campaign_id={second['id']}") == ["C1"]
    assert await codes("code=A1") == ["A1"]
    assert await codes(f"campaign=B&campaign_id={first['id']}") == []
    assert await codes("campaign=unknown") == []


async def test_codes_are_made_switched_off_one_by_one_and_in_bulk(
    shop: Shop,
) -> None:
    campaign = await shop.campaign()
    path = f"/v1/campaigns/{campaign['id']}/vouchers"

    one = await shop.made(path, {"active": False})
    job = await shop.made(f"{path}?vouchers_count=3", {"active": False})
    await done(shop, job)

    listed = (await shop.call("GET", f"/v1/vouchers?campaign_id={campaign['id']}")).json()
    assert one["active"] is False
    assert [each["active"] for each in listed["vouchers"]] == [False] * 4


async def test_what_nobody_expected_ends_one_issue_with_a_reason_and_no_other(
    shop: Shop, pool: asyncpg.Pool
) -> None:
    campaign = await shop.campaign()
    path = f"/v1/campaigns/{campaign['id']}/vouchers?vouchers_count=2"
    first = await shop.made(path)
    await done(shop, first)
    await pool.execute(
        """
        INSERT INTO issue_jobs
            (project_id, id, campaign_id, wanted, quantity, config, request_id, actor)
        SELECT project_id, 'aa_broken', campaign_id, wanted, -1, config, request_id, actor
        FROM issue_jobs
        """
    )

    broken = await done(shop, {"async_action_id": "aa_broken"})
    other = await done(shop, await shop.made(path))

    assert (broken["status"], other["status"]) == ("FAILED", "DONE")
    assert broken["result"] == {
        "message": "a fault of ours ended it: the operator finds it in the log, "
        "by the id of the job",
        "done_count": 0,
        "failed_count": 2,
    }
