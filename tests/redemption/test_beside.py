"""Snapshots that take their time: what they hold up, and what they do not."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from kit.patience import until
from kit.redemption_samples import campaign_changed, project_changed, voucher_changed

from redemption.applying.snapshots import Snapshot
from redemption.kafka import beside
from redemption.kafka.beside import Beside
from servicekit.postgres.pool import is_outage

SLOW = campaign_changed()
OTHER = TopicPartition("campaigns", 1)
OWN = TopicPartition("campaigns", 0)


def a_record(partition: TopicPartition, offset: int) -> ConsumerRecord[Any, Any]:
    return ConsumerRecord(*partition, offset, 0, 1, b"", b"", None, 0, 0, ())


class Member:
    """What aiokafka's consumer does to a group."""

    def __init__(self) -> None:
        self.committed: dict[TopicPartition, int] = {}

    def assignment(self) -> set[TopicPartition]:
        return {OWN, OTHER}

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        self.committed |= offsets


class Store:
    """Applies when it may, or says why not."""

    def __init__(self) -> None:
        self.may = asyncio.Event()
        self.troubles: list[Exception] = []
        self.applied: list[Snapshot] = []

    async def apply(self, snapshots: Sequence[Snapshot]) -> None:
        await self.may.wait()
        if self.troubles:
            raise self.troubles.pop()
        self.applied += snapshots


async def test_the_group_is_moved_past_nothing_that_is_unfinished_and_past_all_else() -> None:
    store, member = Store(), Member()
    at_work = Beside(store.apply, is_outage)
    async with at_work.running():
        at_work.take(member, a_record(OWN, 7), SLOW)

        await at_work.commit(member, [a_record(OWN, 6), a_record(OWN, 7), a_record(OTHER, 3)])
        await at_work.commit(member, [a_record(OWN, 8), a_record(OTHER, 4)])
        assert member.committed == {OWN: 7, OTHER: 5}

        store.may.set()
        await until(lambda: moved(member, 9))
    assert store.applied == [SLOW]


async def moved(member: Member, offset: int) -> bool:
    return member.committed[OWN] == offset


async def test_who_concerns_a_campaign_at_work_waits_with_it_and_nobody_else() -> None:
    store, member = Store(), Member()
    at_work = Beside(store.apply, is_outage)
    assert not at_work.concerns(SLOW)
    async with at_work.running():
        at_work.take(member, a_record(OWN, 7), SLOW)

        assert at_work.concerns(voucher_changed("HOT"))
        assert not at_work.concerns(campaign_changed(project="proj_other"))
        assert not at_work.concerns(project_changed("proj_a"))

        store.may.set()
        await until(lambda: forgot(at_work))


async def forgot(at_work: Beside) -> bool:
    return not at_work.concerns(SLOW)


async def test_an_outage_is_waited_for_and_a_bug_ends_the_process(
    interrupts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "PAUSE_SECONDS", 0.0)
    store, member = Store(), Member()
    store.may.set()
    store.troubles = [KeyError("a bug"), TimeoutError("away"), TimeoutError("away")]
    at_work = Beside(store.apply, is_outage)

    async with at_work.running():
        at_work.take(member, a_record(OWN, 7), SLOW)
        await until(lambda: interrupted(interrupts))

    assert (store.troubles, store.applied, member.committed) == ([], [], {})


async def interrupted(interrupts: list[int]) -> bool:
    return bool(interrupts)


class Turns:
    """Applies one snapshot whenever it is told to go on; knows which are at work."""

    def __init__(self) -> None:
        self.at_work: list[str] = []
        self.applied: list[str] = []
        self.go_on = asyncio.Semaphore(0)

    async def apply(self, snapshots: Sequence[Snapshot]) -> None:
        [snapshot] = snapshots
        name = snapshot.subject
        self.at_work.append(name)
        await self.go_on.acquire()
        self.at_work.remove(name)
        self.applied.append(name)

    async def shows(self, at_work: str, applied: str) -> bool:
        return (sorted(self.at_work), self.applied) == (at_work.split(), applied.split())


async def test_one_project_takes_two_places_a_campaign_one_and_projects_take_turns() -> None:
    turns, member = Turns(), Member()
    at_work = Beside(turns.apply, is_outage)
    came = ["a1", "a1", "a2", "a3", "a4", "b1", "b1", "b2", "c1", "d1"]
    async with at_work.running():
        for offset, campaign in enumerate(came):
            snapshot = campaign_changed(campaign, version=offset + 1, project=campaign[0])
            at_work.take(member, a_record(OWN, offset), snapshot)
        await until(lambda: turns.shows("a1 a2 b1 b2", ""))

        turns.go_on.release()
        await until(lambda: turns.shows("a2 b1 b2 c1", "a1"))  # no third of a
        turns.go_on.release()
        await until(lambda: turns.shows("b1 b2 c1 d1", "a1 a2"))

        for _ in came[2:]:
            turns.go_on.release()
        await until(lambda: turns.shows("", "a1 a2 b1 b2 c1 d1 a3 a4 b1 a1"))
        assert not at_work.concerns(campaign_changed("a1", project="a"))
    assert not turns.at_work


async def test_what_concerns_a_project_and_met_a_lock_is_applied_too() -> None:
    store, member, changed = Store(), Member(), project_changed()
    store.may.set()
    at_work = Beside(store.apply, is_outage)
    async with at_work.running():
        at_work.take(member, a_record(OWN, 7), changed)
        await at_work.commit(member, [a_record(OWN, 7)])
        await until(lambda: moved(member, 8))

    assert store.applied == [changed]
