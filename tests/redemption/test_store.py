"""Statements on their own: what the batches above them rely on."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest
from kit import engines
from kit.patience import until
from kit.redemption_books import somebody_waits
from kit.redemption_deciders import service_pool
from kit.redemption_samples import NOON, campaign_changed, voucher_changed

from redemption.applying import snapshots
from redemption.customers.known import KnownCustomer, KnownOrder
from redemption.customers.purchases import Change, Purchases
from redemption.store import (
    customer_changes,
    customers,
    erasing,
    locks,
    orders,
    purchases,
    refunds,
    rollbacks,
    showing,
    vouchers,
)
from servicekit.postgres.pool import Connection
from servicekit.postgres.writing import Statement

CAMPAIGNS = [("proj_a", f"camp_{n}") for n in range(9)]
CUSTOMERS = [("proj_a", f"cust_{n}") for n in range(9)]


async def in_opposite_orders(
    pool: asyncpg.Pool, things: list[Any], work: Callable[[Connection, list[Any]], Awaitable[Any]]
) -> None:
    """Let two rivals work on the same things, both on their way when a third lets go of one.

    A process sees a set in the order of its own hash seed, so two replicas do name the same things
    in opposite orders. A DeadlockDetectedError says that they also took them so.
    """

    async def rival(order: list[Any]) -> None:
        async with pool.acquire() as conn, conn.transaction():
            await work(conn, order)

    async with asyncio.TaskGroup() as rivals, pool.acquire() as conn:
        holding = conn.transaction()
        await holding.start()
        await work(conn, [things[len(things) // 2]])
        rivals.create_task(rival(things))
        await until(lambda: somebody_waits(pool))
        rivals.create_task(rival(things[::-1]))
        await until(lambda: somebody_waits(pool, 2))
        await holding.rollback()


async def test_campaigns_are_locked_in_one_order_however_they_are_named(pool: asyncpg.Pool) -> None:
    await snapshots.apply(pool, [campaign_changed(name) for _, name in CAMPAIGNS])

    await in_opposite_orders(pool, CAMPAIGNS, locks.lock_campaigns)


async def test_locks_are_first_made_in_one_order_however_they_come(pool: asyncpg.Pool) -> None:
    await in_opposite_orders(pool, CAMPAIGNS, locks.make_and_lock)


@pytest.mark.parametrize("of", [customers, orders], ids=["customers", "orders"])
async def test_customers_and_orders_are_locked_in_one_order_however_they_are_named(
    pool: asyncpg.Pool, of: Any
) -> None:
    if of is customers:
        changes = {key: Change(NOON, NOON, as_read=0) for key in CUSTOMERS}
        made = customer_changes.add(changes)
    else:
        order = KnownOrder(None, "PAID", 1, 0, 1, None, NOON, NOON, NOON, None, None, None, 0)
        made = orders.put(dict.fromkeys(CUSTOMERS, order))
    await pool.execute(made.sql, *made.arguments)

    await in_opposite_orders(pool, CUSTOMERS, of.lock)


def test_customers_are_written_before_orders_as_they_are_locked() -> None:
    bought = Purchases(customers={CUSTOMERS[0]: KnownCustomer(revision=7)})
    order = KnownOrder(None, "PAID", 1, 0, 1, None, NOON, NOON, NOON, None, None, None, 0)
    bought.kept = {CUSTOMERS[0]: order, CUSTOMERS[1]: order._replace(revision=3)}
    bought.changes = {
        CUSTOMERS[0]: Change(NOON, NOON, as_read=7, name="Ann", named_at=NOON),
        CUSTOMERS[1]: Change(NOON, NOON, as_read=0),
    }

    written = purchases.put(bought)

    named = [re.search(r"INSERT INTO (\w+)", each.sql) for each in written.statements]
    assert [each and each[1] for each in named] == ["customers", "customer_profiles", "orders"]
    assert [make().table.name for make in written.additions] == ["customers", "orders"]


class Explained:
    """As much of a connection as shows how a statement finds its rows."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self.plan = ""

    async def fetch(self, sql: str, *arguments: Any) -> list[Any]:
        lines = await self._conn.fetch(f"EXPLAIN {sql}", *arguments)
        self.plan += "\n".join(["", *(line[0] for line in lines)])
        return []

    async def fetchrow(self, sql: str, *arguments: Any) -> None:
        await self.fetch(sql, *arguments)

    fetchval = execute = fetchrow

    async def executemany(self, _sql: str, rows: list[Any]) -> None:
        assert rows == []


@pytest.fixture(scope="module")
def untouched_db(postgres_url: str, redemption_template: str) -> Iterator[str]:
    """Nobody has written to it: what Postgres may have counted of rows decides its plans."""
    dsn = asyncio.run(engines.clone(postgres_url, "redemption", redemption_template))
    yield dsn
    asyncio.run(engines.drop(postgres_url, dsn))


@pytest.fixture
async def untouched(untouched_db: str) -> AsyncIterator[asyncpg.Pool]:
    async with service_pool(untouched_db) as pool:
        yield pool


