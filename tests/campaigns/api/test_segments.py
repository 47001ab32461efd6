"""Segments as clients make them, and what is published of them."""

from typing import Any, Final

import pytest
from kit.campaigns_samples import CUSTOMER_KEY, Shop, outbox_of

from campaigns.segments import verbs
from contracts import ids
from contracts.segments import MOST_IN_REPORTS, MOST_MEMBERS, SegmentChanged

ASLEEP: Final[dict[str, Any]] = {
    "name": "Asleep",
    "type": "passive",
    "filter": {
        "junction": "or",
        "summary.orders.last_order_date": {"conditions": {"$more_than_ago": [60]}},
        "metadata.tier": {"conditions": {"$in": ["gold", 1, True], "$has_value": []}},
    },
}


async def published(dsn: str) -> list[SegmentChanged]:
    return [
        SegmentChanged.model_validate_json(message["value"])
        for message in await outbox_of(dsn)
        if message["topic"] == "coupons.segments.v1"
    ]


async def test_a_filter_comes_back_as_it_was_sent_and_goes(shop: Shop) -> None:
    made = await shop.made("/v1/segments", ASLEEP)
    path = f"/v1/segments/{made['id']}"

    assert made.items() >= (ASLEEP | {"object": "segment", "customers_count": None}).items()
    assert (await shop.call("GET", path)).json() == made
    listed = (await shop.call("GET", "/v1/segments")).json()
    assert (listed["data_ref"], listed["data"], listed["total"]) == ("data", [made], 1)
    assert (await shop.call("DELETE", path)).status_code == 204
    assert (await shop.call("GET", path)).status_code == 404


