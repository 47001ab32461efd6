"""Lists of redemptions, through HTTP: the same as were computed of the ledger in Python."""

import csv
import io
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from kit.chance import without_chance
from kit.redemption_http import a_body, a_key, proof, serving, two_projects
from kit.redemption_samples import (
    NOON,
    a_request,
    campaign_changed,
    project_changed,
    voucher_changed,
)

from redemption.api import lists
from redemption.applying import snapshots
from redemption.applying.snapshots import Snapshot
from redemption.batches.decider import Decider
from redemption.browsing import browse
from redemption.store import listing
from redemption.store.ways import Part
from servicekit.http.errors import ApiError


@pytest.fixture
async def shop(
    redemption_db: str, pool: asyncpg.Pool, decider: Decider
) -> AsyncIterator[httpx.AsyncClient]:
    """Two campaigns of two partners, and a day of redemptions and refusals, an hour apart."""
    await snapshots.apply(
        pool,
        [
            *two_projects(),
            campaign_changed("camp_1", name="Winter"),
            campaign_changed("camp_2", name="Spring", active=False),
            voucher_changed("SUMMER", "camp_1"),
            voucher_changed("ONCE", "camp_1", quantity=1),
            voucher_changed("OFF", "camp_2"),
        ],
    )
    asked: list[tuple[tuple[str, ...], dict[str, Any]]] = [
        (("SUMMER",), {"customer": "anna", "order_id": "order-1", "request_id": "first"}),
        (("ONCE",), {"customer": "bert", "order_id": "order-2"}),
        (("ONCE",), {"customer": "anna", "order_id": "order-3"}),
        (("OFF",), {"customer": "anna", "order_id": "order-4"}),
        (("SUMER",), {"order_id": "order-5"}),
        (("SUMMER", "OFF"), {"customer": "carl", "order_id": "order-6"}),
    ]
    for hour, (codes, more) in enumerate(asked):
        await decider.decide([a_request(*codes, at=NOON + timedelta(hours=hour), **more)])
    async with serving(redemption_db) as client:
        yield client


async def listed(client: httpx.AsyncClient, query: str = "", **parameters: Any) -> list[str]:
    answer = await client.get(f"/v1/redemptions{query}", params=parameters or None)
    assert answer.status_code == 200, answer.text
    return [
        f"{r['voucher']['code']} {r['reason'] or 'redeemed'}" for r in answer.json()["redemptions"]
    ]


EVERYTHING = [
    "SUMMER stack_refused",
    "OFF campaign_inactive",
    "SUMER not_found",
    "OFF campaign_inactive",
    "ONCE quantity_exceeded",
    "ONCE redeemed",
    "SUMMER redeemed",
]