@pytest.mark.parametrize("look", [orders.read, orders.lock, customers.read, customers.lock])
async def test_even_in_an_empty_table_they_are_looked_up_by_their_key(
    untouched: asyncpg.Pool, look: Callable[..., Awaitable[Any]]
) -> None:
    async with untouched.acquire() as conn:
        explained = Explained(conn)
        await look(explained, CUSTOMERS)

    assert "Index Scan using orders_pkey" in explained.plan or (
        "Index Scan using customers_pkey" in explained.plan
    )


async def test_even_in_an_empty_table_a_customers_orders_are_looked_up_by_their_customer(
    untouched: asyncpg.Pool,
) -> None:
    async with untouched.acquire() as conn:
        explained = Explained(conn)
        await orders.ends_but_for(explained, [("proj_a", "cust_1", "order-1")])  # type: ignore[arg-type]

    assert explained.plan.count("using orders_of_customer") == 2
    assert "Sort" not in explained.plan


PAGE: Final = showing.Page(limit=10, offset=0, descending=True)
BY_KEY: Final[dict[str, tuple[Callable[[Any], Awaitable[Any]], set[str]]]] = {
    "what is to be rolled back": (
        lambda conn: rollbacks.originals(conn, [("proj_a", UUID(int=1))]),
        {"ledger_pkey", "requests_pkey", "campaign_versions_pkey", "vouchers_pkey"},
    ),
    "refunds that are done": (
        lambda conn: refunds.note(conn, [refunds.Refund(("proj_a", "1"), 1, 1, True, revision=1)]),
        {"orders_pkey"},
    ),
    "overdue refunds": (lambda conn: refunds.overdue(conn, ("", "")), {"orders_overdue"}),
    "ends of customers": (
        lambda conn: conn.execute(*flat(customer_changes.find_ends(CUSTOMERS))),
        {"customers_pkey", "orders_of_customer"},
    ),
    "customers by e-mail": (
        lambda conn: showing.customers(conn, "proj_a", PAGE, email="ann@example.org"),
        {
            "customer_profiles_of_email",
            "customers_pkey",
            "customer_profiles_pkey",
            "orders_of_customer",
        },
    ),
    "customers by name": (
        lambda conn: showing.customers(conn, "proj_a", PAGE, name="Ann"),
        {
            "customer_profiles_of_name",
            "customers_pkey",
            "customer_profiles_pkey",
            "orders_of_customer",
        },
    ),
    "customers": (
        lambda conn: showing.customers(conn, "proj_a", PAGE),
        {"customers_of_project", "customer_profiles_pkey", "orders_of_customer"},
    ),
    "orders": (
        lambda conn: showing.orders(conn, "proj_a", PAGE),
        {"orders_of_project", "customers_pkey", "customer_profiles_pkey", "projects_pkey"},
    ),
    "orders of a customer": (
        lambda conn: showing.orders(conn, "proj_a", PAGE, customer_ids=["cust_1"]),
        {"orders_of_customer", "customers_pkey", "customer_profiles_pkey", "projects_pkey"},
    ),
    "who was somebody": (
        lambda conn: erasing.erase(conn, "proj_a", "cust_1"),
        {
            "order_requests_of_order",
            "customers_pkey",
            "customer_profiles_pkey",
            "orders_of_customer",
        },
    ),
    "what somebody sent": (
        lambda conn: erasing.erase_from_ledger(conn, [UUID(int=1)]),
        {"ledger_pkey", "requests_pkey"},
    ),
}


def flat(statement: Statement) -> list[Any]:
    return [statement.sql, *statement.arguments]


@pytest.mark.parametrize(("look", "indexes"), BY_KEY.values(), ids=BY_KEY)
async def test_even_in_an_empty_table_rows_are_met_by_their_index(
    untouched: asyncpg.Pool, look: Callable[[Any], Awaitable[Any]], indexes: set[str]
) -> None:
    async with untouched.acquire() as conn:
        explained = Explained(conn)
        await look(explained)

    used = set(re.findall(r"(?:using|Index Scan on) (\w+)", explained.plan))
    assert used == indexes, explained.plan
    assert not re.search("Hash|Merge|Seq Scan", explained.plan), explained.plan


async def test_a_code_is_found_in_its_own_project_alone(pool: asyncpg.Pool) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed("A")])

    async with pool.acquire() as conn:
        found = await vouchers.locate(conn, [("proj_a", "A"), ("proj_b", "A"), ("proj_a", "B")])

    [(code, place)] = found.items()
    assert (code, place.campaign) == (("proj_a", "A"), ("proj_a", "camp_1"))


async def test_codes_are_told_apart_to_the_letter(pool: asyncpg.Pool) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed("Ä-1")])

    asked = [("proj_a", code) for code in ("Ä-1", "ä-1", "A-1", "A\u0308-1", "Ä-1 ")]

    async with pool.acquire() as conn:
        assert set(await vouchers.locate(conn, asked)) == {("proj_a", "Ä-1")}


async def test_no_session_is_told_less_than_that_it_is_on_the_disk(pool: asyncpg.Pool) -> None:
    assert await pool.fetchval("SHOW synchronous_commit") == "on"
