"""Codes: to which campaign each belongs, its state and its uses."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from redemption.model import CampaignKey, CodeKey, Place, Voucher
from redemption.store.columns import columns
from redemption.store.locks import Lock
from servicekit.postgres.pool import Connection
from servicekit.postgres.reading import Question, Row
from servicekit.postgres.writing import Statement

LAST_LETTER: Final = chr(0x10FFFF)  # no code has it


class CodeState(NamedTuple):
    """A code and how often it was used."""

    voucher: Voucher
    uses: int


class CodeUses(NamedTuple):
    """How often a code was used and how many outcomes it had, after its last acceptance."""

    uses: int
    sequence: int


async def locate(conn: Connection, codes: Collection[CodeKey]) -> dict[CodeKey, Place]:
    """Return where each code stands that exists. A code never moves: this needs no lock."""
    rows = await conn.fetch(
        """
        SELECT found.* FROM unnest($1::text[], $2::text[]) AS asked (p, k)
        CROSS JOIN LATERAL (
            SELECT project_id, code, campaign_id, number FROM vouchers
            WHERE project_id = p AND code = k OFFSET 0
        ) AS found
        """,
        *columns(codes, 2),
    )
    return {
        (project_id, code): Place((project_id, campaign_id), number)
        for project_id, code, campaign_id, number in rows
    }


def question(places: Mapping[CodeKey, Place]) -> Question:
    """Ask for the state of codes. Only what is read behind their campaigns' locks is true."""
    return Question(
        """
        SELECT found.* FROM unnest($1::bigint[]) AS asked (n)
        CROSS JOIN LATERAL (
            SELECT number, voucher_id, active, quantity, uses, sequence, ends_at,
                active_from_version
            FROM vouchers WHERE number = n OFFSET 0
        ) AS found
        """,
        [[place.number for place in places.values()]],
        len(places),
    )


def found(places: Mapping[CodeKey, Place], rows: Sequence[Row]) -> dict[CodeKey, CodeState]:
    codes = {place.number: code for code, place in places.items()}
    return {
        codes[number]: CodeState(
            Voucher(voucher_id, active, quantity, sequence, number, ends_at, since), uses
        )
        for number, voucher_id, active, quantity, uses, sequence, ends_at, since in rows
    }


class Uses(NamedTuple):
    """How often a code may be used, where that is limited, and how often it was."""

    quantity: int | None
    uses: int


async def uses_of(conn: Connection, project_id: str, code: str) -> Uses | None:
    """Return a code's, or None for one that nobody issued."""
    row = await conn.fetchrow(
        "SELECT quantity, uses FROM vouchers WHERE project_id = $1 AND code = $2", project_id, code
    )
    return None if row is None else Uses(row["quantity"], row["uses"])


async def of_ids(conn: Connection, project_id: str, ids: Collection[str]) -> set[str]:
    """Return the codes that have these ids."""
    rows = await conn.fetch(
        """
        SELECT found.code FROM unnest($2::text[]) AS asked (i)
        CROSS JOIN LATERAL (
            SELECT code FROM vouchers WHERE voucher_id = i AND project_id || '' = $1 OFFSET 0
        ) AS found
        """,
        project_id,
        list(ids),
    )
    return {row["code"] for row in rows}


async def those_of(
    conn: Connection, project_id: str, codes: Collection[str]
) -> dict[str, tuple[str, str | None]]:
    """Return those of the codes that exist, each with its campaign's id and name."""
    rows = await conn.fetch(
        """
        SELECT v.code, v.campaign_id, c.name FROM unnest($2::text[]) AS asked (k)
        CROSS JOIN LATERAL (
            SELECT project_id, code, campaign_id FROM vouchers
            WHERE project_id = $1 AND code = k OFFSET 0
        ) AS v
        LEFT JOIN LATERAL (
            SELECT name FROM campaigns
            WHERE project_id = $1 AND campaign_id = v.campaign_id OFFSET 0
        ) AS c ON true
        """,
        project_id,
        list(codes),
    )
    return {row["code"]: (row["campaign_id"], row["name"]) for row in rows}


