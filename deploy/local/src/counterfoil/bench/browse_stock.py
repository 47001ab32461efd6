"""Makes the campaigns and codes that `bench browse` lists: uneven, as they are.

One campaign holds a fifth of all codes and most hold hundreds; codes of old campaigns are used up,
of new ones hardly; few are disabled or in the bin; metadata of every frequency; one rare partner.
Written by Postgres itself, without triggers and with the indexes built afterwards.
"""

from collections.abc import Sequence

import asyncpg

from counterfoil.bench.path import Say

CAMPAIGNS = 5_000
RARE = 198  # the number of the partner that has one campaign of fifty codes
HUGE = 4_242  # the number of the campaign that has a fifth of all codes
AT_ONCE = 250_000
OF_CODES = ("vouchers", "voucher_listing", "voucher_counts")

SETTINGS = """
    SET session_replication_role = replica;
    SET synchronous_commit = off;
    SET maintenance_work_mem = '1GB';
    SET work_mem = '256MB';
    SET max_parallel_maintenance_workers = 2;
"""

PARTNERS = """
    INSERT INTO partners (project_id, id, name, active)
    SELECT $1, 'part_' || lpad(n::text, 24, '0'), 'Partner ' || n, n <> 199
    FROM generate_series(0, 199) AS n
"""
CATEGORIES = """
    INSERT INTO categories (project_id, id, name, hierarchy)
    SELECT $1, 'cat_' || lpad(n::text, 24, '0'), 'Category ' || n, n
    FROM generate_series(0, 29) AS n
"""
# Of 100: 60 ended, 5 to begin, 5 disabled, 1 in the bin, 4 used up, the others live.
CAMPAIGN_ROWS = """
    INSERT INTO campaigns (project_id, id, name, partner_id, channel, category_id, active, terms,
        starts_at, ends_at, details, commission_plan, margin_basis_points, code_template, metadata,
        created_at, updated_at, deleted_at)
    SELECT $1, 'camp_' || lpad(n::text, 24, '0'), 'Deal ' || n || ' of ' || (n % 37),
        'part_' || lpad((CASE WHEN n = 4999 THEN 198
            ELSE floor(197 * power(random(), 3))::int END)::text, 24, '0'),
        (ARRAY['newsletter', 'blog', 'app', 'shop', 'print', 'radio', 'mail', 'social'])[1 + n % 8],
        CASE WHEN n % 9 = 0 THEN NULL ELSE 'cat_' || lpad((n % 30)::text, 24, '0') END,
        n % 100 NOT BETWEEN 65 AND 69,
        jsonb_build_object(
            'discount', CASE WHEN n % 10 < 7 THEN '{"type": "PERCENT", "basis_points": 1000}'::jsonb
                ELSE '{"type": "AMOUNT", "amount_off_minor": 500}'::jsonb END,
            'validity', jsonb_build_object(
                'starts_at', to_char(starts, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                'ends_at', to_char(ends, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
            'limits', jsonb_build_object(
                'total', CASE WHEN n % 100 BETWEEN 71 AND 74 THEN 1 END, 'per_customer', 1)),
        starts, ends,
        '{"type": "AUTO_UPDATE", "description": null, "contract_notes": null, "deal_url": null,
            "landing_url": null}',
        '{"share_basis_points": 500, "flat_minor": 0, "new_customer_bonus_minor": 0}', 3000,
        '{"config": {"prefix": "", "postfix": "", "pattern": null, "length": null,
            "charset": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
            "quantity": 1, "quantity_given": true}',
        CASE WHEN n % 50 = 0 THEN '{"team": "north"}'::jsonb ELSE '{}'::jsonb END,
        made, made + interval '1 day', CASE WHEN n % 100 = 70 THEN now() END
    FROM (
        SELECT n, made, CASE WHEN n % 100 BETWEEN 60 AND 64
                THEN date_trunc('second', now() + interval '30 days') ELSE made END AS starts,
            CASE WHEN n % 100 < 60 THEN made + interval '20 days'
                WHEN n % 3 = 0 THEN NULL
                ELSE date_trunc('second', now() + interval '60 days') END AS ends
        FROM (
            SELECT n, date_trunc('second', now() - interval '3 years'
                + (CASE WHEN n % 100 < 60 THEN 0.9 * n / 5000 ELSE 0.5 + 0.5 * n / 5000 END)
                    * interval '1060 days') AS made
            FROM generate_series(0, 4999) AS n
        ) AS made
    ) AS dated
"""
# Of codes: how many of this campaign, after how many of others.
CODES = """
    INSERT INTO vouchers (project_id, id, code, campaign_id, generated, active, quantity,
        redeemed_quantity, sequence, metadata, created_at, updated_at, deleted_at)
    SELECT $1, 'v_' || md5(number::text || 'id'),
        CASE WHEN of % 10 = 0 THEN 'BLOG-' ELSE '' END
            || upper(substr(md5(number::text), 1, 13))
            || CASE WHEN chance < 0.03 THEN 'X' ELSE '' END,
        c.id, true, switched < 0.985, CASE WHEN of % 20 = 7 THEN NULL ELSE 1 END,
        CASE WHEN used < CASE WHEN c.ends_at < now() THEN 0.4 ELSE 0.12 END
            THEN CASE WHEN of % 20 = 7 THEN 1 + floor(60 * power(chance, 4))::int ELSE 1 END
            ELSE 0 END, 1,
        CASE WHEN number % 2 = 0
            THEN jsonb_build_object('source', (ARRAY['web', 'print', 'mail'])[1 + number % 3])
            ELSE '{}'::jsonb END
            || CASE WHEN number % 20 = 0
                THEN jsonb_build_object('order', 'o-' || number) ELSE '{}'::jsonb END
            || CASE WHEN number % 20000 = 11 THEN '{"vip": "yes"}'::jsonb ELSE '{}'::jsonb END
            || CASE WHEN of % 100 = 3
                THEN jsonb_build_object('lot', 'lot-' || number / 10000) ELSE '{}'::jsonb END,
        c.created_at + (within / 1000) * interval '1 second',
        CASE WHEN switched >= 0.985 OR chance < 0.02
            THEN c.created_at + interval '2 days' + number % 100000 * interval '1 second' END,
        CASE WHEN switched >= 0.995 THEN now() END
    FROM (
        SELECT c.id, c.ends_at, c.created_at, size.of, size.before + n AS number, n AS within,
            random() AS used, random() AS switched, random() AS chance
        FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
            AS size (id, of, before, first, last)
        JOIN campaigns AS c ON c.project_id = $1 AND c.id = size.id
        CROSS JOIN LATERAL generate_series(size.first, size.last) AS n
    ) AS c
"""
LISTING = """
    INSERT INTO voucher_listing (project_id, voucher_id, campaign_id, code, active, deleted,
        quantity, redeemed_quantity, created_at)
    SELECT project_id, id, campaign_id, code, active, deleted_at IS NOT NULL, quantity,
        redeemed_quantity, created_at FROM vouchers WHERE project_id = $1
"""
COUNTS = """
    INSERT INTO voucher_counts
    SELECT project_id, campaign_id, state, count(*), min(created_at), max(created_at)
    FROM voucher_listing WHERE project_id = $1 GROUP BY 1, 2, 3
"""
USES = """
    INSERT INTO campaign_uses SELECT project_id, campaign_id, sum(redeemed_quantity)
    FROM voucher_listing WHERE project_id = $1 GROUP BY 1, 2
"""
VOUCHERS_COUNT = """
    UPDATE campaigns AS c SET vouchers_count = counted.codes FROM (
        SELECT campaign_id, sum(count) AS codes FROM voucher_counts
        WHERE project_id = $1 GROUP BY 1
    ) AS counted WHERE c.project_id = $1 AND c.id = counted.campaign_id
"""
CONFIRMED = """
    INSERT INTO applied_versions (project_id, kind, id, version, applied_at)
    SELECT project_id, 'campaign', id, version, now() FROM campaigns WHERE project_id = $1
    UNION ALL SELECT project_id, 'voucher', id, version, now() FROM vouchers
    WHERE project_id = $1 AND NOT active
"""


