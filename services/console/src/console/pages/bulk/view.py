"""What is asked before many are changed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from console.design.words import say

ACTS: Final = ("disable", "enable", "delete", "restore")


@dataclass(frozen=True, slots=True)
class View:
    """An act on so many things; `ids` are those that were ticked, none where all are meant.

    `exact` is how many all are, where that is no estimate.
    """

    kind: str
    act: str
    count: int
    exact: int | None
    ids: Sequence[str]
    filter: str
    back: str

    @property
    def is_all(self) -> bool:
        return not self.ids

    @property
    def title(self) -> str:
        things = say(f"bulk.of_{self.kind}", n=self.count)
        return say(f"bulk.{self.act}", things=things)

    @property
    def is_harsh(self) -> bool:
        return self.act in {"disable", "delete"}