async def test_what_redemption_is_told_is_whole_in_every_version(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    made = await deaf_shop.made("/v1/segments", ASLEEP)
    path = f"/v1/segments/{made['id']}"
    await deaf_shop.call("PUT", path, {"name": "Far away"})
    await deaf_shop.call("DELETE", path)

    first, second, last = [event.data for event in await published(campaigns_db)]
    assert (first.version, second.version, last.version) == (1, 2, 3)
    assert (first.name, second.name) == ("Asleep", "Far away")
    assert first.filter is not None
    assert first.filter == second.filter
    assert first.filter.junction == "or"
    assert [c.attribute for c in first.filter.criteria] == [
        "summary.orders.last_order_date",
        "metadata.tier",
    ]
    assert (last.deleted, last.filter, last.members) == (True, None, ())


async def test_a_list_names_customers_by_either_id_and_each_once(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    ann, bob = (
        ids.customer(CUSTOMER_KEY.encode(), deaf_shop.project_id, name) for name in ("ann", "bob")
    )
    body = {"name": "Press", "type": "static", "customers": [" ann ", ann, "bob"]}

    made = await deaf_shop.made("/v1/segments", body)

    path = f"/v1/segments/{made['id']}"
    assert (made["customers_count"], made["filter"]) == (2, None)
    members = (await deaf_shop.call("GET", f"{path}/customers", params={"limit": 1})).json()
    assert (members["total"], [each["id"] for each in members["data"]]) == (
        2,
        sorted([ann, bob])[:1],
    )
    [event] = await published(campaigns_db)
    assert event.data.members == tuple(sorted([ann, bob]))

    changed = await deaf_shop.call("PUT", path, {"customers": ["bob", "cleo"], "version": 1})

    assert (changed.json()["customers_count"], changed.json()["version"]) == (2, 2)
    last = (await published(campaigns_db))[-1].data
    assert bob in last.members
    assert ann not in last.members
    history = (await deaf_shop.call("GET", "/v1/audit", params={"kind": "segment"})).json()["data"]
    assert [entry["action"] for entry in history] == ["segment.updated", "segment.created"]
    assert {c["field"]: c["after"] for c in history[0]["changes"]} == {
        "customers_added": 1,
        "customers_removed": 1,
    }


async def test_a_change_that_changes_nothing_makes_no_version(deaf_shop: Shop) -> None:
    made = await deaf_shop.made("/v1/segments", ASLEEP)

    again = await deaf_shop.call("PUT", f"/v1/segments/{made['id']}", made)

    assert (again.status_code, again.json()) == (200, made)


async def test_a_put_of_what_a_segment_is_already_says_since_when_it_holds(shop: Shop) -> None:
    made = await shop.made("/v1/segments", ASLEEP)
    path = f"/v1/segments/{made['id']}"

    changed = await shop.call("PUT", path, {"name": "Sleepers"})
    again = await shop.call("PUT", path, {"name": "Sleepers"})

    assert again.headers["X-Enforced-At"] == changed.headers["X-Enforced-At"]


async def test_who_changes_what_was_changed_meanwhile_is_told(shop: Shop) -> None:
    made = await shop.made("/v1/segments", ASLEEP)
    path = f"/v1/segments/{made['id']}"
    await shop.call("PUT", path, {"name": "B", "version": 1})

    late = await shop.call("PUT", path, {"name": "C", "version": 1})

    assert (late.status_code, late.json()["key"]) == (409, "version_conflict")
    assert late.json()["current"]["name"] == "B"


CONDITIONS: Final = {"conditions": {"$is": ["gold"]}}


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"filter": {"email": CONDITIONS}}, "email is unknown of customers"),
        ({"filter": {"metadata.tier": {"conditions": {"$like": "a"}}}}, "$like is unknown"),
        ({"filter": {"metadata.tier": {"$is": ["a"]}}}, "metadata.tier should have `conditions`"),
        ({"filter": {"metadata.tier": {"conditions": {}}}}, "metadata.tier: conditions should"),
        ({"filter": {"metadata.tier": {"conditions": {"$is": [{}]}}}}, "$is: should be texts"),
        ({"filter": {"is_new": CONDITIONS}}, "is_new: $is takes values of its kind"),
        ({"filter": {"junction": "xor", "metadata.tier": CONDITIONS}}, "junction should be"),
        ({"filter": {"junction": "and"}}, "1 to 50 attributes"),
        ({"filter": []}, "should be an object"),
        ({"filter": None}, "has a `filter`"),
        (
            {"filter": {"metadata.x": {"conditions": {"$is_unknown": "", "$is": "a"}}}},
            "nothing can meet all of $is_unknown, $is",
        ),
        ({"customers": ["ann"]}, "no `customers`"),
        ({"type": "static"}, "has no `filter`"),
        ({"type": "dynamic"}, "type"),
        ({"filters": {}}, "filters"),
        ({"name": " "}, "name"),
        (
            {"type": "static", "customers": ["a\0"]},
            ".customers.0: holds a character that is no text",
        ),
    ],
)
async def test_a_segment_that_cannot_be_is_refused_by_name(
    deaf_shop: Shop, body: dict[str, Any], named: str
) -> None:
    answer = await deaf_shop.call("POST", "/v1/segments", ASLEEP | body)

    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_payload")
    assert named in answer.text.replace("\\", "")


@pytest.mark.parametrize(
    "body", [{"type": "static"}, {"customers": ["ann"]}, {"filter": {"metadata.x": {}}}]
)
async def test_a_filter_stays_one(deaf_shop: Shop, body: dict[str, Any]) -> None:
    made = await deaf_shop.made("/v1/segments", ASLEEP)

    answer = await deaf_shop.call("PUT", f"/v1/segments/{made['id']}", body)

    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_payload")


async def test_a_list_stays_one_and_a_filter_has_none(deaf_shop: Shop) -> None:
    list_ = await deaf_shop.made("/v1/segments", {"name": "Press", "type": "static"})
    filter_ = await deaf_shop.made("/v1/segments", ASLEEP)

    refused = await deaf_shop.call(
        "PUT", f"/v1/segments/{list_['id']}", {"filter": ASLEEP["filter"]}
    )
    unlisted = await deaf_shop.call("GET", f"/v1/segments/{filter_['id']}/customers")

    assert "Property .filter" in refused.json()["message"]
    assert (unlisted.status_code, unlisted.json()["key"]) == (400, "invalid_payload")


