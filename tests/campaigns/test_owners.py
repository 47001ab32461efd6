"""Whose campaign a link names: found once, asked together, forgotten where there is none."""

import asyncio
from collections.abc import Sequence

import pytest

from campaigns.api import owners
from campaigns.api.owners import Owners


class Store:
    """Counts what it is asked."""

    def __init__(self, **projects: str) -> None:
        self.projects = projects
        self.asked: list[list[str]] = []
        self.may = asyncio.Event()
        self.may.set()
        self.outage: Exception | None = None

    async def load(self, ids: Sequence[str]) -> dict[str, str]:
        self.asked.append(list(ids))
        await self.may.wait()
        if self.outage is not None:
            raise self.outage
        return {each: self.projects[each] for each in ids if each in self.projects}


async def test_who_was_found_is_asked_for_once_and_who_was_not_each_time() -> None:
    store = Store(a="proj_a")
    known = Owners(store.load)

    assert [await known.of("a"), await known.of("a")] == ["proj_a", "proj_a"]
    assert [await known.of("b"), await known.of("b")] == [None, None]
    store.projects["b"] = "proj_b"
    assert await known.of("b") == "proj_b"
    assert store.asked == [["a"], ["b"], ["b"], ["b"]]


async def test_all_who_ask_meanwhile_share_one_question() -> None:
    store = Store(z="proj_z")
    store.may.clear()
    known = Owners(store.load)
    first = asyncio.create_task(known.of("first"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    crowd = [asyncio.create_task(known.of(f"c{number % 50}")) for number in range(100)]
    shopper = asyncio.create_task(known.of("z"))
    await asyncio.sleep(0)
    first.cancel()
    store.may.set()

    assert await shopper == "proj_z"
    assert await asyncio.gather(*crowd) == [None] * 100
    assert [len(ids) for ids in store.asked] == [1, 51]


async def test_an_outage_is_told_to_those_who_asked_and_to_nobody_after_it() -> None:
    store = Store(a="proj_a")
    store.outage = TimeoutError("away")
    known = Owners(store.load)

    for told in await asyncio.gather(known.of("a"), known.of("b"), return_exceptions=True):
        assert told is store.outage
    store.outage = None
    assert await known.of("a") == "proj_a"


async def test_no_more_are_remembered_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owners, "MOST_KNOWN", 2)
    store = Store(a="p", b="p", c="p")
    known = Owners(store.load)

    for campaign in "abcac":
        assert await known.of(campaign) == "p"
    assert store.asked == [["a"], ["b"], ["c"], ["a"]]
