"""Judges one rollback over facts that were loaded behind the locks. Pure: no I/O, no clock.

Parts of an order give back of the discount what is in proportion, and of what is left of it: so
that all parts, in whatever steps, come to the whole. Lines give back what was taken off them. A use
is whole or nothing: it comes back with the last part.
"""

from collections.abc import Sequence
from typing import NamedTuple

from contracts.ids import uuid7
from contracts.rollbacks import NotRolledBack
from redemption.claims import limits
from redemption.claims.limits import CAMPAIGN, CODE, Taken
from redemption.decide.facts import Facts
from redemption.discounts.shares import divide
from redemption.model import CounterKey, Offer
from redemption.outcomes import Line
from redemption.returns import (
    ORDERS,
    GivenBack,
    NoReturn,
    Original,
    Part,
    Returned,
    Rollback,
    Units,
)
from redemption.rollbacks.lines_given import given_lines, given_units

NOTHING_YET = GivenBack()


class _Share(NamedTuple):
    """How much of what is left of a redemption is given back, and of which lines."""

    original: Original
    given: GivenBack
    order_minor: int
    discount_minor: int
    whole: bool
    lines: tuple[Line, ...] = ()


def roll_back(request: Rollback, facts: Facts) -> Returned:
    """Judge a rollback and, unless it is refused, give back."""
    shares = _not_theirs(request) or _shares(request, facts)
    if isinstance(shares, NoReturn):
        return Returned(request, (), shares)
    return Returned(request, tuple([_give_back(request, share, facts) for share in shares]), None)


def _not_theirs(request: Rollback) -> NoReturn | None:
    originals = request.originals
    if not originals:
        return NoReturn(NotRolledBack.NOT_FOUND, request.redemption_id)
    if request.customer_id not in {None, originals[0].customer_id}:
        hint = "this customer did not redeem it: name the one who did, or none"
        return NoReturn(NotRolledBack.INVALID_CUSTOMER, hint)
    if request.order_id not in {None, originals[0].order_id}:
        hint = "it was not redeemed with this order: name the one that it was, or none"
        return NoReturn(NotRolledBack.INVALID_ORDER, hint)
    return None


def _shares(request: Rollback, facts: Facts) -> Sequence[_Share] | NoReturn:
    known = [(o, facts.given_back.get(o.id, NOTHING_YET)) for o in request.originals]
    left = [(original, given) for original, given in known if not given.whole]
    if not left:
        return NoReturn(NotRolledBack.ALREADY_ROLLED_BACK, request.redemption_id)
    if request.units:
        return _of_lines(request.units, left)
    if request.discount_minor:
        return _of_discounts(request, left)
    amount = request.amount_minor
    orders = [(original.order_minor or 0) - given.order_minor for original, given in left]
    of_order = sum(orders)
    if amount is not None and request.in_all:
        amount = min(amount - sum(given.by_orders_minor for _, given in left), of_order)
        if amount <= 0:
            return NoReturn(NotRolledBack.ALREADY_ROLLED_BACK, request.redemption_id)
    if amount is None or amount == of_order:
        return [_all_of(original, given) for original, given in left]
    if amount > of_order:
        hint = f"of its order {of_order} are left to roll back, which is less than {amount}"
        return NoReturn(NotRolledBack.INVALID_ROLLBACK_PARAMS, hint)
    return [
        _part_of(original, given, part)
        for (original, given), part in zip(left, divide(amount, orders), strict=True)
        if part
    ]


def _of_discounts(
    request: Rollback, left: Sequence[tuple[Original, GivenBack]]
) -> Sequence[_Share] | NoReturn:
    """Give back discounts on an order that was counted before: there is no part of it."""
    shares = []
    for original, given in left:
        due = request.discount_minor - given.discount_by_orders_minor
        minor = min(due, original.discount_minor - given.discount_minor)
        if minor > 0:
            shares.append(_Share(original, given, 0, minor, whole=False))
    return shares or NoReturn(NotRolledBack.ALREADY_ROLLED_BACK, request.redemption_id)


def _of_lines(
    units: Sequence[Units], left: Sequence[tuple[Original, GivenBack]]
) -> Sequence[_Share] | NoReturn:
    every_line = [line for original, _ in left for line in original.lines]
    strange = [each for each in units if not any(map(each.are_of, every_line))]
    if strange:
        hint = f"{strange[0].sku_id or strange[0].product_id!r} is in no line of it"
        return NoReturn(NotRolledBack.INVALID_ROLLBACK_PARAMS, hint)
    shares = []
    for original, given in left:
        own = [each for each in units if any(map(each.are_of, original.lines))]
        if not own:
            continue  # another code of the request has added that line
        if given.units is None:
            hint = (
                "an amount of it was rolled back, which is of no line: go on so, or roll back all"
            )
            return NoReturn(NotRolledBack.INVALID_ROLLBACK_PARAMS, hint)
        wanted = given_units(original.lines, given.units, own)
        if isinstance(wanted, str):
            return NoReturn(NotRolledBack.INVALID_ROLLBACK_PARAMS, wanted)
        shares.append(_lines_of(original, given, wanted))
    return shares


