"""Pages of lists: `limit` and `page`, as Voucherify counts them."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query


@dataclass(frozen=True, slots=True)
class Page:
    """What part of a list is asked for."""

    limit: int
    offset: int


def _page(
    limit: Annotated[int, Query(ge=1, le=100)] = 10, page: Annotated[int, Query(ge=1, le=1000)] = 1
) -> Page:
    return Page(limit, (page - 1) * limit)


Paging = Annotated[Page, Depends(_page)]