async def test_the_longest_list_is_taken_and_told_whole(deaf_shop: Shop, campaigns_db: str) -> None:
    customers = [f"household-{n}" for n in range(MOST_MEMBERS)]

    made = await deaf_shop.made(
        "/v1/segments", {"name": "All", "type": "static", "customers": customers}
    )
    one_more = await deaf_shop.call(
        "PUT", f"/v1/segments/{made['id']}", {"customers": [*customers, "another"]}
    )

    assert made["customers_count"] == MOST_MEMBERS
    assert one_more.status_code == 400
    [event] = await published(campaigns_db)
    assert len(event.encode()) < 1_000_000  # what Kafka takes unless told otherwise


async def test_names_are_a_projects_own_and_its_filters_are_few(
    shop: Shop, rival: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verbs, "MOST_DYNAMIC", 2)
    await rival.made("/v1/segments", ASLEEP)
    made = await shop.made("/v1/segments", ASLEEP)
    await shop.made("/v1/segments", ASLEEP | {"name": "B"})

    twice = await shop.call("POST", "/v1/segments", ASLEEP | {"name": " Asleep "})
    third = await shop.call("POST", "/v1/segments", ASLEEP | {"name": "C"})
    foreign = [
        (await rival.call(method, f"/v1/segments/{made['id']}", body)).status_code
        for method, body in (("GET", None), ("PUT", {"name": "X"}), ("DELETE", None))
    ]

    assert (twice.status_code, twice.json()["key"]) == (400, "invalid_payload")
    assert (third.status_code, third.json()["key"]) == (400, "invalid_payload")
    assert foreign == [404, 404, 404]
    await shop.made("/v1/segments", {"name": "List", "type": "static"})
    monkeypatch.undo()
    again = await shop.call("POST", "/v1/segments", ASLEEP | {"name": " Asleep "})
    assert (again.status_code, again.json()["key"]) == (409, "duplicate_found")


async def test_a_segment_goes_into_reports_and_out_of_them(
    deaf_shop: Shop, campaigns_db: str
) -> None:
    made = await deaf_shop.made("/v1/segments", {"name": "Press", "type": "static"})
    path = f"/v1/segments/{made['id']}"
    into = (await deaf_shop.call("PUT", path, {"in_reports": True})).json()
    same = (await deaf_shop.call("PUT", path, {"in_reports": True, "name": "Press"})).json()
    out = (await deaf_shop.call("PUT", path, {"in_reports": False})).json()

    shown = [made, into, same, out]
    assert [each["in_reports"] for each in shown] == [False, True, True, False]
    assert [each["version"] for each in shown] == [1, 2, 2, 3]
    told = [event.data.in_reports for event in await published(campaigns_db)]
    assert told == [False, True, False]


async def test_a_project_has_twenty_segments_in_reports_at_most(deaf_shop: Shop) -> None:
    def named(number: int) -> dict[str, Any]:
        return {"name": f"n{number}", "type": "static", "in_reports": True}

    first, *_ = [await deaf_shop.made("/v1/segments", named(n)) for n in range(MOST_IN_REPORTS)]
    other = await deaf_shop.made("/v1/segments", named(20) | {"in_reports": False})

    refused = [
        await deaf_shop.call("POST", "/v1/segments", named(21)),
        await deaf_shop.call("PUT", f"/v1/segments/{other['id']}", {"in_reports": True}),
    ]
    for each in refused:
        assert (each.status_code, each.json()["key"]) == (400, "invalid_payload")
        assert "in_reports" in each.json()["message"]
    assert (await deaf_shop.call("DELETE", f"/v1/segments/{first['id']}")).status_code == 204
    let_in = await deaf_shop.call("PUT", f"/v1/segments/{other['id']}", {"in_reports": True})
    assert let_in.json()["in_reports"] is True
