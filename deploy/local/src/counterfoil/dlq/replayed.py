"""Which letters of a partition were replayed: a group's committed offset, and its metadata. Pure.

All below the offset were; of those above it the metadata names some, as in `12,15-17`.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from counterfoil.errors import PlatformError

LONGEST = 4000  # a broker takes 4096 bytes


@dataclass(frozen=True, slots=True)
class Replayed:
    """The letters of one partition that were replayed."""

    below: int
    above: frozenset[int] = frozenset()

    def __contains__(self, offset: int) -> bool:
        return offset < self.below or offset in self.above

    def adding(self, offset: int) -> "Replayed":
        return _settled(self.below, self.above | {offset})

    @property
    def metadata(self) -> str:
        text = ",".join(
            f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in _runs(self.above)
        )
        if len(text) > LONGEST:
            raise PlatformError(
                "so many single letters of this partition were replayed that Kafka's note of them "
                "is full: replay the rest with --all"
            )
        return text


def parse(offset: int, metadata: str, first_kept: int) -> Replayed:
    """Read what was committed; what Kafka no longer keeps needs no replay either."""
    above: set[int] = set()
    for run in filter(None, metadata.split(",")):
        first, _, last = run.partition("-")
        above |= set(range(int(first), int(last or first) + 1))
    return _settled(max(offset, first_kept), above)


def _settled(below: int, above: AbstractSet[int]) -> Replayed:
    while below in above:
        below += 1
    return Replayed(below, frozenset(offset for offset in above if offset > below))


def _runs(offsets: AbstractSet[int]) -> Iterator[list[int]]:
    run: list[int] = []
    for offset in sorted(offsets):
        if run and offset != run[-1] + 1:
            yield run
            run = []
        run.append(offset)
    if run:
        yield run
