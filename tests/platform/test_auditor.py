"""Who reconciles reads the views that services ship, and no table of theirs."""

import asyncpg
import pytest
from kit import engines

from counterfoil.engines.postgres import AUDITOR

SHIPPED = {
    "campaigns": {"issued_codes", "reconciliation_outbox"},
    "redemption": {
        *("known_codes", "known_orders", "reconciliation_projects", "reconciliation_entries"),
        *("reconciliation_counters", "reconciliation_outbox", "reconciliation_answers"),
        "campaign_uses",
    },
}
RIGHTS = """
    SELECT c.relname FROM pg_class AS c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'p')
        AND has_table_privilege(c.oid, $1)
"""


async def test_the_auditor_reads_what_is_shipped_and_changes_nothing(
    campaigns_db: str, redemption_db: str
) -> None:
    await _reads_only_what_is_shipped(campaigns_db, "campaigns")
    await _reads_only_what_is_shipped(redemption_db, "redemption")


async def _reads_only_what_is_shipped(dsn: str, service: str) -> None:
    auditor = await asyncpg.connect(engines.as_role(dsn, AUDITOR))
    try:
        assert {row[0] for row in await auditor.fetch(RIGHTS, "SELECT")} == SHIPPED[service]
        for view in SHIPPED[service]:
            assert await auditor.fetch(f"SELECT * FROM {view}") == []
        for right in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
            assert await auditor.fetch(RIGHTS, right) == []
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await auditor.execute("CREATE TABLE mine ()")
    finally:
        await auditor.close()
