"""What a list of redemptions may be asked for: Voucherify's words and ours, and what they mean."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from starlette.requests import Request

from contracts import ids
from contracts.redemptions import Reason
from redemption.api.moments import moment
from redemption.api.texts import LONGEST, text
from redemption.ledger.criteria import EVERY_REASON, REDEEMED, ROLLED_BACK, Criteria, Wanted
from redemption.reading.parsing import request_key
from redemption.store.keys import Caller
from servicekit.http.brackets import Asked, parse, refusal

TICK: Final = timedelta(microseconds=1)
DATES: Final = ("created_at",)
RESULTS: Final = {
    "SUCCESS": (REDEEMED, ROLLED_BACK),
    "FAILURE": tuple(reason.value for reason in Reason),
}
OBJECTS: Final = {
    "redemption": tuple(reason for reason in EVERY_REASON if reason != ROLLED_BACK),
    "redemption_rollback": (ROLLED_BACK,),
}
REASONS: Final = {
    **{reason.value: (reason.value,) for reason in Reason},
    "resource_not_found": (Reason.NOT_FOUND.value,),  # as Voucherify says it of a look-up
}
TABLES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "result": RESULTS,
    "reason": REASONS,
    "object": OBJECTS,
}

# What each name means; Voucherify's beside ours.
MEANINGS: Final[Mapping[str, str]] = {
    "result": "result",
    "reason": "reason",
    "failure_code": "reason",
    "campaign": "campaign",
    "campaign_name": "campaign",
    "campaign_id": "campaign_id",
    "related_object_parent_id": "campaign_id",
    "partner_id": "partner_id",
    "code": "code",
    "voucher_code": "code",
    "related_object_id": "voucher_id",
    "customer": "customer",
    "customer_id": "customer",
    "order_id": "order_id",
    "parent_redemption_id": "parent_redemption_id",
    "request_id": "request_id",
    "object": "object",
}
PLAIN: Final = tuple(name for name in MEANINGS if name not in {"campaign_name", "object"})
FIELDS: Final = {
    **dict.fromkeys(MEANINGS, ("$is", "$in")),
    "created_at": ("$after", "$before"),
}


class _Said(NamedTuple):
    """What one parameter says."""

    spelt: str
    meaning: str
    values: tuple[str, ...]


def read(request: Request, others: Sequence[str]) -> Asked:
    """Read a query string, in which `others` may stand too. Raises ApiError 400."""
    return parse(
        request.query_params.multi_items(), plain=(*PLAIN, *others), dates=DATES, fields=FIELDS
    )


def wanted(asked: Asked, caller: Caller, customer_key: bytes, code: str | None = None) -> Wanted:
    """Return which entries are meant; of several conditions all must hold. Raises ApiError 400."""
    project_id = caller.project_id
    said = list(_said(asked))
    if code is not None:
        said.append(_Said("code", "code", (code,)))
    since, until = _moments(asked)

    def all_of(
        meaning: str, means: Callable[[_Said, str], Iterable[str]]
    ) -> tuple[str, ...] | None:
        return _all_of([each for each in said if each.meaning == meaning], means)

    def customers(said: _Said, value: str) -> list[str]:
        source_id = text(said.spelt, value)
        return [source_id, ids.customer(customer_key, project_id, source_id)]

    def request_keys() -> tuple[bytes, ...] | None:
        parents = all_of("parent_redemption_id", _parent_key)
        named = all_of("request_id", lambda s, v: [request_key(project_id, text(s.spelt, v)).hex()])
        if parents is None and named is None:
            return None
        both = [set(each) for each in (parents, named) if each is not None]
        return tuple(bytes.fromhex(key) for key in sorted(set.intersection(*both)))

    return Wanted(
        Criteria(
            project_id,
            reasons=_reasons(said),
            campaign_ids=all_of("campaign_id", _texts),
            codes=all_of("code", lambda s, v: [caller.code(text(s.spelt, v))]),
            customer_ids=all_of("customer", customers),
            order_ids=all_of("order_id", _texts),
            request_keys=request_keys(),
            since=since,
            until=until,
        ),
        campaign_names=all_of("campaign", _texts),
        partner_ids=all_of("partner_id", _texts),
        voucher_ids=all_of("voucher_id", _texts),
    )


def _said(asked: Asked) -> Iterable[_Said]:
    for name, values in asked.plain.items():
        if name in MEANINGS:
            yield _Said(name, MEANINGS[name], values)
    for condition in asked.conditions:
        if condition.field in MEANINGS:
            yield _Said(condition.spelt, MEANINGS[condition.field], condition.values)


def _all_of(
    said: Sequence[_Said], means: Callable[[_Said, str], Iterable[str]]
) -> tuple[str, ...] | None:
    """Return what all of them allow, each one of its values; None where nothing was said."""
    if not said:
        return None
    allowed = [{meant for value in each.values for meant in means(each, value)} for each in said]
    return tuple(sorted(set.intersection(*allowed)))


def _reasons(said: Sequence[_Said]) -> tuple[str, ...]:
    kept = set(EVERY_REASON)
    for each in said:
        table = TABLES.get(each.meaning)
        if table is not None:
            kept &= {reason for value in each.values for reason in _one_of(table, each, value)}
    return tuple(reason for reason in EVERY_REASON if reason in kept)


def _one_of(table: Mapping[str, tuple[str, ...]], said: _Said, value: str) -> tuple[str, ...]:
    if value not in table:
        shown = value[:LONGEST]
        raise refusal(said.spelt, f"{shown!r} is unknown, known are {', '.join(table)}")
    return table[value]


def _texts(said: _Said, value: str) -> list[str]:
    return [text(said.spelt, value)]


def _parent_key(said: _Said, value: str) -> list[str]:
    digits = value.removeprefix("rr_").removeprefix("r_")
    try:
        return [bytes.fromhex(digits).hex()]
    except ValueError as error:
        raise refusal(
            said.spelt, "is no id of a redemption: r_ and 32 hexadecimal digits"
        ) from error


def _moments(asked: Asked) -> tuple[datetime | None, datetime | None]:
    """Return from when on, inclusive, and up to when, exclusive."""
    since: list[datetime] = []
    until: list[datetime] = []
    for name, bounds in (("from", since), ("to", until)):
        given = asked.one(name)
        if given is not None:
            bounds.append(moment(name, given))
    for condition in asked.conditions:
        if condition.field in DATES:
            after = condition.operator.removeprefix("$") == "after"
            for value in condition.values:
                at = moment(condition.spelt, value)
                (since if after else until).append(_next(at) if after else at)
    return max(since, default=None), min(until, default=None)


def _next(at: datetime) -> datetime:
    return at if at > datetime.max.replace(tzinfo=UTC) - TICK else at + TICK
