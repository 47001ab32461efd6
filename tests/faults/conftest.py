from collections.abc import AsyncIterator

import pytest
from kit.shops import Shop, new_shop

from counterfoil.platform import Platform


@pytest.fixture
async def shop(platform: Platform) -> AsyncIterator[Shop]:
    """A project of this test alone."""
    async with new_shop(platform) as opened:
        yield opened