async def in_other_case(
    conn: Connection, project_id: str, code: str
) -> dict[str, tuple[str, str | None]]:
    """Return the codes that are this one but for capitals: letter by letter, in their order.

    A look into the index for each beginning that some code has, so it costs what a few codes do.
    """
    rows = await conn.fetch(
        """
        WITH RECURSIVE spelled (begins, letters) AS (
            SELECT ''::text COLLATE "C", 0
            UNION ALL
            SELECT begins || letter, letters + 1 FROM spelled
            CROSS JOIN LATERAL (
                SELECT upper(substr($2, letters + 1, 1))
                UNION SELECT lower(substr($2, letters + 1, 1))
            ) AS either (letter)
            CROSS JOIN LATERAL (
                SELECT FROM vouchers WHERE project_id = $1
                    AND code >= begins || letter AND code < begins || letter || $3
                ORDER BY code LIMIT 1
            ) AS one
            WHERE letters < length($2)
        )
        SELECT begins AS code FROM spelled WHERE letters = length($2)
        """,
        project_id,
        code,
        LAST_LETTER,
    )
    return await those_of(conn, project_id, [row["code"] for row in rows])


async def neighbours(
    conn: Connection, project_id: str, code: str, count: int
) -> dict[str, tuple[str, str | None]]:
    """Return the codes that stand beside one in their order, which begin alike if any do."""
    rows = await conn.fetch(
        """
        (SELECT code FROM vouchers WHERE project_id = $1 AND code >= $2 ORDER BY code LIMIT $3)
        UNION ALL
        (SELECT code FROM vouchers WHERE project_id = $1 AND code < $2 ORDER BY code DESC LIMIT $3)
        """,
        project_id,
        code,
        count,
    )
    return await those_of(conn, project_id, [row["code"] for row in rows])


def question_with_campaigns(places: Mapping[CodeKey, Place]) -> Question:
    """Ask for codes and their campaigns as they are at one moment, without locking them."""
    return Question(
        """
        SELECT code.number, code.voucher_id, code.active, code.quantity, code.uses, code.sequence,
            code.ends_at, code.active_from_version, campaign.*
        FROM unnest($1::bigint[]) AS asked (n)
        CROSS JOIN LATERAL (SELECT * FROM vouchers WHERE number = n OFFSET 0) AS code
        CROSS JOIN LATERAL (
            SELECT version, active, used, revision, reports FROM campaign_locks
            WHERE project_id = code.project_id AND campaign_id = code.campaign_id OFFSET 0
        ) AS campaign
        """,
        [[place.number for place in places.values()]],
        len(places),
    )


def found_with_campaigns(
    places: Mapping[CodeKey, Place], rows: Sequence[Row]
) -> tuple[dict[CodeKey, CodeState], dict[CampaignKey, Lock]]:
    codes = {place.number: code for code, place in places.items()}
    states: dict[CodeKey, CodeState] = {}
    campaigns: dict[CampaignKey, Lock] = {}
    for number, voucher_id, active, quantity, uses, sequence, ends_at, since, *campaign in rows:
        code = codes[number]
        voucher = Voucher(voucher_id, active, quantity, sequence, number, ends_at, since)
        states[code] = CodeState(voucher, uses)
        campaigns[places[code].campaign] = Lock(*campaign)
    return states, campaigns


def set_uses(used: Mapping[int, CodeUses]) -> Statement:
    """Set what codes, by the numbers of their rows, have used: behind their campaigns' locks."""
    values = used.values()
    return Statement(
        """
        UPDATE vouchers SET uses = u, sequence = s
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS used (n, u, s)
        CROSS JOIN LATERAL (SELECT ctid FROM vouchers WHERE number = n OFFSET 0) AS found
        WHERE vouchers.ctid = found.ctid
        """,
        (list(used), [v.uses for v in values], [v.sequence for v in values]),
    )
