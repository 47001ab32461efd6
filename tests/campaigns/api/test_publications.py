"""Publications as clients ask for them: a code becomes one customer's own, once."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import httpx
import pytest
from kit.campaigns_samples import CUSTOMER_KEY, Shop, outbox_of
from kit.patience import until

from campaigns.publications import store
from campaigns.shares import store as shares
from contracts import ids
from contracts.vouchers import VoucherChanged, VoucherSnapshot
from servicekit.postgres.pool import transaction

ANN = {"source_id": "ann"}
BERLIN = ZoneInfo("Europe/Berlin")


def pseudonym(shop: Shop, name: str) -> str:
    return ids.customer(CUSTOMER_KEY.encode(), shop.project_id, name)


async def told(dsn: str, voucher_id: str) -> list[VoucherSnapshot]:
    return [
        VoucherChanged.model_validate_json(message["value"]).data
        for message in await outbox_of(dsn)
        if message["key"] == voucher_id.encode()
    ]


async def published(shop: Shop, **body: Any) -> dict[str, Any]:
    return await shop.made("/v1/publications", {"customer": ANN} | body)


async def refused(shop: Shop, **body: Any) -> tuple[int, str]:
    answer = await shop.call("POST", "/v1/publications", {"customer": ANN} | body)
    return answer.status_code, answer.json()["key"]


async def listed(shop: Shop, query: str = "") -> list[str]:
    answer = await shop.call("GET", f"/v1/publications{query}")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return [each["id"] for each in body["publications"]]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def with_codes(shop: Shop, count: int, **campaign: Any) -> tuple[str, list[str]]:
    """Make a campaign with so many unique codes; return its id and these, the oldest first."""
    made = await shop.campaign(**campaign)
    path = f"/v1/campaigns/{made['id']}/vouchers"
    codes = [(await shop.made(path))["code"] for _ in range(count)]
    return made["id"], codes


async def a_rule(shop: Shop) -> str:
    node = {"name": "order.amount", "conditions": {"$more_than_equal": [5000]}}
    body = {"name": "Large orders", "rules": {"1": node, "logic": "1"}}
    return str((await shop.made("/v1/validation-rules", body))["id"])


async def static(shop: Shop, count: int, **campaign: Any) -> tuple[str, list[str]]:
    """Make one that gets no more codes than these."""
    id_, codes = await with_codes(shop, count, **campaign)
    assert (await shop.call("PUT", f"/v1/campaigns/{id_}", {"type": "STATIC"})).is_success
    return id_, codes


async def test_a_published_code_is_a_customers_own(deaf_shop: Shop, campaigns_db: str) -> None:
    shop = deaf_shop
    made = await shop.campaign(activity_duration_after_publishing="P30D")
    voucher = await shop.made(f"/v1/campaigns/{made['id']}/vouchers/ANNS")
    before = datetime.now(UTC)

    answer = await published(
        shop, voucher="ANNS", channel="letter", metadata={"mailing": 7}, source_id="m7-1"
    )

    ann = pseudonym(shop, "ann")
    shown = answer["voucher"]
    assert (
        answer.items()
        >= {
            "object": "publication",
            "result": "SUCCESS",
            "customer_id": ann,
            "channel": "letter",
            "metadata": {"mailing": 7},
            "source_id": "m7-1",
            "tracking_id": "m7-1",
            "vouchers_id": [voucher["id"]],
        }.items()
    )
    assert (answer["customer"]["id"], answer["customer"]["source_id"]) == (ann, "ann")
    assert (shown["holder_id"], shown["publish"]["count"]) == (ann, 1)
    assert shown == (await shop.call("GET", "/v1/vouchers/ANNS")).json()
    published_at, ends_at = at(answer["created_at"]), at(shown["expiration_date"])
    assert before - timedelta(milliseconds=1) <= published_at <= datetime.now(UTC)
    assert shown["published_at"] == answer["created_at"]
    there = published_at.astimezone(BERLIN)
    assert ends_at == (there + timedelta(days=30)).astimezone(UTC)
    last = (await told(campaigns_db, voucher["id"]))[-1]
    assert (last.version, last.ends_at) == (2, ends_at)


async def test_who_it_is_stands_nowhere(deaf_shop: Shop, campaigns_db: str) -> None:
    shop = deaf_shop
    await with_codes(shop, 1)
    made = await published(
        shop, campaign={"name": "Winter deal"}, customer={"source_id": "ann-1989", "name": "Ann"}
    )
    guest = await published(
        shop, campaign={"name": "Winter deal"}, customer={"email": " Ann-1989@Shop.example "}
    )

    assert guest["customer_id"] == pseudonym(shop, "ann-1989@shop.example")
    read = (await shop.call("GET", f"/v1/publications/{made['id']}")).json()
    history = (await shop.call("GET", "/v1/audit")).text
    sent = str(await outbox_of(campaigns_db))
    for text in (str(read), history, sent):
        assert "ann-1989" not in text.lower()


async def test_the_campaigns_end_comes_first_where_it_is_sooner(shop: Shop) -> None:
    ends_at = datetime.now(UTC) + timedelta(days=2)
    campaign, [code] = await with_codes(
        shop, 1, activity_duration_after_publishing="P3D", expiration_date=ends_at.isoformat()
    )
    answer = await published(shop, voucher=code)
    later = (ends_at + timedelta(days=9)).isoformat()

    assert abs(at(answer["voucher"]["expiration_date"]) - ends_at) < timedelta(milliseconds=1)
    await shop.call("PUT", f"/v1/campaigns/{campaign}", {"expiration_date": later})
    now = (await shop.call("GET", f"/v1/vouchers/{code}")).json()
    assert at(now["expiration_date"]) > ends_at  # and so holds its own
    same = await shop.call(
        "PUT", f"/v1/vouchers/{code}", {"expiration_date": now["expiration_date"]}
    )
    assert same.status_code == 200, same.text
    other = await shop.call("PUT", f"/v1/vouchers/{code}", {"expiration_date": later})
    assert other.status_code == 400


async def test_another_duration_leaves_alone_what_was_published(shop: Shop) -> None:
    campaign, [first, second] = await with_codes(
        shop, 2, activity_duration_after_publishing="PT36H"
    )
    one = await published(shop, voucher=first)
    path = f"/v1/campaigns/{campaign}"
    changed = (
        await shop.call("PUT", path, {"activity_duration_after_publishing": "P1DT1H"})
    ).json()
    two = await published(shop, voucher=second, customer={"source_id": "bob"})
    emptied = (await shop.call("PUT", path, {"activity_duration_after_publishing": None})).json()
    three = await published(shop, campaign={"id": campaign})

    assert changed["activity_duration_after_publishing"] == "P1DT1H"
    assert emptied["activity_duration_after_publishing"] is None
    next_day = at(one["created_at"]).astimezone(BERLIN) + timedelta(days=1)
    ends_at = next_day.astimezone(UTC) + timedelta(hours=12)  # 24 of 36 hours are a day
    assert at(one["voucher"]["expiration_date"]) == ends_at
    assert (await shop.call("GET", f"/v1/vouchers/{first}")).json() == one["voucher"]
    assert at(two["voucher"]["expiration_date"]) < at(one["voucher"]["expiration_date"])
    assert three["voucher"]["expiration_date"] is None


@pytest.mark.parametrize(
    "duration", ["P0D", "P1M", "P1Y", "30", 30, "P400D", "-P1D", "P1.5D", "PT0.5S"]
)
async def test_a_duration_that_is_none_is_refused(shop: Shop, duration: Any) -> None:
    answer = await shop.call(
        "POST",
        "/v1/campaigns",
        {
            "name": "Winter deal",
            "voucher": {
                "type": "DISCOUNT_VOUCHER",
                "discount": {"type": "AMOUNT", "amount_off": 500},
            },
            "activity_duration_after_publishing": duration,
        },
    )

    assert answer.status_code == 400
    assert "activity_duration_after_publishing" in answer.text


async def test_a_campaign_gives_its_newest_free_codes_and_then_new_ones(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    shop = deaf_shop
    campaign, codes = await with_codes(shop, 3, activity_duration_after_publishing="P1D")
    await shop.call("POST", f"/v1/vouchers/{codes[1]}/disable")

    some = await published(shop, campaign={"id": campaign, "count": 2})
    more = await published(shop, campaign={"name": "Winter deal"}, customer={"source_id": "bob"})

    assert some["vouchers"] == [codes[2], codes[0]]
    assert len(some["vouchers_id"]) == 2
    assert "voucher" not in some
    fresh = more["voucher"]
    assert fresh["code"] not in codes
    assert fresh["redemption"]["quantity"] == 1
    assert (await shop.call("GET", f"/v1/campaigns/{campaign}")).json()["vouchers_count"] == 4
    first, second = await told(campaigns_db, fresh["id"])
    assert (first.ends_at, second.version) == (None, 2)
    assert second.ends_at == at(fresh["expiration_date"])


async def test_a_static_campaign_gives_what_it_has(shop: Shop) -> None:
    campaign, _codes = await static(shop, 1)
    named = {"campaign": {"id": campaign}}

    assert await refused(shop, campaign={"id": campaign, "count": 2}) == (
        400,
        "no_voucher_suitable_for_publication",
    )
    assert len((await published(shop, **named))["vouchers_id"]) == 1
    assert await refused(shop, **named) == (400, "no_voucher_suitable_for_publication")
    assert len(await listed(shop)) == 1


async def test_public_codes_and_those_of_partners_are_not_given(shop: Shop) -> None:
    partner = await shop.made("/v1/partners", {"name": "Blog"})
    campaign, codes = await with_codes(shop, 2, partner_id=partner["id"])
    await shop.made(f"/v1/campaigns/{campaign}/vouchers/PUBLIC")
    await shop.made(
        f"/v1/partners/{partner['id']}/shares",
        {"kind": "allotment", "campaign_id": campaign, "quantity": 1},
    )
    await shop.call("PUT", f"/v1/campaigns/{campaign}", {"type": "STATIC"})

    given = await published(shop, campaign={"id": campaign})

    assert given["voucher"]["code"] == codes[1]  # the allotment took the oldest
    assert await refused(shop, campaign={"id": campaign}) == (
        400,
        "no_voucher_suitable_for_publication",
    )


async def test_a_code_with_rules_of_its_own_is_given_by_name_alone(shop: Shop) -> None:
    rule = await a_rule(shop)
    campaign, [other] = await with_codes(shop, 1)
    stricter = await shop.made(f"/v1/campaigns/{campaign}/vouchers", {"validation_rules": [rule]})
    await shop.call("PUT", f"/v1/campaigns/{campaign}", {"type": "STATIC"})

    given = await published(shop, campaign={"id": campaign})
    none_left = await shop.call(
        "POST", "/v1/publications", {"customer": ANN, "campaign": {"id": campaign}}
    )
    named = await published(shop, voucher=stricter["code"])

    assert given["voucher"]["code"] == other
    assert none_left.json()["key"] == "no_voucher_suitable_for_publication"
    assert "rules of their own" in none_left.json()["details"]
    assert named["voucher"]["code"] == stricter["code"]


async def test_a_customers_own_code_is_in_no_allotment_and_no_feed(shop: Shop) -> None:
    partner = await shop.made("/v1/partners", {"name": "Blog"})
    campaign, codes = await with_codes(shop, 2, partner_id=partner["id"])
    shares = f"/v1/partners/{partner['id']}/shares"
    given = await published(shop, campaign={"id": campaign})
    two = {"kind": "allotment", "campaign_id": campaign, "quantity": 2}
    too_many = await shop.call("POST", shares, two)
    await shop.made(shares, {"kind": "campaign", "campaign_id": campaign})
    feed_key = await shop.made(f"/v1/partners/{partner['id']}/feed-key")

    feed = await shop.http.get(
        "/v1/feed", headers={"Authorization": f"Bearer {feed_key['feed_key']}"}
    )

    assert too_many.json()["key"] == "not_enough_codes"
    assert given["voucher"]["code"] == codes[1]
    assert [each["code"] for each in feed.json()["codes"]] == [codes[0]]


async def test_a_code_is_published_once(shop: Shop) -> None:
    _, [code] = await with_codes(shop, 1)
    await published(shop, voucher=code)

    assert await refused(shop, voucher=code) == (400, "voucher_already_published")
    assert await refused(shop, voucher=code, customer={"source_id": "bob"}) == (
        400,
        "voucher_already_published",
    )


async def test_what_redeems_no_more_is_given_to_nobody(shop: Shop) -> None:
    campaign, [off, gone] = await with_codes(shop, 2)
    await shop.call("POST", f"/v1/vouchers/{off}/disable")
    await shop.call("DELETE", f"/v1/vouchers/{gone}")
    over, [late] = await with_codes(shop, 1, name="Over", expiration_date="2026-01-01T00:00:00Z")

    unsuitable = (400, "no_voucher_suitable_for_publication")
    assert await refused(shop, voucher=off) == unsuitable
    assert await refused(shop, voucher=gone) == (400, "in_bin")
    assert await refused(shop, voucher=late) == unsuitable
    assert await refused(shop, campaign={"id": over}) == unsuitable
    assert await refused(shop, voucher="NOBODYS") == (404, "not_found")
    assert await refused(shop, campaign={"name": "Nobody's"}) == (404, "not_found")
    await shop.call("POST", f"/v1/campaigns/{campaign}/disable")
    assert await published(shop, campaign={"id": campaign})  # it may be on again one day
    await shop.call("DELETE", f"/v1/campaigns/{campaign}")
    assert await refused(shop, campaign={"id": campaign}) == (400, "in_bin")


async def test_the_same_source_id_is_the_same_publication(shop: Shop) -> None:
    campaign, codes = await with_codes(shop, 3)
    wish: dict[str, Any] = {
        "campaign": {"id": campaign},
        "source_id": "m7",
        "metadata": {"a": 1, "b": {"c": [2], "d": 3}},
    }

    first = await published(shop, **wish)
    again = await published(shop, **wish | {"metadata": {"b": {"d": 3, "c": [2]}, "a": 1}})

    assert again == first
    others: list[dict[str, Any]] = [
        {"customer": {"source_id": "bob"}},
        {"campaign": {"id": campaign, "count": 2}},
        {"channel": "letter"},
        {"metadata": {}},
    ]
    for other in others:
        assert await refused(shop, **wish | other) == (400, "duplicate_source_id")
    assert await listed(shop, "?source_id=m7") == [first["id"]]
    assert await published(shop, **wish | {"source_id": " m7\u200b"}) == first  # as it was pasted
    left = [code for code in codes if code != first["voucher"]["code"]]
    assert (await published(shop, **wish | {"source_id": "m8"}))["voucher"]["code"] in left


async def test_who_joins_once_gets_the_code_that_he_has(shop: Shop) -> None:
    campaign, codes = await with_codes(shop, 2)
    wish = {"customer": ANN, "campaign": {"id": campaign}}
    first = await published(shop, **wish)

    by_query = await shop.made("/v1/publications?join_once=true", wish)
    by_body = await published(shop, **wish, join_once=True)
    same_code = await published(shop, voucher=first["voucher"]["code"], join_once=True)
    bobs = await published(shop, **wish | {"customer": {"source_id": "bob"}, "join_once": True})

    assert by_query["id"] == by_body["id"] == same_code["id"] == first["id"]
    assert bobs["voucher"]["code"] == next(c for c in codes if c != first["voucher"]["code"])
    other = await shop.made(f"/v1/campaigns/{campaign}/vouchers")
    assert await refused(shop, voucher=other["code"], join_once=True) == (
        400,
        "voucher_cannot_be_published",
    )
    differs = await shop.call(
        "POST", "/v1/publications?join_once=false", wish | {"join_once": True}
    )
    assert differs.status_code == 400


async def test_a_source_id_that_was_answered_with_an_earlier_publication_is_known(
    shop: Shop, pool: asyncpg.Pool
) -> None:
    campaign, _ = await with_codes(shop, 3)
    wish = {"campaign": {"id": campaign}, "join_once": True}
    first = await published(shop, **wish, source_id="m1")

    second = await published(shop, **wish, source_id="m2")
    await pool.execute(
        "UPDATE vouchers SET ends_at = now() WHERE project_id = $1 AND id = $2",
        shop.project_id,
        first["voucher"]["id"],
    )
    again = await published(shop, **wish, source_id=" m2")

    assert second == first
    assert again["id"] == first["id"]  # although who joins now would be given another code
    other = {"customer": {"source_id": "bob"}, "source_id": "m2"}
    assert await refused(shop, **wish | other) == (400, "duplicate_source_id")
    assert (await published(shop, **wish, source_id="m3"))["id"] != first["id"]


async def test_who_has_no_code_left_joins_again(shop: Shop, pool: asyncpg.Pool) -> None:
    campaign, _ = await with_codes(shop, 3)
    wish = {"campaign": {"id": campaign}, "join_once": True}
    purged = (await published(shop, **wish))["voucher"]
    await shop.call("DELETE", f"/v1/vouchers/{purged['code']}", params={"force": "true"})

    async def gone() -> bool:
        return (await shop.call("GET", f"/v1/vouchers/{purged['code']}")).status_code == 404

    await until(gone)
    second = (await published(shop, **wish))["voucher"]
    ended = "UPDATE vouchers SET ends_at = now() WHERE project_id = $1 AND id = $2"
    await pool.execute(ended, shop.project_id, second["id"])
    third = (await published(shop, **wish))["voucher"]
    await shop.call("DELETE", f"/v1/vouchers/{third['code']}")

    assert len({each["id"] for each in (purged, second, third)}) == 3
    assert (await published(shop, **wish))["voucher"]["id"] == third["id"]  # the bin gives back


async def test_a_campaign_may_be_joined_once(shop: Shop) -> None:
    campaign, codes = await with_codes(shop, 2, join_once=True)
    first = await published(shop, campaign={"id": campaign})

    assert (await shop.call("GET", f"/v1/campaigns/{campaign}")).json()["join_once"] is True
    joined = (400, "voucher_cannot_be_published")
    assert await refused(shop, campaign={"id": campaign}) == joined
    left = next(code for code in codes if code != first["voucher"]["code"])
    assert await refused(shop, voucher=left) == joined
    again = await published(shop, campaign={"id": campaign}, join_once=True)
    assert again["id"] == first["id"]
    await shop.call("PUT", f"/v1/campaigns/{campaign}", {"join_once": False})
    assert (await published(shop, campaign={"id": campaign}))["voucher"]["code"] == left


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({}, "missing_vouchers"),
        ({"voucher": "A", "campaign": {"id": "camp_1"}}, "missing_vouchers"),
        ({"campaign": {}}, "invalid_payload"),
        ({"campaign": {"id": "camp_1", "name": "A"}}, "invalid_payload"),
        ({"campaign": {"id": "camp_1", "count": 51}}, "too_many_vouchers_requested"),
        ({"campaign": {"id": "camp_1", "count": 0}}, "invalid_payload"),
        ({"campaign": {"id": "camp_1", "count": 1.0}}, "invalid_payload"),
        ({"voucher": "A", "customer": {}}, "invalid_payload"),
        ({"voucher": "A", "customer": {"id": "somebody"}}, "invalid_payload"),
        ({"voucher": "A", "customer": {"source_id": " "}}, "invalid_payload"),
        ({"voucher": "A", "customer": {"email": "nobody"}}, "invalid_payload"),
        (
            {"voucher": "A", "customer": {"id": "cust_" + 24 * "0", "source_id": "ann"}},
            "invalid_payload",
        ),
        ({"voucher": "A", "source": "x"}, "invalid_payload"),
        ({"voucher": "A", "source_id": " "}, "invalid_payload"),
        ({"voucher": "A", "join_once": "yes"}, "invalid_payload"),
    ],
)
async def test_what_cannot_be_meant_is_refused(shop: Shop, body: dict[str, Any], key: str) -> None:
    assert await refused(shop, **body) == (400, key)


async def test_lists_are_narrowed_ordered_and_paged(shop: Shop) -> None:
    winter, _ = await with_codes(shop, 3)
    autumn, [autumn_code] = await with_codes(shop, 1, name="Autumn")
    bob = {"source_id": "bob"}
    one = await published(shop, campaign={"id": winter}, source_id="c")
    two = await published(shop, campaign={"id": winter}, customer=bob, source_id="a")
    three = await published(shop, voucher=autumn_code, customer=bob, channel="letter")
    everything = [three["id"], two["id"], one["id"]]

    assert await listed(shop) == everything
    assert await listed(shop, "?order=created_at") == everything[::-1]
    assert await listed(shop, "?order=tracking_id&limit=1&page=2") == [one["id"]]
    assert await listed(shop, "?order=-channel&limit=1") == [three["id"]]
    assert await listed(shop, "?campaign=Autumn") == [three["id"]]
    assert await listed(shop, f"?campaign={winter}&customer=bob") == [two["id"]]
    assert await listed(shop, f"?customer={pseudonym(shop, 'ann')}") == [one["id"]]
    assert await listed(shop, f"?voucher={autumn_code}") == [three["id"]]
    assert await listed(shop, f"?voucher={autumn_code}&campaign={winter}") == []
    assert await listed(shop, "?source_id=a") == [two["id"]]
    assert await listed(shop, "?filters[source_id][conditions][$in]=['a', 'c']") == everything[1:]
    assert await listed(shop, "?filters[campaign_name][conditions][$is][0]=Autumn") == [three["id"]]
    assert await listed(shop, "?result=SUCCESS&voucher_type=discount") == everything
    assert await listed(shop, "?result=FAILURE") == []
    assert await listed(shop, "?voucher_type=loyalty") == []
    assert await listed(shop, "?is_referral_code=true") == []
    assert await listed(shop, "?is_referral_code=False") == everything
    assert await listed(shop, f"?created_at[after]={one['created_at']}") == everything[:2]
    assert await listed(shop, "?page=1000") == []
    of_code = (await shop.call("GET", three["voucher"]["publish"]["url"])).json()
    assert of_code["total"] == 1
    [shown] = of_code["publications"]
    assert shown == (await shop.call("GET", f"/v1/publications/{three['id']}")).json()
    assert shown["voucher"]["code"] == autumn_code
    assert (shown["campaign"], shown["campaign_id"]) == ("Autumn", autumn)


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("page=1001", "page_over_limit"),
        ("page=0", "invalid_query_params"),
        ("limit=101", "invalid_query_params"),
        ("order=code", "invalid_query_params"),
        ("result=MAYBE", "invalid_query_params"),
        ("colour=red", "invalid_query_params"),
        ("filters[colour][conditions][$is]=red", "invalid_query_params"),
        ("filters[junction]=or", "invalid_query_params"),
        ("created_at[after]=soon", "invalid_query_params"),
        ("customer=", "invalid_query_params"),
    ],
)
async def test_what_no_list_knows_is_refused_by_name(shop: Shop, query: str, key: str) -> None:
    answer = await shop.call("GET", f"/v1/publications?{query}")

    assert (answer.status_code, answer.json()["key"]) == (400, key)


async def test_of_rivals_for_a_campaigns_codes_each_gets_another(shop: Shop) -> None:
    campaign, codes = await static(shop, 8)

    answers = await asyncio.gather(
        *(
            shop.call(
                "POST",
                "/v1/publications",
                {"customer": {"source_id": f"c{n}"}, "campaign": {"id": campaign}},
            )
            for n in range(12)
        )
    )

    given = [each.json()["voucher"]["code"] for each in answers if each.status_code == 200]
    keys = [each.json()["key"] for each in answers if each.status_code != 200]
    assert sorted(given) == sorted(codes)
    assert keys == ["no_voucher_suitable_for_publication"] * 4


async def test_of_rivals_for_one_code_one_gets_it(shop: Shop) -> None:
    _, [code] = await with_codes(shop, 1)

    answers = await asyncio.gather(
        *(
            shop.call("POST", "/v1/publications", {"customer": {"source_id": n}, "voucher": code})
            for n in "abcdef"
        )
    )

    assert sorted(each.status_code for each in answers) == [200] + [400] * 5
    assert len(await listed(shop)) == 1


async def test_rivals_with_one_source_id_get_one_code(shop: Shop) -> None:
    campaign, _ = await with_codes(shop, 3)
    wish = {"customer": ANN, "campaign": {"id": campaign}, "source_id": "m7"}

    answers = await asyncio.gather(*(shop.call("POST", "/v1/publications", wish) for _ in range(6)))

    assert {each.status_code for each in answers} == {200}
    assert len({each.text for each in answers}) == 1
    assert len(await listed(shop)) == 1


async def test_rivals_who_join_once_get_one_code(shop: Shop) -> None:
    campaign, _ = await with_codes(shop, 3)
    wish = {"customer": ANN, "campaign": {"id": campaign}, "join_once": True}

    answers = await asyncio.gather(*(shop.call("POST", "/v1/publications", wish) for _ in range(6)))

    assert {each.json()["voucher"]["code"] for each in answers} == {
        answers[0].json()["voucher"]["code"]
    }
    assert len(await listed(shop)) == 1


@pytest.mark.parametrize("code", ["DRAWN", "NAMED"])
async def test_a_campaign_grows_while_the_rules_of_one_of_its_codes_are_changed(
    shop: Shop, pool: asyncpg.Pool, code: str
) -> None:
    campaign, [drawn] = await with_codes(shop, 1)
    await shop.made(f"/v1/campaigns/{campaign}/vouchers/NAMED")
    path = f"/v1/vouchers/{drawn if code == 'DRAWN' else code}"
    rule = await a_rule(shop)
    growing = {"customer": ANN, "campaign": {"id": campaign, "count": 2}}
    asked: list[tuple[str, str, Any]] = [
        ("PUT", path, {"validation_rules": [rule]}),
        ("POST", "/v1/publications", growing),
        ("POST", "/v1/publications", {"customer": ANN, "voucher": "NAMED"}),
    ]

    tasks: list[asyncio.Task[httpx.Response]] = []
    async with transaction(pool) as conn:  # all queue behind it, one by one
        await conn.execute("SELECT FROM campaigns WHERE id = $1 FOR NO KEY UPDATE", campaign)
        for each in asked:
            tasks.append(asyncio.create_task(shop.call(*each)))
            await until(partial(_wait, pool, len(tasks)))
    answers = await asyncio.gather(*tasks)

    assert [each.status_code for each in answers] == [200] * 3
    assert (await shop.call("GET", path)).json()["validation_rules"] == [rule]


async def _wait(pool: asyncpg.Pool, for_locks: int) -> bool:
    """Tell whether so many of this database's sessions wait for a lock."""
    waiting: int = await pool.fetchval(
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'
        """
    )
    return waiting == for_locks


async def test_an_allotment_and_publications_at_once_share_no_code(shop: Shop) -> None:
    partner = await shop.made("/v1/partners", {"name": "Blog"})
    campaign, codes = await static(shop, 8, partner_id=partner["id"])
    shares = f"/v1/partners/{partner['id']}/shares"

    allotted, *answers = await asyncio.gather(
        shop.call("POST", shares, {"kind": "allotment", "campaign_id": campaign, "quantity": 4}),
        *(
            shop.call(
                "POST",
                "/v1/publications",
                {"customer": {"source_id": f"c{n}"}, "campaign": {"id": campaign}},
            )
            for n in range(8)
        ),
    )

    given = {each.json()["voucher"]["code"] for each in answers if each.status_code == 200}
    theirs: set[str] = set()
    if allotted.is_success:
        path = f"{shares}/{allotted.json()['id']}/codes"
        theirs = {each["code"] for each in (await shop.call("GET", path)).json()["codes"]}
    assert not given & theirs
    assert given | theirs == set(codes)


@pytest.mark.parametrize("held", ["sharing", "customer"])
async def test_a_named_code_waits_for_allotments_and_for_what_its_customer_is_given(
    shop: Shop, pool: asyncpg.Pool, held: str
) -> None:
    campaign, [code] = await with_codes(shop, 1)

    async def waiting() -> bool:
        found: bool = await pool.fetchval(
            """
            SELECT EXISTS (
                SELECT FROM pg_locks JOIN pg_database AS d ON d.oid = database
                WHERE d.datname = current_database() AND locktype = 'advisory' AND NOT granted
            )
            """
        )
        return found

    async with transaction(pool) as conn:
        if held == "sharing":
            await shares.lock(conn, campaign)
        else:
            await store.lock_customer(conn, campaign, pseudonym(shop, "ann"))
        giving = asyncio.create_task(published(shop, voucher=code))
        await until(waiting)

    assert (await giving)["voucher"]["code"] == code


async def test_a_person_goes_and_the_codes_stay_whose_they_are(shop: Shop, rival: Shop) -> None:
    campaign, _ = await with_codes(shop, 2)
    wish = {"campaign": {"id": campaign}, "source_id": "ann-1", "metadata": {"name": "Ann"}}
    made = await published(shop, **wish)
    bobs = await published(shop, **wish | {"customer": {"source_id": "bob"}, "source_id": "bob-1"})
    path = f"/v1/publications/{made['id']}"
    forget = "/v1/publications/forget-customer"

    assert (await rival.made(forget, {"customer": {"id": made["customer_id"]}}))[
        "publications"
    ] == 0
    told = await shop.made(forget, {"customer": ANN})
    again = await shop.made(forget, {"customer": ANN})

    assert (told["publications"], again["publications"]) == (1, 0)
    left = (await shop.call("GET", path)).json()
    assert (left["source_id"], left["tracking_id"], left["metadata"]) == (None, None, {})
    assert left["customer_id"] == told["customer_id"] == pseudonym(shop, "ann")
    assert await listed(shop, "?source_id=ann-1") == []
    assert (await published(shop, **wish))["id"] == made["id"]  # and no second code
    others = (await shop.call("GET", f"/v1/publications/{bobs['id']}")).json()
    assert others["metadata"] == {"name": "Ann"}


async def test_history_tells_who_published_what_to_which_pseudonym(shop: Shop) -> None:
    campaign, _ = await with_codes(shop, 0, activity_duration_after_publishing="P2D")
    made = await published(shop, campaign={"id": campaign}, metadata={"note": "a friend"})

    path = f"/v1/vouchers/{made['voucher']['id']}/history"
    newest, oldest = (await shop.call("GET", path)).json()["data"]

    assert (oldest["action"], newest["action"]) == ("voucher.created", "voucher.published")
    assert {each["field"]: each["after"] for each in newest["changes"]} == {
        "publication_id": made["id"],
        "holder_id": pseudonym(shop, "ann"),
        "expiration_date": made["voucher"]["expiration_date"],
    }


async def test_of_another_project_nothing_is_seen_or_given(shop: Shop, rival: Shop) -> None:
    campaign, [code] = await with_codes(shop, 1)
    made = await published(shop, voucher=code, source_id="m7")

    assert await refused(rival, voucher=code) == (404, "not_found")
    assert await refused(rival, campaign={"id": campaign}) == (404, "not_found")
    assert await listed(rival) == await listed(rival, f"?voucher={code}") == []
    assert await listed(rival, f"?customer={made['customer_id']}") == []
    assert (await rival.call("GET", f"/v1/publications/{made['id']}")).status_code == 404
    await with_codes(rival, 1)
    theirs = await published(rival, campaign={"name": "Winter deal"}, source_id="m7")
    assert theirs["customer_id"] != made["customer_id"]


async def test_who_may_only_read_publishes_nothing(shop: Shop) -> None:
    key = await shop.made("/v1/keys", {"name": "Looker", "scopes": ["campaigns_read"]})
    looker = Shop(shop.http, shop.project_id, key["app_id"], key["app_token"])

    assert await listed(looker) == []
    assert (await looker.call("POST", "/v1/publications", {"customer": ANN})).status_code == 403


async def test_codes_are_spelt_as_the_project_does(rival: Shop) -> None:
    _, [code] = await with_codes(rival, 1)
    assert await refused(rival, voucher=code.swapcase()) == (404, "not_found")


async def test_of_a_purged_code_it_stays_known_who_had_it_but_not_of_a_purged_campaign(
    shop: Shop,
) -> None:
    campaign, [code] = await with_codes(shop, 1)
    made = await published(shop, voucher=code)
    path = f"/v1/publications/{made['id']}"

    async def without_a_code() -> bool:
        shown = (await shop.call("GET", path)).json()
        return (shown["voucher"], shown["vouchers"]) == (None, [code])

    async def gone() -> bool:
        return (await shop.call("GET", path)).status_code == 404

    await shop.call("DELETE", f"/v1/vouchers/{code}", params={"force": "true"})
    await until(without_a_code)
    await shop.call("DELETE", f"/v1/campaigns/{campaign}", params={"force": "true"})
    await until(gone)
