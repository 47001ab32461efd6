"""What two hundred can have, four hundred want at once: two processes give away exactly that."""

import pytest
from aiokafka import AIOKafkaProducer
from kit.rushes import RUSHES, UNITS, Rush, Sold, rush
from kit.shops import Shop

RUNS = 50

exactly = pytest.mark.parametrize("short", RUSHES.values(), ids=RUSHES)


@exactly
async def test_a_rush_gets_what_is_there_to_the_unit(
    other_shop: Shop, producer: AIOKafkaProducer, short: Rush
) -> None:
    assert await rush(other_shop, producer, short) == sold_out(short)


@pytest.mark.long
@pytest.mark.timeout(1200)
@exactly
async def test_fifty_rushes_in_a_row(
    other_shop: Shop, producer: AIOKafkaProducer, short: Rush
) -> None:
    for _ in range(RUNS):
        assert await rush(other_shop, producer, short) == sold_out(short)


def sold_out(short: Rush) -> Sold:
    return Sold(UNITS, [UNITS] * len(short.campaigns))