async def test_a_list_is_newest_first_and_in_voucherifys_form(shop: httpx.AsyncClient) -> None:
    body = (await shop.get("/v1/redemptions")).json()

    assert sorted(await listed(shop)) == sorted(EVERYTHING)
    assert (await listed(shop))[2:] == EVERYTHING[2:]
    assert (body["object"], body["data_ref"]) == ("list", "redemptions")
    assert (body["total"], body["total_estimated"]) == (7, False)
    assert (body["has_more"], body["more_cursor"]) == (False, None)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?result=SUCCESS", EVERYTHING[5:]),
        ("?result=FAILURE&code=ONCE", EVERYTHING[4:5]),
        ("?result=SUCCESS&result=FAILURE&code=ONCE", EVERYTHING[4:6]),
        ("?reason=quantity_exceeded&reason=not_found", [EVERYTHING[2], EVERYTHING[4]]),
        ("?failure_code=resource_not_found", EVERYTHING[2:3]),
        ("?filters[failure_code][conditions][$in][0]=not_found", EVERYTHING[2:3]),
        ("?filters%5Bfailure_code%5D%5Bconditions%5D%5B%24is%5D=not_found", EVERYTHING[2:3]),
        (
            "?filters[voucher_code][conditions][$in]=['ONCE', 'SUMER']",
            [*EVERYTHING[2:3], *EVERYTHING[4:6]],
        ),
        ("?code[]=ONCE&code[]=SUMER", [*EVERYTHING[2:3], *EVERYTHING[4:6]]),
        ("?campaign=Winter&result=SUCCESS", EVERYTHING[5:]),
        ("?campaign_id=camp_2&customer=anna", EVERYTHING[3:4]),
        ("?campaign_id=camp_2&campaign=Winter", []),
        ("?campaign=Autumn", []),
        ("?partner_id=part_1&reason=quantity_exceeded", EVERYTHING[4:5]),
        ("?partner_id=part_9", []),
        ("?customer=anna", [EVERYTHING[3], EVERYTHING[4], EVERYTHING[6]]),
        ("?order_id=order-5", EVERYTHING[2:3]),
        ("?request_id=first", EVERYTHING[6:]),
        ("?from=2026-11-23T13:00:00Z&to=2026-11-23T15:00:00Z", EVERYTHING[4:6]),
        (
            "?created_at[after]=2026-11-23T13:00:00Z&created_at[before]=2026-11-23T15:00:00Z",
            EVERYTHING[4:5],
        ),
        ("?from=2026-11-23T15:00:00%2B01:00&to=2026-11-23T16:00:00 01:00", EVERYTHING[4:5]),
        ("?[created_at][before]=2026-11-23", []),
        ("?from=2027-01-01&to=2026-01-01", []),
        ("?order=created_at&limit=3", EVERYTHING[:3:-1]),
        ("?limit=2&page=3", EVERYTHING[4:6]),
        ("?related_object_id=v_ONCE", EVERYTHING[4:6]),
        ("?filters[related_object_id][conditions][$in][0]=v_SUMMER&result=SUCCESS", EVERYTHING[6:]),
        ("?related_object_id=v_ONCE&code=SUMMER", []),
        ("?order=voucher_code&result=SUCCESS", EVERYTHING[5:]),
        ("?order=-voucher_code&result=SUCCESS", EVERYTHING[:4:-1]),
        ("?order=-voucher_code&result=SUCCESS&limit=1&page=2", EVERYTHING[5:6]),
        ("?order=id&customer=anna", [EVERYTHING[6], EVERYTHING[4], EVERYTHING[3]]),
        ("?order=customer_id&code=SUMER&code=ONCE&result=FAILURE", EVERYTHING[4:1:-2]),
    ],
)
async def test_a_filter_finds_what_it_says(
    shop: httpx.AsyncClient, query: str, expected: list[str]
) -> None:
    assert await listed(shop, query) == expected


async def test_another_project_sees_nothing(shop: httpx.AsyncClient) -> None:
    everything = (await shop.get("/v1/redemptions")).json()["redemptions"]
    for query in ("", "?code=SUMMER", "?campaign_id=camp_1", "?customer=anna", "?order_id=order-1"):
        theirs = await shop.get(f"/v1/redemptions{query}", headers=proof("key_b"))
        assert (theirs.status_code, theirs.json()["total"]) == (200, 0)
    for each in everything:
        found = await shop.get(f"/v1/redemptions/{each['id']}", headers=proof("key_b"))
        assert found.status_code == 404


