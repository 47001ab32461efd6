"""Places: codes that may be wrong wait for one another instead of passing a limit together."""

import asyncio
import time

import pytest
from kit.redemption_samples import a_request

from contracts.guesses import GuessLimits
from redemption.guesses.counting import Closed, Guesses
from redemption.guesses.places import Held, Places
from redemption.loading.memory import Memory
from redemption.model import Place

LIMITS = GuessLimits(window_seconds=60, per_customer=2, per_address=5, per_key=8)
KNOWN = ("proj_a", "KNOWN")


@pytest.fixture
def memory() -> Memory:
    memory = Memory()
    memory.remember_codes({KNOWN: Place(("proj_a", "camp_1"), 1)})
    return memory


@pytest.fixture
def places(memory: Memory) -> Places:
    return Places(Guesses(), memory)


async def take(
    places: Places, *codes: str, customer: str = "c", seconds: float = 5.0
) -> Held | Closed | None:
    request = a_request(*codes, customer=customer)
    return await places.take(request, None, LIMITS, time.monotonic() + seconds)


async def held(places: Places, *codes: str, customer: str = "c") -> Held:
    got = await take(places, *codes, customer=customer)
    assert isinstance(got, Held)
    return got


async def waiting(places: Places, code: str) -> "asyncio.Task[Held | Closed | None]":
    task = asyncio.create_task(take(places, code))
    await asyncio.sleep(0)
    assert not task.done()
    return task


async def test_a_code_that_was_met_before_needs_no_place(places: Places) -> None:
    assert await take(places, "KNOWN") is None


async def test_who_finds_no_place_gets_the_one_that_is_given_back(places: Places) -> None:
    first, _ = await held(places, "A"), await held(places, "B")
    third = await waiting(places, "C")
    places.give_back(first, refused=False)
    assert isinstance(await third, Held)


async def test_who_waits_behind_wrong_codes_is_refused_once_they_are_too_many(
    places: Places,
) -> None:
    both = [await held(places, "A"), await held(places, "B")]
    third = await waiting(places, "C")
    for one in both:
        places.give_back(one, refused=True)
    assert await third == Closed("customer", 60)


async def test_only_codes_that_do_not_exist_are_counted(places: Places, memory: Memory) -> None:
    stack = await held(places, "NEW", "KNOWN", "A")
    memory.remember_codes({("proj_a", "NEW"): Place(("proj_a", "camp_1"), 2)})  # as deciding does
    places.give_back(stack, refused=True)
    assert isinstance(await take(places, "B"), Held)


async def test_others_do_not_wait(places: Places) -> None:
    await held(places, "A", "B")
    await held(places, "C", customer="d")


async def test_nobody_waits_longer_than_a_request_may(places: Places) -> None:
    first = await held(places, "A", "B")
    with pytest.raises(TimeoutError):
        await take(places, "C", seconds=0.01)
    places.give_back(first, refused=False)
    await held(places, "C", "D")


async def test_nothing_is_left_when_all_is_given_back(places: Places) -> None:
    for one in [await held(places, "A"), await held(places, "B")]:
        places.give_back(one, refused=False)
    assert not places._held
    assert not places._waiting
