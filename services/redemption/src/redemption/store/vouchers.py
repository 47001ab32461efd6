"""Codes: to which campaign each belongs, its state and its uses."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from redemption.model import CampaignKey, CodeKey, Place, Voucher
from redemption.store.columns import columns
from redemption.store.locks import Lock
from servicekit.postgres.pool import Connection
from servicekit.postgres.writing import Statement


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


async def read_codes(conn: Connection, places: Mapping[CodeKey, Place]) -> dict[CodeKey, CodeState]:
    """Read the state of codes. Only what is read behind their campaigns' locks is true."""
    codes = {place.number: code for code, place in places.items()}
    rows = await conn.fetch(
        """
        SELECT found.* FROM unnest($1::bigint[]) AS asked (n)
        CROSS JOIN LATERAL (
            SELECT number, voucher_id, active, quantity, uses, sequence FROM vouchers
            WHERE number = n OFFSET 0
        ) AS found
        """,
        list(codes),
    )
    return {
        codes[number]: CodeState(Voucher(voucher_id, active, quantity, sequence, number), uses)
        for number, voucher_id, active, quantity, uses, sequence in rows
    }


async def read_with_campaigns(
    conn: Connection, places: Mapping[CodeKey, Place]
) -> tuple[dict[CodeKey, CodeState], dict[CampaignKey, Lock]]:
    """Read codes and their campaigns as they are at one moment, without locking them."""
    codes = {place.number: code for code, place in places.items()}
    rows = await conn.fetch(
        """
        SELECT code.number, code.voucher_id, code.active, code.quantity, code.uses, code.sequence,
            campaign.*
        FROM unnest($1::bigint[]) AS asked (n)
        CROSS JOIN LATERAL (SELECT * FROM vouchers WHERE number = n OFFSET 0) AS code
        CROSS JOIN LATERAL (
            SELECT version, active, used, revision FROM campaign_locks
            WHERE project_id = code.project_id AND campaign_id = code.campaign_id OFFSET 0
        ) AS campaign
        """,
        list(codes),
    )
    states: dict[CodeKey, CodeState] = {}
    campaigns: dict[CampaignKey, Lock] = {}
    for number, voucher_id, active, quantity, uses, sequence, *campaign in rows:
        code = codes[number]
        voucher = Voucher(voucher_id, active, quantity, sequence, number)
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
