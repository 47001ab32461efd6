from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest
from kit.redemption_http import serving, two_projects
from kit.redemption_samples import campaign_changed, voucher_changed

from redemption.applying import snapshots


@pytest.fixture
async def client(redemption_db: str, pool: asyncpg.Pool) -> AsyncIterator[httpx.AsyncClient]:
    """A checkout of proj_a, whose code SUMMER takes 5.00 off."""
    await snapshots.apply(pool, [*two_projects(), campaign_changed(), voucher_changed()])
    async with serving(redemption_db) as client:
        yield client