def sizes(codes: int) -> list[int]:
    """Return how many codes each campaign has: a fifth in one, the others by Zipf's law."""
    huge = codes // 5
    weights = [1 / (rank + 40) for rank in range(1, CAMPAIGNS)]
    rest = codes - huge
    shares = [int(rest * weight / sum(weights)) for weight in weights]
    shares[-1] = 50  # the rare partner's only campaign
    shares[0] += rest - sum(shares)
    # The large ones are spread over all ages: a step that shares no divisor with their number.
    spread = [0] * CAMPAIGNS
    spread[HUGE] = huge
    places = [place for place in range(CAMPAIGNS) if place != HUGE]
    for index, share in enumerate(shares[:-1]):
        spread[places[index * 1_741 % (len(places) - 1)]] = share
    spread[CAMPAIGNS - 1] = shares[-1]
    return spread


async def fill(dsn: str, project_id: str, codes: int, say: Say) -> None:
    """Make them, in a project that has none."""
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute(SETTINGS)
        for table in (*OF_CODES, "campaign_uses", "applied_versions", "campaigns", "categories",
                      "partners"):  # fmt: skip
            await conn.execute(f"TRUNCATE {table} CASCADE")
        indexes = await _drop_indexes(conn)
        for statement in (PARTNERS, CATEGORIES, CAMPAIGN_ROWS):
            await conn.execute(statement, project_id)
        await _fill_codes(conn, project_id, sizes(codes), say)
        for number, (what, statement) in enumerate(
            (("listing", LISTING), ("counting", COUNTS), ("adding up", USES))
        ):
            say(what, number, 3)
            await conn.execute(statement, project_id)
        await conn.execute(VOUCHERS_COUNT, project_id)
        await conn.execute(CONFIRMED, project_id)
        for number, index in enumerate(indexes):
            say("building indexes", number, len(indexes))
            await conn.execute(index)
        say("vacuum", 0, 1)
        for table in (*OF_CODES, "campaigns", "campaign_uses", "applied_versions"):
            await conn.execute(f"VACUUM (ANALYZE, FREEZE) {table}")
        await conn.execute("CHECKPOINT")
    finally:
        await conn.close()


