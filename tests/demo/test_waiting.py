import pytest

from counterfoil.demo import waiting
from counterfoil.demo.target import StuckError
from counterfoil.demo.waiting import until


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PAUSE_SECONDS", 0.0)


async def test_it_returns_when_the_count_is_reached() -> None:
    counts = iter([0, 3, 7])
    seen: list[int] = []

    async def count() -> int:
        return next(counts)

    await until(count, 7, seen.append, name="decided", parts=("redemption-worker",))

    assert seen == [0, 3, 7]


async def test_a_place_that_is_away_for_a_moment_is_forgiven() -> None:
    attempts = iter(range(2))

    async def count() -> int:
        if next(attempts) == 0:
            raise ConnectionRefusedError("away")
        return 2

    await until(count, 2, lambda _: None, name="decided", parts=("redemption-worker",))


async def test_what_does_not_move_is_named_with_the_part_to_look_at() -> None:
    async def count() -> int:
        return 5

    with pytest.raises(StuckError, match="decided: 5 of 7, unchanged") as stuck:
        await until(
            count,
            7,
            lambda _: None,
            name="decided",
            parts=("redemption-worker",),
            patience_seconds=0,
        )

    assert stuck.value.parts == ("redemption-worker",)