def _lines_of(original: Original, given: GivenBack, units: Sequence[int]) -> _Share:
    """Give units of lines back: all that was taken off them, and their part of the order."""
    before = given.units or (0,) * len(original.lines)
    by_now = [b + u for b, u in zip(before, units, strict=True)]
    lines = given_lines(original.lines, before, by_now)
    if all(n >= line.quantity for n, line in zip(by_now, original.lines, strict=True)):
        return _all_of(original, given)._replace(lines=lines)
    amount = sum(
        line.amount_minor for line in given_lines(original.lines, (0,) * len(units), by_now)
    )
    basket = sum(line.amount_minor for line in original.lines)
    [order_minor, _] = divide(original.order_minor or 0, [amount, basket - amount])
    discount_minor = sum(line.discount_minor for line in lines)
    return _Share(original, given, order_minor - given.order_minor, discount_minor, False, lines)


def _all_of(original: Original, given: GivenBack) -> _Share:
    order_minor = (original.order_minor or 0) - given.order_minor
    discount_minor = original.discount_minor - given.discount_minor
    return _Share(original, given, order_minor, discount_minor, whole=True)


def _part_of(original: Original, given: GivenBack, order_minor: int) -> _Share:
    rest = _all_of(original, given)
    kept = rest.order_minor - order_minor
    [discount_minor, _] = divide(rest.discount_minor, [order_minor, kept])
    return _Share(original, given, order_minor, discount_minor, whole=kept == 0)


def _give_back(request: Rollback, share: _Share, facts: Facts) -> Part:
    original, given = share.original, share.given
    offer = facts.offers[original.key]
    policy = offer.campaign.terms.rollback
    gives_use = share.whole and policy.use
    taken = Taken(share.discount_minor, share.order_minor) if policy.budget else Taken(0, 0)
    counted = _counted(original, offer, taken._replace(uses=1 if gives_use else 0))
    for counter, amount in counted.items():
        facts.used[counter] = max(0, facts.used.get(counter, 0) - amount)
    sequence = facts.sequences.get(original.key, offer.voucher.sequence) + 1
    facts.sequences[original.key] = sequence
    by_orders = request.caller == ORDERS
    by_now = GivenBack(
        given.order_minor + share.order_minor,
        given.discount_minor + share.discount_minor,
        share.whole,
        _units_by_now(given, share),
        given.by_orders_minor + (share.order_minor if by_orders else 0),
        given.discount_by_orders_minor + (share.discount_minor if by_orders else 0),
    )
    facts.given_back[original.id] = by_now
    if original.order_id is not None:
        facts.purchases.give_back((original.project_id, original.order_id), share.order_minor)
    return Part(
        id=uuid7(),
        original=original,
        offer=offer,
        order_minor=share.order_minor,
        discount_minor=share.discount_minor,
        order_left_minor=(original.order_minor or 0) - by_now.order_minor,
        discount_left_minor=original.discount_minor - by_now.discount_minor,
        whole=share.whole,
        lines=share.lines,
        gives_use=gives_use,
        gives_budget=policy.budget,
        counted=counted,
        uses=facts.used.get(
            CounterKey(original.project_id, original.campaign_id, CODE, original.code), 0
        ),
        sequence=sequence,
    )


def _units_by_now(given: GivenBack, share: _Share) -> tuple[int, ...] | None:
    if given.units is None or not share.lines:
        return None
    before = given.units or (0,) * len(share.lines)
    return tuple([b + line.quantity for b, line in zip(before, share.lines, strict=True)])


def _counted(original: Original, offer: Offer, taken: Taken) -> dict[CounterKey, int]:
    """Return what counters get back: those that are kept now, for the moment of the redemption."""
    campaign = (original.project_id, original.campaign_id)
    counters: dict[CounterKey, int] = {}
    if taken.uses:
        counters[CounterKey(*campaign, CODE, original.code)] = taken.uses
        counters[CounterKey(*campaign, CAMPAIGN, "")] = taken.uses
    for each in limits.counted(offer.campaign.terms, offer.campaign.time_zone):
        counter, amount = limits.counter_of(each, offer, original), limits.amount_of(each, taken)
        if counter is not None and amount:
            counters[counter] = amount
    return counters
