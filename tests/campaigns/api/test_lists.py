"""Lists of campaigns and codes as clients ask for them, in every spelling."""

import csv
import io
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from kit.campaigns_samples import Shop

from campaigns.listing import exports


async def listed(shop: Shop, query: str = "", of: str = "vouchers") -> list[str]:
    answer = await shop.call("GET", f"/v1/{of}?limit=100&{query}")
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["total"] == len(page[of]), "one page holds them all"
    assert page["total_estimated"] is False
    return [each["code" if of == "vouchers" else "name"] for each in page[of]]


async def refused(shop: Shop, query: str, of: str = "vouchers") -> str:
    answer = await shop.call("GET", f"/v1/{of}?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.json()["key"] == "invalid_query_params"
    message: str = answer.json()["message"]
    return message


@pytest.fixture
async def goods(shop: Shop) -> dict[str, Any]:
    """Two campaigns of two partners, a live and a scheduled one, with five codes."""
    blog = await shop.made("/v1/partners", {"name": "Blog"})
    await shop.made("/v1/categories", {"name": "Winter", "hierarchy": 1})
    live = await shop.campaign(
        name="Live deal", partner_id=blog["id"], category="Winter", metadata={"season": "w"}
    )
    percent = {"type": "DISCOUNT_VOUCHER", "discount": {"type": "PERCENT", "percent_off": 10}}
    later = await shop.campaign(
        name="Later deal", channel="mail", voucher=percent, start_date="2099-01-01T00:00:00Z"
    )
    for code, campaign, metadata in (
        ("ALPHA-1", live, {"batch": "one"}),
        ("ALPHA-2", live, {"batch": "two"}),
        ("beta-3", live, {}),
        ("GAMMA-4", later, {"batch": "one"}),
        ("GAMMA-5", later, {}),
    ):
        await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/{code}", {"metadata": metadata})
    await shop.call("POST", "/v1/vouchers/ALPHA-2/disable")
    return {"live": live, "later": later, "blog": blog}


BATCH = (
    "filters%5Bmetadata.batch%5D%5Bconditions%5D%5B%24in%5D"  # as a JavaScript client encodes it
)
CODES = [
    ("order=code", "ALPHA-1 ALPHA-2 beta-3 GAMMA-4 GAMMA-5"),
    ("order=-code", "GAMMA-5 GAMMA-4 beta-3 ALPHA-2 ALPHA-1"),
    ("order=created_at", "ALPHA-1 ALPHA-2 beta-3 GAMMA-4 GAMMA-5"),
    ("", "GAMMA-5 GAMMA-4 beta-3 ALPHA-2 ALPHA-1"),
    ("order=code&status=live", "ALPHA-1 beta-3"),
    ("order=code&status=disabled", "ALPHA-2"),
    ("order=code&status[]=disabled&status[]=scheduled", "ALPHA-2 GAMMA-4 GAMMA-5"),
    ("order=code&discount_type=PERCENT", "GAMMA-4 GAMMA-5"),
    ("order=code&partner=Blog", "ALPHA-1 ALPHA-2 beta-3"),
    ("order=code&channel=mail", "GAMMA-4 GAMMA-5"),
    ("order=code&category=Winter", "ALPHA-1 ALPHA-2 beta-3"),
    ("order=code&campaign=Later deal", "GAMMA-4 GAMMA-5"),
    ("order=code&code=beta-3", "beta-3"),
    ("order=code&search=al", "ALPHA-1 ALPHA-2"),
    ("order=code&search=MMA", "GAMMA-4 GAMMA-5"),
    ("order=code&search=mm", ""),
    ("order=code&active=false", "ALPHA-2"),
    ("order=code&created_at[after]=2099-01-01", ""),
    ("order=code&[start_date][after]=2098-01-01", "GAMMA-4 GAMMA-5"),
    ("order=code&filters[metadata.batch][conditions][$is][0]=one", "ALPHA-1 GAMMA-4"),
    (
        f"order=code&{BATCH}%5B0%5D=one&{BATCH}%5B1%5D=two",
        "ALPHA-1 ALPHA-2 GAMMA-4",
    ),
    (
        "order=code&filters[metadata.batch][conditions][$in]=['one', 'two']",
        "ALPHA-1 ALPHA-2 GAMMA-4",
    ),
    ("order=code&filters[metadata.batch][conditions][$is_unknown]=", "beta-3 GAMMA-5"),
    ("order=code&filters[code][conditions][$in]=['beta-3']", "beta-3"),
    ("order=code&filters[code][conditions][$contains]=pha", "ALPHA-1 ALPHA-2"),
    (
        "order=code&filters[redemption.redeemed_quantity][conditions][$more_than]=0",
        "",
    ),
    ("order=code&filters[active][conditions][$active]=true", "ALPHA-1 beta-3"),
    ("order=code&filters[partner][conditions][$is_not]=Blog", "GAMMA-4 GAMMA-5"),
    ("order=start_date", "GAMMA-4 GAMMA-5 ALPHA-1 ALPHA-2 beta-3"),
    ("order=status", "ALPHA-2 GAMMA-4 GAMMA-5 ALPHA-1 beta-3"),
    ("order=discount_type", "ALPHA-1 ALPHA-2 beta-3 GAMMA-4 GAMMA-5"),
]


async def test_codes_are_found_in_every_spelling(shop: Shop, goods: dict[str, Any]) -> None:
    assert goods
    for query, codes in CODES:
        assert await listed(shop, query) == codes.split(), query


NAMES = [
    ("order=name", ["Later deal", "Live deal"]),
    ("order=-name", ["Live deal", "Later deal"]),
    ("status=live", ["Live deal"]),
    ("status=scheduled", ["Later deal"]),
    ("filters[status][conditions][$is_not]=live", ["Later deal"]),
    ("search=LATER", ["Later deal"]),
    ("category=Winter", ["Live deal"]),
    ("filters[category][conditions][$is_unknown]=", ["Later deal"]),
    ("filters[metadata.season][conditions][$is]=w", ["Live deal"]),
    ("order=-metadata.season", ["Later deal", "Live deal"]),
    ("filters[vouchers_count][conditions][$more_than]=2", ["Live deal"]),
    ("order=vouchers_count", ["Later deal", "Live deal"]),
    (
        "filters[junction]=or&name=Live deal&filters[channel][conditions][$is]=mail&order=name",
        ["Later deal", "Live deal"],
    ),
    (
        "filters[name][conditions][$is]=Live deal&filters[channel][conditions][$is]=mail",
        [],
    ),
]


async def test_campaigns_are_found_in_every_spelling(shop: Shop, goods: dict[str, Any]) -> None:
    assert goods
    for query, names in NAMES:
        assert await listed(shop, query, "campaigns") == names, query


REFUSED = [
    ("colour=red", "Query parameter colour: is unknown, known are "),
    ("filters[colour][conditions][$is]=red", "Query parameter filters[colour][conditions]"),
    ("filters[code][conditions][$ends_with]=1", "$ends_with of filters[code] is unknown"),
    ("filters[code]=1", "is not of the form filters[code][conditions][$is][0]"),
    ("filters[code][conditions][$contains]=ab", "should have 3 characters or more"),
    ("order=", "Query parameter order: is empty"),
    ("status[]=[]", "Query parameter status[]: is an empty list"),
    ("order=colour", "Query parameter order: colour is unknown"),
    ("limit=101", "Query parameter limit: should be a whole number from 1 to 100"),
    ("limit=1&limit=2", "Query parameter limit: is given more than once"),
    ("page=200&limit=100", "Query parameter page: begins beyond 10,000 rows"),
    ("cursor=nonsense", "Query parameter cursor: is none of ours"),
    ("cursor=a&page=2", "Query parameter page: is given beside cursor"),
    ("status=broken", "Query parameter status: should be one of in_bin"),
    ("created_at[after]=yesterday", "Query parameter created_at[after]: should be an ISO"),
    ("created_at=2026-01-01", "Query parameter created_at: is unknown, known are "),
    ("filters[junction]=or", "filters[junction]: must be and here"),
    ("filters[redemptions][conditions][$is]=many", "should be a whole number"),
]


async def test_what_is_not_known_is_refused_by_name(shop: Shop) -> None:
    for query, message in REFUSED:
        assert message in await refused(shop, query), query


async def test_a_list_goes_on_by_its_cursor_and_by_its_pages(
    shop: Shop, goods: dict[str, Any]
) -> None:
    assert goods
    for order in ("code", "-created_at", "status", "-start_date", "redemptions", "partner"):
        whole = await listed(shop, f"order={order}")
        walked, cursor = [], ""
        while True:
            answer = await shop.call("GET", f"/v1/vouchers?order={order}&limit=2{cursor}")
            page = answer.json()
            walked += [each["code"] for each in page["vouchers"]]
            assert page["total"] == 5
            assert page["has_more"] == (page["more_cursor"] is not None)
            if not page["has_more"]:
                break
            cursor = f"&cursor={page['more_cursor']}"
        assert walked == whole, order
        paged = []
        for number in (1, 2, 3, 4):
            answer = await shop.call("GET", f"/v1/vouchers?order={order}&limit=2&page={number}")
            paged += [each["code"] for each in answer.json()["vouchers"]]
        assert paged == whole, order


async def test_a_number_of_forty_digits_is_found_or_not_as_any_other(shop: Shop) -> None:
    campaign = await shop.campaign()
    path = f"/v1/campaigns/{campaign['id']}/vouchers/LARGE"
    await shop.made(path, {"metadata": {"lot": 1e40, "text": "9" * 40}})

    lot, text = (f"filters[metadata.{key}][conditions][$is]=" for key in ("lot", "text"))
    assert await listed(shop, f"{lot}1{'0' * 40}") == ["LARGE"]
    assert await listed(shop, f"{lot}{'9' * 40}") == []
    assert await listed(shop, f"{text}{'9' * 40}") == ["LARGE"]


async def test_a_cursor_of_another_list_is_refused(shop: Shop, goods: dict[str, Any]) -> None:
    assert goods
    answer = await shop.call("GET", "/v1/vouchers?limit=2")
    cursor = answer.json()["more_cursor"]
    assert "of another list" in await refused(shop, f"limit=2&order=code&cursor={cursor}")


async def test_statuses_are_counted_whatever_status_is_shown(
    shop: Shop, goods: dict[str, Any]
) -> None:
    assert goods

    def totals(answer: Any) -> dict[str, int]:
        return {each["status"]: each["total"] for each in answer.json()["data"]}

    codes = await shop.call("GET", "/v1/vouchers/counts?status=live")
    assert totals(codes) == {
        "live": 2,
        "scheduled": 2,
        "used_up": 0,
        "expired": 0,
        "disabled": 1,
        "in_bin": 0,
    }
    assert codes.json()["total"] == 5
    blogs = await shop.call("GET", "/v1/vouchers/counts?partner=Blog")
    assert totals(blogs)["live"] == 2
    assert totals(blogs)["scheduled"] == 0
    campaigns = await shop.call("GET", "/v1/campaigns/counts")
    assert totals(campaigns)["live"] == 1
    assert totals(campaigns)["scheduled"] == 1


async def test_answers_say_status_and_reason(shop: Shop, goods: dict[str, Any]) -> None:
    off = (await shop.call("GET", "/v1/vouchers/ALPHA-2")).json()
    assert (off["status"], off["status_reason"]) == ("disabled", "voucher")
    later = (await shop.call("GET", "/v1/vouchers/GAMMA-4")).json()
    assert (later["status"], later["status_reason"]) == ("scheduled", "dates")
    campaign = (await shop.call("GET", f"/v1/campaigns/{goods['live']['id']}")).json()
    assert (campaign["status"], campaign["redemptions"]) == ("live", 0)
    await shop.call("POST", f"/v1/partners/{goods['blog']['id']}/disable")
    code = (await shop.call("GET", "/v1/vouchers/ALPHA-1")).json()
    assert (code["status"], code["status_reason"]) == ("disabled", "partner")
    assert await listed(shop, "order=code&status=live") == []


async def test_what_is_not_enforced_yet_says_so(deaf_shop: Shop) -> None:
    campaign = await deaf_shop.campaign()
    answer = await deaf_shop.call("POST", f"/v1/campaigns/{campaign['id']}/disable")
    assert answer.status_code == 503
    shown = (await deaf_shop.call("GET", f"/v1/campaigns/{campaign['id']}")).json()
    assert shown["status"] == "not_enforced"
    assert await listed(deaf_shop, "status=not_enforced", "campaigns") == ["Winter deal"]
    assert await listed(deaf_shop, "status=disabled", "campaigns") == ["Winter deal"]


async def test_anothers_codes_are_in_no_list(rival: Shop, goods: dict[str, Any]) -> None:
    assert await listed(rival) == []
    assert await listed(rival, "search=ALPHA") == []
    assert await listed(rival, f"campaign_id={goods['live']['id']}") == []
    counted = await rival.call("GET", "/v1/vouchers/counts")
    assert counted.json()["total"] == 0


def table(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf"), "spreadsheets need the mark"
    text = answer.content.decode("utf-8-sig")
    assert text.count("\n") == text.count("\r\n")
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def test_csv_has_the_rows_of_the_list_in_its_order(shop: Shop, goods: dict[str, Any]) -> None:
    assert goods
    for query in ("order=code", "order=-code&partner=Blog", "order=-start_date&status=scheduled"):
        asked = await shop.call("GET", f"/v1/vouchers?{query}&format=csv")
        accepted = await shop.http.get(
            f"/v1/vouchers?{query}", headers={**shop.headers, "Accept": "text/csv"}
        )
        assert [row["code"] for row in table(asked)] == await listed(shop, query)
        assert table(accepted) == table(asked)
    [first, *_] = table(await shop.call("GET", "/v1/vouchers?order=code&format=csv"))
    assert (first["amount_off"], first["percent_off"], first["currency"]) == ("5.00", "", "EUR")
    assert (first["status"], first["metadata"]) == ("live", '{"batch":"one"}')
    daily = {"of": "customer", "per": "day", "redemptions": 1}
    change = {"limits": [daily], "validity_day_of_week": [6]}
    await shop.call("PUT", "/v1/campaigns/Later%20deal", change)
    campaigns = table(await shop.call("GET", "/v1/campaigns?order=name&format=csv"))
    assert [row["name"] for row in campaigns] == ["Later deal", "Live deal"]
    assert campaigns[0]["percent_off"] == "10"
    assert campaigns[0]["limits_text"] == "at most 1 redemption per customer and day"
    assert campaigns[0]["windows_text"] == "Sat (Europe/Berlin)"
    assert (campaigns[1]["limits_text"], campaigns[1]["windows_text"]) == ("", "")


async def test_csv_reads_on_over_its_parts_and_once_at_a_time(
    shop: Shop, goods: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert goods
    monkeypatch.setattr(exports, "AT_ONCE", 2)
    whole = table(await shop.call("GET", "/v1/vouchers?order=-code&format=csv"))
    assert [row["code"] for row in whole] == await listed(shop, "order=-code")
    monkeypatch.setattr(exports, "MOST_ROWS", 4)
    answer = await shop.call("GET", "/v1/vouchers?format=csv")
    assert (answer.status_code, answer.json()["key"]) == (400, "too_many_rows")
    again = await shop.call("GET", "/v1/campaigns?format=csv")
    assert again.status_code == 200, "who was refused holds no place"


async def test_csv_runs_no_formula_and_has_no_pages(shop: Shop) -> None:
    await shop.campaign(name="=HYPERLINK(1)")
    [row] = table(await shop.call("GET", "/v1/campaigns?format=csv"))
    assert row["name"] == "'=HYPERLINK(1)"
    for query in ("limit=5", "page=2", "cursor=x"):
        assert "is not for csv" in await refused(shop, f"format=csv&{query}")


async def test_a_second_export_of_a_project_is_asked_to_wait(
    shop: Shop, api: FastAPI, rival: Shop
) -> None:
    async with api.state.dependencies.exports.place(shop.project_id):
        answer = await shop.call("GET", "/v1/campaigns?format=csv")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert (await rival.call("GET", "/v1/campaigns?format=csv")).status_code == 200
    assert (await shop.call("GET", "/v1/campaigns?format=csv")).status_code == 200
