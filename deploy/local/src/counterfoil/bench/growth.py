"""`counterfoil bench growth`: whether a decision costs more, the more there has been.

The path is measured with next to nothing behind it, and again behind millions of decisions and
orders of the past, as many codes, and an outbox that all of that has gone through.
"""

from functools import partial

import asyncpg

from counterfoil.bench.path import Rates, Say, throughput
from counterfoil.bench.redeem import LINES, SetUp, on_stage
from counterfoil.bench.results import Baseline, Result, more
from counterfoil.bench.stage import many_codes, one_hot_code
from counterfoil.platform import Platform

CAMPAIGNS, CODES = 20, 10_000
REQUESTS = 40_000
AT_ONCE = 250_000
NOT_LESS_THAN = 1 / 1.3  # of the rate with nothing behind it
PAST = "project-of-the-past"

SETTINGS = """
    SET synchronous_commit = off;
    SET statement_timeout = 0;
"""
# From the first to the last, both included: a chunk of the past.
CODES_OF_THE_PAST = """
    INSERT INTO vouchers (project_id, code, campaign_id, voucher_id, version, active, quantity)
    SELECT $3, 'PAST-' || md5(n::text), 'camp_of_the_past', 'v_' || n, 1, true, 1
    FROM generate_series($1::bigint, $2::bigint) AS n
"""
REQUESTS_OF_THE_PAST = """
    INSERT INTO requests (key, project_id, fingerprint, status, entries)
    SELECT decode(md5(n::text), 'hex'), $3, decode(md5('f' || n), 'hex'), 200,
        decode(md5('e' || n), 'hex')
    FROM generate_series($1::bigint, $2::bigint) AS n
"""
LEDGER_OF_THE_PAST = """
    INSERT INTO ledger (id, request_key, project_id, campaign_id, campaign_version, code,
        customer_id, order_id, kind, campaign_name, order_minor, discount_minor, currency, claims,
        caller, at, decided_at)
    SELECT md5('e' || n)::uuid, decode(md5(n::text), 'hex'), $3, 'camp_of_the_past', 1,
        'PAST-' || md5(n::text), 'cust_' || n % 1000000, 'order-' || n, 'redeemed', 'Past', 5000,
        500, 'USD', '[["code", "x", 1], ["campaign", "", 1]]', 'bench', past, past
    FROM generate_series($1::bigint, $2::bigint) AS n,
        LATERAL (SELECT timestamptz '2020-01-01' + n * interval '10 seconds' AS past) AS moment
"""
ORDERS_OF_THE_PAST = """
    INSERT INTO orders (project_id, order_id, customer_id, status, amount_minor, counted_minor,
        changed_at, created_at, paid_at, revision)
    SELECT $3, 'order-' || n, 'cust_' || n % 1000000, 'PAID', 5000, 5000, now(), now(), now(), 1
    FROM generate_series($1::bigint, $2::bigint) AS n
"""
# What the relay has taken already: some thirty outcomes a row, as they are packed.
OUTBOX_OF_THE_PAST = """
    INSERT INTO outbox (messages, written_at)
    SELECT decode(repeat(md5(n::text), 100), 'hex'), timestamptz '2020-01-01'
    FROM generate_series($1::bigint, $2::bigint, 30) AS n
"""
EMPTIED = "DELETE FROM outbox WHERE written_at = timestamptz '2020-01-01'"
FILLS = (CODES_OF_THE_PAST, REQUESTS_OF_THE_PAST, LEDGER_OF_THE_PAST, ORDERS_OF_THE_PAST)


async def bench_growth(platform: Platform, count: int, say: Say) -> list[Result]:
    """Measure before and after `count` decisions, orders and codes of the past."""
    before = await _measured(platform, say)
    await _fill(platform, count, say)
    after = await _measured(platform, say)
    return [
        more(
            f"growth.{name}",
            after[name].on_kafka,
            "outcomes/s",
            Baseline(before[name].on_kafka, f"before {count:,} decisions, codes and orders"),
            goal=NOT_LESS_THAN,
        )
        for name in before
    ]


async def _measured(platform: Platform, say: Say) -> dict[str, Rates]:
    rates = {}
    many: SetUp = partial(many_codes, campaigns=CAMPAIGNS, codes=CODES)
    for set_up in (one_hot_code, many):
        async with on_stage(platform, set_up, LINES, say) as scene:
            rates[scene.load.name] = await throughput(platform, scene, REQUESTS, say)
    return rates


async def _fill(platform: Platform, count: int, say: Say) -> None:
    """Write the past, as redemption would have, but many at a time."""
    conn = await asyncpg.connect(platform.migrations["redemption"])
    try:
        await conn.execute(SETTINGS)
        for first in range(1, count + 1, AT_ONCE):
            say("writing the past", first - 1, count)
            last = min(first + AT_ONCE - 1, count)
            for sql in FILLS:
                await conn.execute(sql, first, last, PAST, timeout=None)
            async with conn.transaction():  # the relay sees none of it
                await conn.execute(OUTBOX_OF_THE_PAST, first, last, timeout=None)
                await conn.execute(EMPTIED, timeout=None)
        for table in ("vouchers", "requests", "ledger", "orders"):
            await conn.execute(f"VACUUM ANALYZE {table}")
    finally:
        await conn.close()
