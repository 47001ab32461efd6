"""A decision as the ledger keeps it: an entry for each code. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from redemption.decide.stacking import STACK_REFUSED
from redemption.model import Claim, Offer, Refusal, Request
from redemption.outcomes import Applied, Decision, Line, Outcome


class Entry(NamedTuple):
    """What became of one code: redeemed, or refused for a reason; named as the API shows it.

    `order_minor` is its share of what the order has grown by, or the order at stake. Of codes that
    were refused together the one with the reason has the order, so that it counts once. Of codes
    redeemed together by a new customer the first one has won it. `segment_ids` are those in reports
    that the customer was in.
    """

    id: UUID
    redemption_id: str
    request: Request
    code: str
    offer: Offer | None
    refusal: Refusal | None
    claims: tuple[Claim, ...]
    order_minor: int
    discount_minor: int
    uses: int
    sequence: int
    customer_is_new: bool = False
    basket_minor: int | None = None
    lines: tuple[Line, ...] = ()
    segment_ids: tuple[str, ...] = ()

    @property
    def parent_redemption_id(self) -> str | None:
        """Name what several codes of one request have in common."""
        return parent_redemption_id(self.request)

    @property
    def currency(self) -> str | None:
        """Return the currency of the amounts: the order's own where it names one.

        It may be another than the campaign's, which is a reason to refuse and no rate to convert.
        """
        order = self.request.order
        if order is not None and order.currency is not None:
            return order.currency
        return self.offer.campaign.currency if self.offer is not None else None


class PastEntry(NamedTuple):
    """An entry as the ledger keeps it; of an unknown code there is no voucher and no campaign.

    `basket_minor` is the whole order, where some of it was counted before.
    """

    id: UUID
    request_key: bytes
    kind: str
    reason: str | None
    hint: str | None
    would_pass: dict[str, str | int] | None
    code: str
    voucher_id: str | None
    campaign_id: str | None
    campaign_name: str | None
    customer_id: str | None
    order_id: str | None
    order_minor: int | None
    basket_minor: int | None
    discount_minor: int
    currency: str | None
    tracking_id: str | None
    metadata: dict[str, Any] | None
    at: datetime
    lines: list[list[Any]] | None = None  # as the ledger writes them


class PastRollback(NamedTuple):
    """What was given back of an entry at one time."""

    id: UUID
    at: datetime
    order_minor: int
    discount_minor: int
    whole: bool
    reason: str | None


class ShownEntry(NamedTuple):
    """An entry with all that was judged; the partner is the campaign's now."""

    past: PastEntry
    codes: int  # of its request
    partner_id: str | None
    campaign_version: int | None
    claims: list[tuple[str, str, int]]
    caller: str
    decided_at: datetime
    rollbacks: list[PastRollback] = []  # noqa: RUF012 - nobody changes it
    rollback_of: UUID | None = None  # what it gives back, where it does
    rollback_reason: str | None = None
    segment_ids: list[str] = []  # noqa: RUF012 - nobody changes it

    @property
    def is_rollback(self) -> bool:
        """Tell whether it gives another one back."""
        return self.rollback_of is not None

    @property
    def is_rolled_back(self) -> bool:
        """Tell whether nothing is left of it to give back."""
        return any(each.whole for each in self.rollbacks)


def entries_of(decision: Decision) -> list[Entry]:
    """Return the decision's entries, in the order of its codes."""
    request, refused = decision.request, decision.refused
    if refused is None:
        applied = [o for o in decision.outcomes if isinstance(o, Applied)]
        winner = applied[0] if decision.customer_is_new else None
        basket = _basket_of(request, applied)
        return [
            _redeemed(decision, o, basket, is_first=o is winner)
            if isinstance(o, Applied)
            else _refused(decision, o, at_stake=False)
            for o in decision.outcomes
        ]
    return [_refused(decision, o, at_stake=o is refused) for o in decision.outcomes]


def lines_of(entry: PastEntry) -> tuple[Line, ...]:
    """Return the lines that the entry's code was applied to."""
    return tuple([Line(*each) for each in entry.lines or ()])


def redemption_id(entry_id: UUID, *, accepted: bool) -> str:
    """Name a redemption after its ledger entry."""
    return f"{'r' if accepted else 'rf'}_{entry_id.hex}"


def shown_id(entry_id: UUID, kind: str) -> str:
    """Name an entry of the ledger after what became of its code."""
    if kind == "rolled_back":
        return rollback_id(entry_id)
    return redemption_id(entry_id, accepted=kind == "redeemed")


def rollback_id(entry_id: UUID) -> str:
    """Name a rollback after its ledger entry."""
    return f"rr_{entry_id.hex}"


def parent_redemption_id(request: Request) -> str | None:
    """Name a redemption of several codes after its request."""
    return f"r_{request.key.hex()}" if len(request.code_keys) > 1 else None


def _basket_of(request: Request, applied: Sequence[Applied]) -> int | None:
    """Return the whole order, where some of it was counted before."""
    if request.order is None or applied[0].order_minor == request.order.amount_minor:
        return None
    counted = sum([each.order_minor for each in applied])
    return None if counted == request.order.amount_minor else request.order.amount_minor


def _redeemed(
    decision: Decision, outcome: Applied, basket_minor: int | None, *, is_first: bool
) -> Entry:
    request = decision.request
    return Entry(
        id=outcome.id,
        redemption_id=redemption_id(outcome.id, accepted=True),
        request=request,
        code=outcome.offer.code,
        offer=outcome.offer,
        refusal=None,
        claims=outcome.claims,
        order_minor=outcome.order_minor,
        discount_minor=outcome.discount_minor,
        uses=outcome.uses,
        sequence=outcome.sequence,
        customer_is_new=is_first,
        basket_minor=basket_minor,
        lines=outcome.lines,
        segment_ids=decision.segment_ids,
    )


def _refused(decision: Decision, outcome: Outcome, *, at_stake: bool) -> Entry:
    request, order = decision.request, decision.request.order
    return Entry(
        id=outcome.id,
        redemption_id=redemption_id(outcome.id, accepted=False),
        request=request,
        code=outcome.offer.code if isinstance(outcome, Applied) else outcome.code,
        offer=outcome.offer,
        refusal=STACK_REFUSED if isinstance(outcome, Applied) else outcome.refusal,
        claims=(),
        order_minor=order.amount_minor if order is not None and at_stake else 0,
        discount_minor=0,
        uses=0,
        sequence=0,
        segment_ids=decision.segment_ids,
    )