async def test_paging_shows_nothing_twice_while_new_ones_arrive(
    shop: httpx.AsyncClient, decider: Decider
) -> None:
    before = [each["id"] for each in (await shop.get("/v1/redemptions")).json()["redemptions"]]
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await shop.get("/v1/redemptions", params={"limit": "2", **cursor})).json()
        found += [each["id"] for each in page["redemptions"]]
        for minutes in (1, 601):  # one that is later than all, and one between
            await decider.decide([a_request("SUMER", at=NOON + timedelta(minutes=minutes))])
        if not page["has_more"]:
            break
        cursor = {"cursor": page["more_cursor"]}

    assert len(found) == len(set(found))
    assert [id_ for id_ in found if id_ in before] == before


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?color=red", "color: is unknown, known are campaign"),
        ("?filters[color][conditions][$is]=red", "filters[color] is unknown, known are"),
        ("?filters[code][conditions][$contains]=A", "$contains of filters[code] is unknown"),
        ("?filters[code]=A", "is not of the form filters[code][conditions]"),
        ("?filters[junction]=or", "filters[junction]: must be and here"),
        ("?created_at[since]=2026-11-01", "created_at[since]: is unknown"),
        ("?result=MAYBE", "result: 'MAYBE' is unknown, known are SUCCESS, FAILURE"),
        ("?reason=bad_luck", "reason: 'bad_luck' is unknown, known are not_found"),
        ("?limit=0", "limit: must be a number from 1 to 100"),
        ("?limit=101", "limit: must be"),
        ("?limit=10&limit=20", "limit: is given more than once"),
        ("?page=two", "page: must be"),
        ("?page=101&limit=100", "go on with `cursor`"),
        ("?order=code", "order: known are created_at, id, voucher_code"),
        ("?order=id&cursor=abc", "cursor: goes with order=created_at"),
        ("?order=id&format=csv", "order: of CSV is by created_at"),
        ("?filters[user_login][conditions][$is]=ann", "filters[user_login] is unknown"),
        ("?cursor=abc", "cursor: is not of this list"),
        ("?cursor=WzFd", "cursor: is not of this list"),
        ("?from=yesterday", "from: send an instant with its zone"),
        ("?from=2026-11-01T00:00:00", "from: send an instant with its zone"),
        ("?to=2026-02-30", "to: is no date of the calendar"),
        ("?code=", "code: is empty"),
        ("?order=", "order: is empty"),
        ("?code=%E2%80%8B", "code: holds nothing but blanks"),
        ("?code=" + "A" * 201, "code: send 1 to 200 characters"),
        ("?code=%00", "code: "),
        ("?parent_redemption_id=r_x", "is no id of a redemption"),
        ("?format=pdf", "format: known are json, csv"),
        ("?format=csv&limit=10", "limit: is not for CSV"),
        ("?filters[object][conditions][$is]=voucher", "known are redemption, redemption_rollback"),
    ],
)
async def test_what_means_nothing_is_refused_by_name(
    shop: httpx.AsyncClient, query: str, said: str
) -> None:
    for path in ("/v1/redemptions", "/v1/vouchers/SUMMER/redemptions"):
        answer = await shop.get(path + query)

        assert (answer.status_code, answer.json()["key"]) == (400, "invalid_query_params")
        assert said in answer.json()["message"]


async def test_a_cursor_is_of_one_list(shop: httpx.AsyncClient) -> None:
    first = (await shop.get("/v1/redemptions?limit=2&code=ONCE&code=SUMMER")).json()
    cursor = first["more_cursor"]

    same = await shop.get(f"/v1/redemptions?limit=2&code=ONCE&code=SUMMER&cursor={cursor}")
    other = await shop.get(f"/v1/redemptions?limit=2&code=ONCE&cursor={cursor}")
    both = await shop.get(f"/v1/redemptions?limit=2&code=ONCE&code=SUMMER&page=1&cursor={cursor}")

    assert same.status_code == 200
    assert (other.status_code, both.status_code) == (400, 400)
    assert "filters and order must be the same" in other.json()["message"]


async def test_a_codes_redemptions_are_listed_and_counted(shop: httpx.AsyncClient) -> None:
    found = (await shop.get("/v1/vouchers/ONCE/redemptions")).json()
    narrowed = (await shop.get("/v1/vouchers/%20ONCE/redemptions?result=FAILURE")).json()
    nobodys = (await shop.get("/v1/vouchers/NEVER/redemptions")).json()
    uses = (await shop.get("/v1/vouchers/ONCE/redemption")).json()

    assert [each["result"] for each in found["redemptions"]] == ["FAILURE", "SUCCESS"]
    assert (narrowed["total"], nobodys["total"], nobodys["redemptions"]) == (1, 0, [])
    assert (uses["quantity"], uses["redeemed_quantity"]) == (1, 1)
    assert (uses["object"], uses["data_ref"], uses["total"]) == ("list", "redemption_entries", 1)
    assert uses["redemption_entries"] == found["redemptions"][1:]
    assert (await shop.get("/v1/vouchers/SUMER/redemption")).status_code == 404
    theirs = await shop.get("/v1/vouchers/ONCE/redemption", headers=proof("key_b"))
    assert theirs.status_code == 404


async def test_a_customer_is_shown_as_a_pseudonym_and_found_by_it(shop: httpx.AsyncClient) -> None:
    answer = await shop.get("/v1/redemptions?customer=anna")
    [pseudonym] = {each["customer_id"] for each in answer.json()["redemptions"]}
    again = await shop.get("/v1/redemptions", params={"customer": pseudonym})

    assert "anna" not in without_chance(answer.text)
    assert again.json()["redemptions"] == answer.json()["redemptions"]


