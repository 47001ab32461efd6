"""How a figure compares with the same figure of another period. Pure."""

from typing import TypeAlias

from pydantic import BaseModel

Number: TypeAlias = int | float


class Change(BaseModel):
    """A figure, and what became of it; `ratio` 0.5 is half as much again.

    Where nothing was before there is no ratio: it is `new`. Without a comparison all but the value
    are null.
    """

    value: Number | None
    before: Number | None = None
    difference: Number | None = None
    ratio: float | None = None
    new: bool = False


def change(value: Number | None, before: Number | None) -> Change:
    if value is None or before is None:
        return Change(value=value, before=before)
    return Change(
        value=value,
        before=before,
        difference=value - before,
        ratio=None if before == 0 else (value - before) / abs(before),
        new=before == 0 and value != 0,
    )
