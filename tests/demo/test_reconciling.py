"""The same decisions written into real engines, as the services write them; then forged."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import clickhouse_connect
import pytest
from aiokafka import AIOKafkaProducer
from kit import engines
from kit.analytics_figures import create_database

from contracts import ids, topics
from contracts.instants import to_rfc3339
from counterfoil.engines.postgres import AUDITOR
from counterfoil.reconcile import in_clickhouse, on_kafka, reconciling
from counterfoil.reconcile.facts import Scope
from counterfoil.reconcile.reconciling import Addresses, Places, Reconciliation, reconcile
from servicekit.kafka import topics as kafka_topics
from servicekit.kafka.connection import Kafka

DECIDED_AT = datetime.now(UTC).replace(microsecond=123_456) - timedelta(minutes=5)
AT = datetime(2017, 5, 8, 23, 59, 59, tzinfo=UTC)
PLAN = {"share_basis_points": 500, "flat_minor": 0, "new_customer_bonus_minor": 200}


class Books:
    """Writes one decision into each of the three places, or into some of them."""

    def __init__(
        self, conn: asyncpg.Connection, producer: AIOKafkaProducer, warehouse: Any, project: str
    ) -> None:
        self.conn, self.producer, self.warehouse, self.project = conn, producer, warehouse, project

    async def accept(
        self, order_minor: int, places: Sequence[str] = ("ledger", "kafka", "clickhouse")
    ) -> UUID:
        event_id = ids.uuid7()
        if "ledger" in places:
            await self._in_ledger(event_id, order_minor)
        if "kafka" in places:
            await self.on_kafka(event_id, order_minor)
        if "clickhouse" in places:
            self._in_clickhouse(event_id, order_minor)
        return event_id

    async def _in_ledger(self, event_id: UUID, order_minor: int) -> None:
        await self.conn.execute(
            """
            INSERT INTO ledger (id, request_key, project_id, campaign_id, campaign_version, code,
                customer_id, kind, order_minor, discount_minor, currency, caller, at, decided_at)
            VALUES ($1, $2, $3, 'camp_1', 1, 'Cödé', 'cust_1', 'redeemed', $4, 100, 'USD', 'test',
                $5, $6)
            """,
            event_id,
            event_id.bytes,
            self.project,
            order_minor,
            AT,
            DECIDED_AT,
        )
        await self.conn.execute(
            "UPDATE campaign_locks SET used = used + 1 WHERE project_id = $1", self.project
        )

    async def on_kafka(
        self,
        event_id: UUID,
        order_minor: int,
        type_: str = "coupons.redemption.succeeded.v1",
        **more: Any,
    ) -> None:
        data = {
            "campaign_id": "camp_1",
            "partner_id": "part_1",
            "code": "Cödé",
            "customer_id": "cust_1",
            "order_minor": order_minor,
            "discount_minor": 100,
            "currency": "USD",
            "customer_is_new": False,
            "commission_plan": PLAN,
            "margin_basis_points": 2_800,
            "decided_at": to_rfc3339(DECIDED_AT),
        } | more
        event = {
            "id": str(event_id),
            "type": type_,
            "projectid": self.project,
            "time": to_rfc3339(AT),
            "data": data,
        }
        await self.producer.send_and_wait(
            topics.REDEMPTIONS.name, json.dumps(event).encode(), key=event_id.bytes
        )

    def _in_clickhouse(self, event_id: UUID, order_minor: int, **more: Any) -> None:
        row = {
            "event_id": str(event_id),
            "project_id": self.project,
            "campaign_id": "camp_1",
            "partner_id": "part_1",
            "result": "succeeded",
            "code": "Cödé",
            "customer_id": "cust_1",
            "order_minor": order_minor,
            "discount_minor": 100,
            "commission_minor": (order_minor - 100) // 20,
            "margin_basis_points": 2_800,
            "currency": "USD",
            "occurred_at": AT,
            "decided_at": DECIDED_AT.replace(microsecond=123_000),
        } | more
        self.warehouse.insert("redemption_events", [list(row.values())], column_names=list(row))

    async def give_back(self, of: UUID, order_minor: int, left: int) -> UUID:
        """Give a part of an order back with a tenth of it as discount, of which so much is left."""
        event_id, off, off_left = ids.uuid7(), order_minor // 10, left // 10
        await self.conn.execute(
            """
            INSERT INTO ledger (id, request_key, parent_id, project_id, campaign_id,
                campaign_version, code, customer_id, kind, reason, order_minor, discount_minor,
                currency, caller, at, decided_at, redeemed_at, is_whole, gives_use, gives_budget)
            VALUES ($1, $2, $3, $4, 'camp_1', 1, 'Cödé', 'cust_1', 'rolled_back', 'rolled_back',
                $5, $6, 'USD', 'test', $7, $8, $7, $9, $9, true)
            """,
            event_id,
            event_id.bytes,
            of,
            self.project,
            -order_minor,
            -off,
            AT,
            DECIDED_AT,
            left == 0,
        )
        if left == 0:
            await self.conn.execute(
                "UPDATE campaign_locks SET used = used - 1 WHERE project_id = $1", self.project
            )
        parts = {
            "discount_minor": off,
            "order_left_minor": left,
            "discount_left_minor": off_left,
            "whole": left == 0,
        }
        await self.on_kafka(event_id, order_minor, "coupons.redemption.rolled_back.v1", **parts)
        before, after = order_minor + left - off - off_left, left - off_left
        earned = {
            "result": "rolled_back",
            "discount_minor": -off,
            "commission_minor": after // 20 - before // 20,
        }
        self._in_clickhouse(event_id, -order_minor, **earned)
        return event_id


@pytest.fixture(scope="module")
def addresses(
    postgres_url: str, redemption_template: str, kafka_servers: Kafka, clickhouse_url: str
) -> Iterator[Addresses]:
    """Databases of this module: every test has a project of its own in them."""
    warehouse_url = asyncio.run(create_database(clickhouse_url))
    ledger_dsn = asyncio.run(engines.clone(postgres_url, "redemption", redemption_template))
    yield Addresses(engines.as_role(ledger_dsn, AUDITOR), kafka_servers, warehouse_url)
    asyncio.run(engines.drop(postgres_url, ledger_dsn))


@pytest.fixture
async def books(addresses: Addresses) -> AsyncIterator[Books]:
    await kafka_topics.ensure(addresses.kafka, [topics.REDEMPTIONS])
    project = f"proj_{uuid4().hex}"
    conn = await asyncpg.connect(engines.as_role(addresses.redemption_dsn, "redemption"))
    producer = AIOKafkaProducer(**addresses.kafka.options())
    await producer.start()
    try:
        await conn.execute("INSERT INTO campaign_locks VALUES ($1, 'camp_1')", project)
        await conn.execute(
            """
            INSERT INTO campaigns (project_id, campaign_id, version, name, partner_id, channel,
                currency, time_zone, terms, commission_plan, margin_basis_points)
            VALUES ($1, 'camp_1', 1, 'May', 'part_1', 'mail', 'USD', 'UTC', '{}', '{}', 2800)
            """,
            project,
        )
        with clickhouse_connect.get_client(dsn=addresses.clickhouse_url) as warehouse:
            yield Books(conn, producer, warehouse, project)
        await conn.execute("DELETE FROM outbox")  # which is that of all projects
    finally:
        await producer.stop()
        await conn.close()


async def reconciled(books: Books, addresses: Addresses) -> Reconciliation:
    return await reconcile(addresses, project_id=books.project, wait_seconds=0)


async def test_the_same_in_all_places_is_no_difference(books: Books, addresses: Addresses) -> None:
    for order_minor in (2_000, 3_000, 4_100):
        await books.accept(order_minor)

    found = await reconciled(books, addresses)

    assert found.differences == []
    assert found.checked["decisions"] == {"ledger": 3, "kafka": 3, "clickhouse": 3}
    assert found.checked["sums"]["clickhouse"]["order_minor"] == 9_100
    assert found.checked["sums"]["kafka"]["commission_minor"] == 95 + 145 + 200


async def test_what_was_given_back_is_a_decision_too_and_sums_are_net_of_it(
    books: Books, addresses: Addresses
) -> None:
    kept, gone = await books.accept(1_000), await books.accept(1_000)
    await books.give_back(kept, 400, left=600)
    first = await books.give_back(gone, 400, left=600)
    await books.give_back(gone, 600, left=0)

    found = await reconciled(books, addresses)

    assert found.differences == []
    assert found.checked["decisions"] == {"ledger": 5, "kafka": 5, "clickhouse": 5}
    for place in ("ledger", "kafka", "clickhouse"):
        sums = found.checked["sums"][place]
        assert (sums["accepted"], sums["rolled_back"], sums["refused"]) == (2, 3, 0)
        assert (sums["order_minor"], sums["discount_minor"]) == (600, 60)
    assert found.checked["sums"]["kafka"]["commission_minor"] == 540 // 20
    await books.conn.execute("UPDATE ledger SET order_minor = -399 WHERE id = $1", first)
    [difference] = (await reconciled(books, addresses)).differences
    assert (difference["field"], difference["ledger"], difference["kafka"]) == (
        "order_minor",
        -399,
        -400,
    )


async def test_a_repeat_on_kafka_is_counted_and_forgiven(
    books: Books, addresses: Addresses
) -> None:
    event_id = await books.accept(2_000)
    await books.on_kafka(event_id, 2_000)

    found = await reconciled(books, addresses)

    assert found.differences == []
    assert found.checked["kafka_duplicates"] == 1


@pytest.mark.parametrize("place", ["ledger", "kafka", "clickhouse"])
async def test_what_a_place_lost_is_named(books: Books, addresses: Addresses, place: str) -> None:
    await books.accept(2_000)
    places = [each for each in ("ledger", "kafka", "clickhouse") if each != place]
    lost = await books.accept(3_000, places)

    found = await reconciled(books, addresses)

    assert [(d["kind"], d["id"], d["where"]) for d in found.differences] == [
        ("missing", str(lost), place)
    ]


async def test_a_forged_amount_in_the_ledger_is_named_with_both_values(
    books: Books, addresses: Addresses
) -> None:
    event_id = await books.accept(2_000)
    await books.conn.execute("UPDATE ledger SET order_minor = 1999 WHERE id = $1", event_id)

    [difference] = (await reconciled(books, addresses)).differences

    assert difference == {
        "kind": "field",
        "id": str(event_id),
        "field": "order_minor",
        "ledger": 1_999,
        "kafka": 2_000,
        "clickhouse": 2_000,
    }


@pytest.mark.parametrize(
    ("place", "change", "field"),
    [
        ("ledger", "code = 'CODE'", "code"),
        ("ledger", "customer_id = NULL", "customer_id"),
        ("clickhouse", "code = 'CODE'", "code"),
        ("clickhouse", "customer_id = 'cust_2'", "customer_id"),
        ("clickhouse", "margin_basis_points = 2801", "margin_basis_points"),
    ],
)
async def test_whose_it_was_and_what_it_earned_is_compared_too(
    books: Books, addresses: Addresses, place: str, change: str, field: str
) -> None:
    event_id = await books.accept(2_000)
    if place == "ledger":
        await books.conn.execute(f"UPDATE ledger SET {change} WHERE id = $1", event_id)
    else:
        where = f"event_id = '{event_id}'"
        books.warehouse.command(
            f"ALTER TABLE redemption_events UPDATE {change} WHERE {where}",
            settings={"mutations_sync": 1},
        )

    [difference] = (await reconciled(books, addresses)).differences

    assert (difference["kind"], difference["id"], difference["field"]) == (
        *("field", str(event_id)),
        field,
    )


async def test_two_stories_of_one_decision_on_kafka_are_a_conflict(
    books: Books, addresses: Addresses
) -> None:
    event_id = await books.accept(2_000)
    await books.on_kafka(event_id, 2_001)

    [difference] = (await reconciled(books, addresses)).differences

    assert difference == {"kind": "conflict", "id": str(event_id), "where": "kafka"}


async def test_a_counter_that_lost_a_use_is_named(books: Books, addresses: Addresses) -> None:
    await books.accept(2_000)
    await books.conn.execute(
        "UPDATE campaign_locks SET used = 0 WHERE project_id = $1", books.project
    )

    [difference] = (await reconciled(books, addresses)).differences

    assert (difference["kind"], difference["used"], difference["recounted"]) == ("counter", 0, 1)


async def test_what_waits_in_the_outbox_is_told(books: Books, addresses: Addresses) -> None:
    await books.conn.execute(
        "INSERT INTO outbox (messages, written_at) VALUES ('', $1)", DECIDED_AT
    )

    [difference] = (await reconciled(books, addresses)).differences

    assert difference == {"kind": "outbox", "where": "redemption", "rows": 1}


async def test_amounts_that_two_decisions_have_swapped_are_named(
    books: Books, addresses: Addresses
) -> None:
    one, other = await books.accept(2_000), await books.accept(3_000)
    swap = "UPDATE ledger SET order_minor = 5000 - order_minor WHERE project_id = $1"
    await books.conn.execute(swap, books.project)

    found = (await reconciled(books, addresses)).differences

    assert [(d["id"], d["ledger"], d["kafka"]) for d in found] == [
        (str(one), 3_000, 2_000),
        (str(other), 2_000, 3_000),
    ]


async def test_only_days_whose_sums_differ_are_read_one_by_one(
    books: Books, addresses: Addresses
) -> None:
    for _ in range(3):
        await books.accept(2_000)
    await books.conn.execute(
        "UPDATE ledger SET at = at + interval '1 day' WHERE id = $1", await books.accept(2_000)
    )

    found = await reconciled(books, addresses)

    assert [(d["kind"], d["field"]) for d in found.differences] == [("field", "day")]
    assert found.checked["compared_one_by_one"] == 4
    assert (await reconciled(books, addresses)).checked["decisions"]["kafka"] == 4


@pytest.mark.parametrize("days", [in_clickhouse.MOST_BY_NAME, in_clickhouse.MOST_BY_NAME + 1])
async def test_decisions_missing_on_many_days_are_named(
    books: Books, addresses: Addresses, days: int
) -> None:
    """As many groups as are named in an address, and one more: that many are read whole."""
    await books.conn.execute(
        """
        INSERT INTO ledger (id, request_key, project_id, campaign_id, campaign_version, code,
            kind, reason, order_minor, discount_minor, currency, caller, at, decided_at)
        SELECT gen_random_uuid(), 'key', $1, 'camp_1', 1, 'A', 'refused', 'voucher_expired', 100, 0,
            'USD', 'test', $2::timestamptz - day * interval '1 day', $3
        FROM generate_series(1, $4) AS day
        """,
        books.project,
        AT,
        DECIDED_AT,
        days,
    )

    found = await reconciled(books, addresses)

    assert found.checked["compared_one_by_one"] == days
    assert len(found.differences) == 2 * days  # on Kafka and in ClickHouse


async def test_a_repeat_that_is_not_recognised_is_forgiven_too(
    books: Books, addresses: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_kafka, "REMEMBERED", 1)  # as after fifty thousand records
    event_id = await books.accept(2_000)
    for _ in range(3):
        await books.on_kafka(event_id, 2_000)
        await books.accept(2_000)

    found = await reconciled(books, addresses)

    assert (found.differences, found.checked["kafka_duplicates"]) == ([], 3)
    assert found.checked["decisions"] == {"ledger": 4, "kafka": 4, "clickhouse": 4}


async def test_a_long_list_is_cut_and_the_rest_is_counted(
    books: Books, addresses: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciling, "LISTED", 2)
    for _ in range(5):
        await books.accept(2_000, ["ledger", "kafka"])

    found = await reconciled(books, addresses)

    assert (len(found.differences), found.checked["differences_not_listed"]) == (2, 3)


async def test_what_kafka_forgot_is_not_missing_there_and_what_it_kept_is_compared(
    books: Books, addresses: Addresses
) -> None:
    forgotten = await books.accept(2_000, ["ledger", "clickhouse"])
    altered = await books.accept(3_000)
    await books.conn.execute("UPDATE ledger SET order_minor = 1 WHERE id = $1", altered)
    scope = Scope(datetime.now(UTC), books.project, kept_from=datetime.now(UTC))
    client = await clickhouse_connect.get_async_client(dsn=addresses.clickhouse_url)
    try:
        found = await reconciling.compare(Places(books.conn, client, addresses.kafka), scope)
    finally:
        await client.close()

    assert [(d["id"], d["field"]) for d in found.differences] == [(str(altered), "order_minor")]
    assert str(forgotten) not in {d["id"] for d in found.differences}
    assert found.checked["kafka_no_longer_keeps"] == 1