async def test_one_of_them_shows_all_that_was_judged(shop: httpx.AsyncClient) -> None:
    listed = (await shop.get("/v1/redemptions?customer=carl")).json()["redemptions"]
    redeemed = (await shop.get("/v1/redemptions?result=SUCCESS&code=ONCE")).json()["redemptions"][0]
    shown = {
        each["reason"]: (await shop.get(f"/v1/redemptions/{each['id']}")).json()
        for each in [*listed, redeemed]
    }
    refused, beside, accepted = shown["campaign_inactive"], shown["stack_refused"], shown[None]

    assert refused["related_redemptions"] == {
        "rollbacks": [],
        "redemptions": [{"id": beside["id"]}],
    }
    assert "switched off" in refused["explanation"]
    assert (refused["partner_id"], refused["campaign_version"]) == ("part_1", 1)
    assert refused["order"] | {"amount": 5000, "currency": "EUR"} == refused["order"]
    assert refused["judged_at"] == "2026-11-23T17:00:00.000Z"
    assert refused["caller"] == {"kind": "key", "id": "key_a"}
    assert "nearest" not in refused
    assert accepted["claims"] == [
        {"kind": "code", "subject": "ONCE", "amount": 1},
        {"kind": "campaign", "subject": "", "amount": 1},
    ]
    assert accepted["order"]["total_amount"] == 4500
    for each in shown.values():  # a list's line, and more
        line = next(line for line in [*listed, redeemed] if line["id"] == each["id"])
        assert {name: each[name] for name in line} == line


async def test_codes_redeemed_together_are_found_by_what_they_have_in_common(
    shop: httpx.AsyncClient, pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [voucher_changed("TENTH", "camp_1")])
    await decider.decide([a_request("SUMMER", "TENTH", at=NOON)])
    answer = await shop.get("/v1/redemptions?code=TENTH")
    [tenth] = answer.json()["redemptions"]

    both = await shop.get("/v1/redemptions", params={"parent_redemption_id": tenth["redemption"]})

    assert {each["voucher"]["code"] for each in both.json()["redemptions"]} == {"SUMMER", "TENTH"}
    assert {each["redemption"] for each in both.json()["redemptions"]} == {tenth["redemption"]}


