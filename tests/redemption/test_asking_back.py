"""How rollbacks are read from records: as they are by HTTP, and nothing else is taken for one."""

import json
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest
from kit.redemption_bodies import posted
from kit.redemption_books import audit
from kit.redemption_handler import Shelf, a_record, a_rollback_record, handled
from kit.redemption_samples import (
    CUSTOMER_KEY,
    NOON,
    campaign_changed,
    project_changed,
    voucher_changed,
)

from contracts import topics
from redemption.api.rollback_bodies import parse_rollback
from redemption.applying import snapshots
from redemption.batches.decider import Decider
from redemption.kafka.projects import KnownProjects
from redemption.reading.parsing import UnreadableError
from redemption.rollbacks import asking_back

GOLDEN = Path(__file__).parents[1] / "contracts" / "golden"
FULL = json.loads((GOLDEN / "coupons.redemption.rollback_requested.v1.json").read_text())
LIVE = topics.REDEMPTION_REQUESTS.name


def read(event: dict[str, Any], topic: str = LIVE) -> asking_back.AskedBack | None:
    return asking_back.read(json.dumps(event).encode(), topic, NOON)


def with_data(**data: Any) -> dict[str, Any]:
    changed: dict[str, Any] = FULL | {"data": FULL["data"] | data}
    return changed


async def test_the_same_wish_by_http_and_by_kafka_is_one() -> None:
    asked = read(with_data(reason="gone "))
    body = {
        "customer": {"source_id": " shopper-1"},
        "order": {"id": "order-1\u200b", "items": [{"source_id": "sku-1 ", "quantity": 1}]},
        "reason": "gone ",
        "metadata": {"till": 7},
    }

    wish = await parse_rollback(
        posted(orjson.dumps(body)), FULL["data"]["redemption_id"], None, "shopper-1 "
    )

    assert asked is not None
    assert asked.wish == wish
    by_http = asking_back.AskedBack(wish, FULL["projectid"], asked.request_id, "key", NOON)
    fingerprints = {
        asking_back.rollback(each, [], CUSTOMER_KEY).fingerprint for each in (asked, by_http)
    }
    assert len(fingerprints) == 1


@pytest.mark.parametrize(
    "event",
    [
        with_data(amount_minor=0),
        with_data(amount_minor=1.5),
        with_data(redemption_id=" "),
        with_data(redemption_id="r" * 201),
        with_data(quantity=1),
        with_data(amount_minor=1),
        with_data(items=[{"quantity": 1}]),
        with_data(items=[{"product_id": "a", "quantity": 0}]),
        with_data(metadata={"a": "\u0000"}),
        with_data(customer={}),
        with_data(reply="yes"),
        {name: value for name, value in FULL.items() if name != "projectid"},
    ],
)
def test_what_cannot_be_read_is_said(event: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError, match=r"`\$") as caught:
        read(event)

    assert "pydantic" not in str(caught.value)


def test_a_topic_of_a_project_rolls_nothing_back_of_another() -> None:
    with pytest.raises(UnreadableError, match="another project"):
        read(FULL, topics.for_project("proj_other"))


def test_what_only_names_the_type_somewhere_is_none() -> None:
    event = {"type": "coupons.redemption.requested.v1", "note": FULL["type"]}

    assert asking_back.may_be_one(json.dumps(event).encode())
    assert read(event) is None
    assert asking_back.read(b"{" + asking_back.TYPE, LIVE, NOON) is None


async def test_by_kafka_a_rollback_is_decided_and_a_refused_one_is_set_aside(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [project_changed(), campaign_changed(), voucher_changed()])
    shelf, projects = Shelf(), KnownProjects(pool)
    await handled(shelf, decider, projects, a_record(1))
    id_ = f"r_{(await pool.fetchval('SELECT id FROM ledger')).hex}"
    part = a_rollback_record(2, id_, amount_minor=1000, reply=True)
    records = [
        part,
        a_rollback_record(3, id_, request_id="2", amount_minor=1000, reply=True),
        a_record(4, order=None),
        a_rollback_record(5, id_),
        a_rollback_record(6, id_),
        a_rollback_record(7, id_, request_id="2"),
        a_rollback_record(8, f"r_{'0' * 32}"),
        a_rollback_record(9, id_, project="proj_typo"),
    ]

    await handled(shelf, decider, projects, *records)

    assert [(letter.record, letter.error_class) for letter in shelf.letters] == [
        (records[7], "UnknownProjectError"),
        (records[5], "idempotency_key_reused"),
        (records[4], "already_rolled_back"),
        (records[6], "not_found"),
    ]
    assert [each.record for each in shelf.answered] == records[:2]
    first, again = (each.response for each in shelf.answered)
    assert first.body == again.body
    assert orjson.loads(first.body)["rollbacks"][0]["amount"] == 1000
    assert shelf.noted[1:] == records
    assert await audit(pool) == 2


@pytest.mark.parametrize("id_", ["r_1", f"R_{'0' * 32}", "order-7", "r_\u2026"])
async def test_a_mistyped_id_is_answered_as_by_http(
    pool: asyncpg.Pool, decider: Decider, id_: str
) -> None:
    await snapshots.apply(pool, [project_changed()])
    shelf = Shelf()
    sent = a_rollback_record(1, id_, request_id="1", reply=True)
    again = a_rollback_record(2, f" {id_}", request_id="1", reply=True)

    await handled(shelf, decider, KnownProjects(pool), sent)
    await handled(shelf, decider, KnownProjects(pool), again)

    assert [letter.error_class for letter in shelf.letters] == ["not_found"] * 2
    first, second = (each.response for each in shelf.answered)
    assert (first.status, orjson.loads(first.body)["key"]) == (404, "not_found")
    assert second.body == first.body


async def test_only_rollbacks_of_nothing_are_decided_too(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [project_changed()])
    shelf, record = Shelf(), a_rollback_record(1, f"r_{'0' * 32}")

    await handled(shelf, decider, KnownProjects(pool), record)

    assert [letter.error_class for letter in shelf.letters] == ["not_found"]
    assert shelf.noted == [record]
