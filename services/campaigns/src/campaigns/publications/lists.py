"""What a list of publications may be asked for: Voucherify's words, and what they mean."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from campaigns.api.access import Caller
from campaigns.api.fields import moment
from campaigns.api.paging import Page
from campaigns.publications.customers import who_may_be_meant
from campaigns.publications.wishes import digest_of_source
from contracts.text import trim
from servicekit.http import brackets
from servicekit.http.brackets import Asked, refusal
from servicekit.http.errors import ApiError, invalid_query

MOST_ROWS: Final = 100
MOST_PAGES: Final = 1_000
LONGEST: Final = 200
LONGEST_NUMBER: Final = 9
YES, NO = ("true", "True"), ("false", "False")  # Python's clients write capitals
DISCOUNT_TYPES: Final = ("discount", "discount_voucher", "DISCOUNT_VOUCHER")
OTHER_TYPES: Final = (
    *("gift", "gift_voucher", "GIFT_VOUCHER"),
    *("loyalty", "loyalty_card", "LOYALTY_CARD"),
)
# What each name means; several mean the same.
MEANINGS: Final[Mapping[str, str]] = {
    "campaign": "campaign",
    "campaign_name": "campaign",
    "parent_object_id": "campaign",
    "customer": "customer",
    "customer_id": "customer",
    "voucher": "voucher",
    "related_object_id": "voucher",
    "source_id": "source_id",
    "result": "result",
    "failure_code": "failure_code",
    "voucher_type": "voucher_type",
    "is_referral_code": "is_referral_code",
}
PLAIN: Final = (
    *("campaign", "customer", "voucher", "result"),
    *("voucher_type", "is_referral_code", "source_id"),
)
FIELDS: Final = {
    **dict.fromkeys((name for name in MEANINGS if name not in {"campaign", "customer", "voucher"}),
                    ("$is", "$in")),
    "created_at": ("$after", "$before"),
}  # fmt: skip
ORDERS: Final[Mapping[str, str]] = {
    "id": "id",
    "voucher_code": "codes[1]",
    "tracking_id": "source_id",
    "customer_id": "customer_id",
    "created_at": "created_at",
    "channel": "channel",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which publications are meant, all of it; None does not narrow, and () is nothing."""

    campaigns: tuple[str, ...] | None = None  # ids or names
    customer_ids: tuple[str, ...] | None = None
    vouchers: tuple[str, ...] | None = None  # codes or ids
    sources: tuple[bytes, ...] | None = None  # digests
    since: datetime | None = None  # exclusive
    until: datetime | None = None  # exclusive
    nothing: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    wanted: Wanted
    order: str  # a column
    descending: bool
    page: Page


@dataclass(frozen=True, slots=True)
class _Said:
    spelt: str
    meaning: str
    values: tuple[str, ...]


def parse(
    items: Sequence[tuple[str, str]], caller: Caller, key: bytes, voucher: str | None = None
) -> Query:
    """Read a query string, of one code's publications where it is named. Raises ApiError 400."""
    asked = brackets.parse(
        items, plain=(*PLAIN, "limit", "page", "order"), dates=("created_at",), fields=FIELDS
    )
    order = asked.one("order")
    if order is None:
        order = "-created_at"
    name = order.removeprefix("-")
    if name not in ORDERS:
        raise refusal("order", f"{name[:LONGEST]!r} is none of {', '.join(ORDERS)}")
    limit = _whole("limit", asked.one("limit"), 10, MOST_ROWS)
    page = _page(asked.one("page"))
    return Query(
        _wanted(asked, caller, key, voucher),
        ORDERS[name],
        order.startswith("-"),
        Page(limit, (page - 1) * limit),
    )


def _wanted(asked: Asked, caller: Caller, key: bytes, voucher: str | None) -> Wanted:
    said = [_Said(n, MEANINGS[n], v) for n, v in asked.plain.items() if n in MEANINGS]
    said += [
        _Said(c.spelt, MEANINGS[c.field], c.values) for c in asked.conditions if c.field in MEANINGS
    ]
    if voucher is not None:
        said.append(_Said("voucher", "voucher", (voucher,)))
    project_id = caller.project_id

    def customers(name: str) -> list[str]:
        return who_may_be_meant(key, project_id, name)

    def sources(name: str) -> list[str]:
        return [digest_of_source(name, key, project_id).hex()]

    named = _all_of(said, "source_id", sources)
    since, until = _moments(asked)
    return Wanted(
        campaigns=_all_of(said, "campaign", lambda name: [name]),
        customer_ids=_all_of(said, "customer", customers),
        vouchers=_all_of(said, "voucher", lambda name: [caller.code(name)]),
        sources=None if named is None else tuple(bytes.fromhex(each) for each in named),
        since=since,
        until=until,
        nothing=any(_excludes_all(each) for each in said),
    )


def _all_of(
    said: Sequence[_Said], meaning: str, means: Callable[[str], Iterable[str]]
) -> tuple[str, ...] | None:
    """Return what all parameters of this meaning allow, each one of its values."""
    about = [each for each in said if each.meaning == meaning]
    if not about:
        return None
    allowed = [{m for v in each.values for m in means(_text(each.spelt, v))} for each in about]
    return tuple(sorted(set.intersection(*allowed)))


def _excludes_all(said: _Said) -> bool:
    """Tell whether it asks for publications of which there are none here."""
    match said.meaning:
        case "result":
            return "SUCCESS" not in _known(said, ("SUCCESS",), ("FAILURE",))
        case "voucher_type":
            return not set(_known(said, DISCOUNT_TYPES, OTHER_TYPES)) & set(DISCOUNT_TYPES)
        case "is_referral_code":
            return not set(_known(said, NO, YES)) & set(NO)
        case "failure_code":
            return True
        case _:
            return False


def _known(said: _Said, *known: tuple[str, ...]) -> tuple[str, ...]:
    for value in said.values:
        if not any(value in each for each in known):
            shown = ", ".join(name for each in known for name in each)
            raise refusal(said.spelt, f"{value[:LONGEST]!r} is unknown, known are {shown}")
    return said.values


def _text(spelt: str, value: str) -> str:
    try:
        text = trim(value)
    except ValueError as error:
        raise refusal(spelt, str(error)) from error
    if not text or len(text) > LONGEST:
        raise refusal(spelt, f"send 1 to {LONGEST} characters")
    return text


def _moments(asked: Asked) -> tuple[datetime | None, datetime | None]:
    since: list[datetime] = []
    until: list[datetime] = []
    for each in asked.conditions:
        if each.field == "created_at":
            bounds = since if each.operator.removeprefix("$") == "after" else until
            for value in each.values:
                try:
                    bounds.append(moment(value))
                except ValueError as error:
                    raise refusal(each.spelt, str(error)) from error
    return max(since, default=None), min(until, default=None)


def _page(text: str | None) -> int:
    if (
        text is not None
        and text.isascii()
        and text.isdigit()
        and int(text[:LONGEST_NUMBER]) > MOST_PAGES
    ):
        raise ApiError(
            400,
            "Page number is over the limit",
            f"there are {MOST_PAGES:,} pages at most: narrow the list",
            key="page_over_limit",
        )
    return _whole("page", text, 1, MOST_PAGES)


def _whole(name: str, text: str | None, usual: int, most: int) -> int:
    if text is None:
        return usual
    if not (
        text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER and 1 <= int(text) <= most
    ):
        raise invalid_query(
            f"{name}: send a whole number from 1 to {most:,}", f"Query parameter {name}"
        )
    return int(text)