async def test_the_nearest_codes_are_told_to_who_may_read_codes_alone(
    shop: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    theirs: list[Snapshot] = [
        campaign_changed("camp_b", project="proj_b"),
        voucher_changed("SUMERS", "camp_b", project="proj_b"),
    ]
    staff = project_changed(
        "proj_a", 2, a_key("key_a", "redemptions"), a_key("staff", "redemptions", "campaigns")
    )
    await snapshots.apply(pool, [*theirs, staff])
    [unknown] = (await shop.get("/v1/redemptions?reason=not_found")).json()["redemptions"]
    path = f"/v1/redemptions/{unknown['id']}"

    by_staff = (await shop.get(path, headers=proof("staff"))).json()
    by_till = (await shop.get(path)).json()

    assert by_staff["nearest"] == [
        {"code": "SUMMER", "campaign_id": "camp_1", "campaign": "Winter", "distance": 1}
    ]
    assert "nearest" not in by_till


async def test_a_code_in_wrong_capitals_is_near_however_many_stand_between(
    shop: httpx.AsyncClient, pool: asyncpg.Pool, decider: Decider
) -> None:
    staff = project_changed("proj_a", 2, a_key("staff", "redemptions", "campaigns"))
    between = [voucher_changed(f"AUT-Q{number:03}", "camp_1") for number in range(150)]
    mixed = voucher_changed("AUT-pgbX776Rpjf", "camp_1")
    await snapshots.apply(pool, [staff, *between, mixed])
    await decider.decide([a_request("AUT-PGBX776RPJF", order_id="order-7")])
    asked = "/v1/redemptions?code=AUT-PGBX776RPJF"
    [unknown] = (await shop.get(asked, headers=proof("staff"))).json()["redemptions"]

    shown = await shop.get(f"/v1/redemptions/{unknown['id']}", headers=proof("staff"))

    [first, *_] = shown.json()["nearest"]
    assert (first["code"], first["distance"]) == ("AUT-pgbX776Rpjf", 0)


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbfid,date,result,reason,")
    assert answer.content.count(b"\r\n") == answer.content.count(b"\n")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_a_view_is_written_as_csv(shop: httpx.AsyncClient) -> None:
    everything = rows_of(await shop.get("/v1/redemptions?format=csv"))
    accepted = await shop.get("/v1/redemptions?code=ONCE", headers={"Accept": "text/csv"})
    of_code = rows_of(await shop.get("/v1/vouchers/ONCE/redemptions?format=csv&order=created_at"))
    listed = (await shop.get("/v1/redemptions")).json()["redemptions"]

    assert [row["id"] for row in everything] == [each["id"] for each in listed]
    assert rows_of(accepted) == of_code[::-1]
    assert (
        of_code[0] | {"order_amount": "50.00", "discount": "5.00", "currency": "EUR"} == of_code[0]
    )
    assert of_code[1]["explanation"] == "This code had been redeemed as often as it may be."
    named = accepted.headers["Content-Disposition"]
    assert re.fullmatch(
        r'attachment; filename="counterfoil-proj_a-redemptions-\d{8}T\d{6}Z\.csv"', named
    )


async def test_a_formula_in_a_cell_is_harmless(shop: httpx.AsyncClient, decider: Decider) -> None:
    evil = '=HYPERLINK("http://example.com";"Click")'
    await decider.decide([a_request(evil, order_id="-1", tracking_id="@SUM(1)")])

    [row] = [
        row
        for row in rows_of(await shop.get("/v1/redemptions?format=csv"))
        if "HYPER" in row["code"]
    ]

    assert (row["code"], row["order_id"], row["tracking_id"]) == (f"'{evil}", "'-1", "'@SUM(1)")


async def test_what_would_have_to_be_sorted_is_refused_where_it_is_long(
    shop: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "COUNTED", 3)

    long = await shop.get("/v1/redemptions?order=voucher_code")
    short = await shop.get("/v1/redemptions?order=voucher_code&code=ONCE")

    assert (long.status_code, long.json()["key"]) == (400, "invalid_query_params")
    assert "order: about 7 match" in long.text
    assert (short.status_code, short.json()["total"]) == (200, 2)


async def test_a_csv_is_written_block_by_block(
    shop: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browse, "BLOCK", 2)

    assert len(rows_of(await shop.get("/v1/redemptions?format=csv"))) == len(EVERYTHING)


async def test_a_csv_of_more_than_can_be_written_is_refused(
    shop: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "MOST_ROWS", 6)

    answer = await shop.get("/v1/redemptions?format=csv")

    assert (answer.status_code, answer.json()["key"]) == (400, "too_many_rows")


async def test_of_a_project_one_csv_is_written_at_a_time() -> None:
    exports = lists.Exports()
    with exports.running("proj_a"):
        with pytest.raises(ApiError, match="Service unavailable"):
            exports.refuse_another("proj_a")
        exports.refuse_another("proj_b")
    exports.refuse_another("proj_a")


async def test_beyond_what_is_counted_the_total_is_an_estimate(
    shop: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "COUNTED", 3)
    monkeypatch.setattr(listing, "EVERY", Part(limit=4))

    many = (await shop.get("/v1/redemptions?result=FAILURE")).json()
    few = (await shop.get("/v1/redemptions?result=SUCCESS")).json()

    assert (many["total"] >= 4, many["total_estimated"]) == (True, True)
    assert (few["total"], few["total_estimated"]) == (2, False)


async def test_who_may_read_redemptions_may_redeem_none(
    shop: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    keys = [a_key("viewer", "redemptions_read"), a_key("reporter", "reports")]
    await snapshots.apply(pool, [project_changed("proj_a", 2, *keys)])
    paths = ["/v1/redemptions", "/v1/vouchers/ONCE/redemptions", "/v1/vouchers/ONCE/redemption"]

    seen = [await shop.get(path, headers=proof("viewer")) for path in paths]
    closed = [await shop.get(path, headers=proof("reporter")) for path in paths]
    redeemed = await shop.post("/v1/redemptions", json=a_body(), headers=proof("viewer"))

    assert [each.status_code for each in seen] == [200] * 3
    assert [each.status_code for each in (*closed, redeemed)] == [403] * 4
