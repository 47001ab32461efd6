"""Waits after a change, so that the caller's next line finds it in force."""

import asyncio
from collections.abc import Iterable

from campaigns.definitions import Campaign, Voucher
from campaigns.enforcement import Enforcement


async def hope_for_campaigns(
    enforcement: Enforcement, project_id: str, campaigns: Iterable[Campaign]
) -> None:
    """Give redemption a moment to take all of these."""
    await asyncio.gather(
        *(
            enforcement.hope((project_id, "campaign", campaign.id), campaign.version)
            for campaign in campaigns
        )
    )


async def hope_for_voucher(enforcement: Enforcement, project_id: str, voucher: Voucher) -> None:
    await enforcement.hope((project_id, "voucher", voucher.id), voucher.version)