async def _drop_indexes(conn: asyncpg.Connection) -> list[str]:
    """Drop what no constraint needs, and return how it is made again."""
    rows = await conn.fetch(
        """
        SELECT i.indexdef, i.indexname FROM pg_indexes AS i
        LEFT JOIN pg_constraint AS c ON c.conname = i.indexname
        WHERE i.tablename = ANY ($1) AND c.oid IS NULL ORDER BY 2
        """,
        list(OF_CODES),
    )
    constraints = await conn.fetch(
        """
        SELECT conrelid::regclass::text AS table, conname, pg_get_constraintdef(oid) AS definition
        FROM pg_constraint WHERE contype IN ('p', 'u') AND conrelid::regclass::text = ANY ($1)
        ORDER BY 2
        """,
        list(OF_CODES),
    )
    for row in rows:
        await conn.execute(f'DROP INDEX "{row["indexname"]}"')
    for row in constraints:
        await conn.execute(f'ALTER TABLE {row["table"]} DROP CONSTRAINT "{row["conname"]}" CASCADE')
    made = [
        f'ALTER TABLE {row["table"]} ADD CONSTRAINT "{row["conname"]}" {row["definition"]}'
        for row in constraints
    ]
    return made + [row["indexdef"] for row in rows]


async def _fill_codes(
    conn: asyncpg.Connection, project_id: str, of: Sequence[int], say: Say
) -> None:
    total, done = sum(of), 0
    batch: list[tuple[str, int, int, int, int]] = []
    waiting = 0

    async def flush() -> None:
        nonlocal batch, waiting, done
        if batch:
            columns = [list(column) for column in zip(*batch, strict=True)]
            await conn.execute(CODES, project_id, *columns)
        done += waiting
        batch, waiting = [], 0
        say("making codes", done, total)

    before = 0
    for number, size in enumerate(of):
        for first in range(0, size, AT_ONCE):
            last = min(first + AT_ONCE, size) - 1
            batch.append((f"camp_{number:024}", number, before, first, last))
            waiting += last - first + 1
            if waiting >= AT_ONCE:
                await flush()
        before += size
    await flush()
