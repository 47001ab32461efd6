"""Codes: to which campaign each belongs, its state and its uses."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from redemption.model import CampaignKey, CodeKey, Voucher
from redemption.store.columns import columns
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


async def locate(conn: Connection, codes: Collection[CodeKey]) -> dict[CodeKey, CampaignKey]:
    """Return the campaign of each code that exists. A code never moves: this needs no lock."""
    rows = await conn.fetch(
        """
        SELECT found.* FROM unnest($1::text[], $2::text[]) AS asked (p, k)
        CROSS JOIN LATERAL (
            SELECT project_id, code, campaign_id FROM vouchers
            WHERE project_id = p AND code = k OFFSET 0
        ) AS found
        """,
        *columns(codes, 2),
    )
    return {(r["project_id"], r["code"]): (r["project_id"], r["campaign_id"]) for r in rows}


async def read_codes(conn: Connection, codes: Collection[CodeKey]) -> dict[CodeKey, CodeState]:
    """Read the state of codes. Only what is read behind their campaigns' locks is true."""
    rows = await conn.fetch(
        """
        SELECT found.* FROM unnest($1::text[], $2::text[]) AS asked (p, k)
        CROSS JOIN LATERAL (
            SELECT project_id, code, voucher_id, active, quantity, uses, sequence FROM vouchers
            WHERE project_id = p AND code = k OFFSET 0
        ) AS found
        """,
        *columns(codes, 2),
    )
    return {
        (project_id, code): CodeState(
            Voucher(id=voucher_id, active=active, quantity=quantity, sequence=sequence), uses
        )
        for project_id, code, voucher_id, active, quantity, uses, sequence in rows
    }


def set_uses(used: Mapping[CodeKey, CodeUses]) -> Statement:
    """Set what codes have used, behind their campaigns' locks.

    Every one of them was read there, so none is inserted: the conflict is the way to its row.
    """
    values = used.values()
    return Statement(
        """
        INSERT INTO vouchers
            (project_id, code, campaign_id, voucher_id, version, active, uses, sequence)
        SELECT p, k, '', '', 0, false, u, s
        FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) AS used (p, k, u, s)
        ON CONFLICT (project_id, code)
        DO UPDATE SET uses = excluded.uses, sequence = excluded.sequence
        """,
        (*columns(used, 2), [v.uses for v in values], [v.sequence for v in values]),
    )
