"""A whole project as the oracle sees it: what was told, what was used, what would become of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from kit.oracle import checks, orders, quotas, returns, rules, stacks
from kit.oracle.dividing import largest_remainder
from kit.oracle.orders import Order
from kit.oracle.quotas import Use, Why
from kit.oracle.returns import Given, Part
from kit.oracle.stacks import Applies, Became, LeftOut
from kit.oracle.terms import Campaign, Code, Segment, Stacking, Wish, Word


@dataclass
class Shop:
    """All that decisions go by."""

    campaigns: dict[str, Campaign] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    segments: dict[str, Segment] = field(default_factory=dict)
    stacking: Stacking = field(default_factory=Stacking)
    taken: list[Use] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    orders: dict[str, Order] = field(default_factory=dict)
    redeemers: set[str] = field(default_factory=set)
    kept: dict[tuple[str, str], tuple[datetime, Any]] = field(default_factory=dict)  # metadata

    def redeem(self, wish: Wish) -> tuple[list[Became], bool, list[Given]]:
        """Decide, and take; return what became of each code, who was won, and what was given."""
        became = self.foretell(wish)
        applied = stacks.applying(became, partial=self.stacking.partial)
        if not applied:
            return became, False, []
        is_new = wish.customer is not None and self.is_new(wish)
        given = [
            Given(self.use_of(wish, each), wish.order_id, wish.lines, each.of_lines)
            for each in applied
        ]
        self.given += given
        self.taken += [each.use for each in given]
        if wish.order_id is not None:
            self.orders[wish.order_id] = orders.redeemed_on(self.orders.get(wish.order_id), wish)
        if wish.customer is not None:
            self.redeemers.add(wish.customer)
            for name, value in wish.of_customer.items():  # of each property the newest word holds
                key = (wish.customer, name)
                if key not in self.kept or self.kept[key][0] <= wish.at:
                    self.kept[key] = (wish.at, value)
        return became, is_new, given

    def foretell(self, wish: Wish) -> list[Became]:
        """Say what would become of each code, in the order in which they apply."""
        alone = len(wish.codes) == 1
        stacking = replace(Stacking(), partial=self.stacking.partial) if alone else self.stacking
        of_codes = {
            c: self.campaigns[self.codes[c].campaign] for c in wish.codes if c in self.codes
        }
        codes = stacks.in_order(wish.codes, of_codes, stacking)
        barred: dict[str, LeftOut] = {}  # what does not apply, whatever the others do
        while True:
            excluding = any(
                stacks.is_exclusive(campaign, stacking) and code not in barred
                for code, campaign in of_codes.items()
            )
            became = self._walk(wish, codes, stacking, barred, excluding=excluding)
            if (
                excluding
                and stacking.partial
                and not stacks.excluded_for(became, of_codes, stacking)
            ):
                barred |= stacks.bar(became, of_codes, stacking)
                continue
            short = self._share(wish, became)
            if short is None:
                return became
            if not stacking.partial:
                place = [each.code for each in became].index(short.code)
                rest = [LeftOut(code, stacks.STACK_REFUSED) for code in codes[place + 1 :]]
                return [*became[:place], short, *rest]
            barred[short.code] = short

    def _walk(
        self,
        wish: Wish,
        codes: Sequence[str],
        stacking: Stacking,
        barred: dict[str, LeftOut],
        *,
        excluding: bool,
    ) -> list[Became]:
        became: list[Became] = []
        for code in codes:
            became.append(self._judge(wish, code, stacking, barred, became, excluding=excluding))
            if isinstance(became[-1], LeftOut) and not stacking.partial:
                rest = codes[len(became) :]
                return became + [LeftOut(each, stacks.STACK_REFUSED) for each in rest]
        return became

    def _judge(
        self,
        wish: Wish,
        code: str,
        stacking: Stacking,
        barred: dict[str, LeftOut],
        before: Sequence[Became],
        *,
        excluding: bool,
    ) -> Became:
        if code not in self.codes:
            return LeftOut(code, "not_found")
        applied = [each for each in before if isinstance(each, Applies)]
        campaign = self.offered(code)
        beside = [self.campaigns[self.codes[each.code].campaign] for each in applied]
        why = stacks.left_out(campaign, beside, stacking, excluding=excluding)
        if why is not None:
            return LeftOut(code, *why)
        if code in barred:
            return barred[code]
        takes = checks.takes(campaign, wish, applied, code)
        why = self._refusal(wish, campaign, takes, applied)
        if why is not None:
            return LeftOut(code, *why)
        if stacking.skips_no_effect and not takes.has_effect:
            return LeftOut(code, stacks.NO_EFFECT)
        return takes

    def _refusal(
        self, wish: Wish, campaign: Campaign, takes: Applies, applied: Sequence[Applies]
    ) -> Why | None:
        code = self.codes[takes.code]
        own = [self.use_of(wish, each) for each in applied]
        return (
            checks.state(campaign, code, wish)
            or quotas.against(campaign, code, self.use_of(wish, takes), self.taken, own)
            or checks.order(campaign, wish)
            or rules.violated(
                rules.holding_for(takes.code, campaign), self._case(wish, takes, applied)
            )
        )

    def _case(self, wish: Wish, takes: Applies, applied: Sequence[Applies]) -> rules.Case:
        to_pay = (wish.amount or 0) - sum(each.off for each in [*applied, takes])
        is_new = self.is_new(wish)
        customer, segments = wish.customer, set[str]()
        if customer is not None:
            facts = orders.figures(self.orders, customer, but=wish.order_id)
            segments = {
                name
                for name, segment in self.segments.items()
                if orders.is_in(segment, customer, facts, is_new=is_new)
            }
        kept = {n: value for (whose, n), (_, value) in self.kept.items() if whose == customer}
        return rules.Case(wish, to_pay, is_new, frozenset(segments), kept)

    def is_new(self, wish: Wish) -> bool:
        """Tell whether nobody knows this customer from another order paid before, or a coupon."""
        if wish.customer is None or wish.customer in self.redeemers:
            return False
        first = orders.figures(self.orders, wish.customer, but=wish.order_id).first_paid_at
        return first is None or first >= wish.at

    def _share(self, wish: Wish, became: list[Became]) -> LeftOut | None:
        """Divide what the order has grown by; return the first whose budget does not bear that."""
        applied = stacks.applying(became, partial=True)
        if not applied or (len(applied) < len(became) and not self.stacking.partial):
            return None
        grown = max(0, (wish.amount or 0) - self.counted(wish.order_id))
        shares = largest_remainder(grown, [each.off for each in applied])
        own: list[Use] = []
        for each, share in zip(applied, shares, strict=True):
            shared = replace(each, share=share)
            campaign = self.offered(each.code)
            use = self.use_of(wish, shared)
            why = quotas.short_of_orders(campaign, use, self.taken, own)
            if why is not None:
                return LeftOut(each.code, *why)
            own.append(use)
            became[became.index(each)] = shared
        return None

    def offered(self, code: str) -> Campaign:
        """Return a code's campaign, which for it ends with the code."""
        own = self.codes[code]
        campaign = self.campaigns[own.campaign]
        ends = [each for each in (campaign.ends_at, own.ends_at) if each is not None]
        return replace(campaign, ends_at=min(ends, default=None))

    def counted(self, order_id: str | None) -> int:
        """Return what of an order is counted by now."""
        if order_id is None:
            return 0
        return sum(each.order for each in self.given if each.order_id == order_id)

    def use_of(self, wish: Wish, takes: Applies) -> Use:
        campaign = self.codes[takes.code].campaign
        return Use(takes.code, campaign, wish.customer, wish.at, takes.off, takes.share)

    def tell(self, words: Sequence[Word]) -> None:
        """Take a shop's word for its orders, then roll back what is due of them."""
        for word in words:
            before = self.orders.get(word.order_id)
            self.orders[word.order_id] = orders.told(before, word)
        self.refund({word.order_id for word in words})

    def refund(self, order_ids: Iterable[str]) -> None:
        """Roll back what is due of orders that are cancelled or refunded."""
        for order_id in order_ids:
            self._refund(order_id, self.orders[order_id])

    def _refund(self, order_id: str, order: Order) -> None:
        for each in self.given:
            follows = self.campaigns[each.use.campaign].follows_orders
            if each.order_id != order_id or each.whole or not follows:
                continue
            if not order.refunded and order.status != "CANCELED":
                continue
            if order.status == "CANCELED" or order.refunded >= order.amount:
                self.give_back(returns.all_of(each), by_order=True)
            elif not each.use.share:  # another one's counts for all of the order
                due = each.use.off * order.refunded // order.amount
                off = min(due - each.off_by_orders, each.off)
                if off > 0:
                    self.give_back(Part(each, 0, off, whole=False), by_order=True)
            else:
                due = each.use.share * order.refunded // order.amount
                part = min(due - each.by_orders, each.order)
                if part > 0:
                    self.give_back(returns.by_amount(each, part), by_order=True)

    def roll_back(self, of: Sequence[Given], amount: int | None, units: Mapping[str, int]) -> str:
        """Return why nothing is given back, or "ok"."""
        open_ = [each for each in of if not each.whole]
        if not open_:
            return "already_rolled_back"
        left = sum(each.order for each in open_)
        parts: list[Part] | None
        if units:
            parts = returns.by_units(open_, units)
        elif amount is None or amount == left:
            parts = [returns.all_of(each) for each in open_]
        else:
            parts = returns.amounts(open_, amount) if amount < left else None
        if parts is None:
            return "invalid_rollback_params"
        for part in parts:
            self.give_back(part)
        return "ok"

    def give_back(self, part: Part, *, by_order: bool = False) -> None:
        given, campaign = part.given, self.campaigns[part.given.use.campaign]
        given.order -= part.order
        given.off -= part.off
        given.whole = part.whole
        given.by_orders += part.order if by_order else 0
        given.off_by_orders += part.off if by_order else 0
        if given.units is not None and part.units:
            given.units = [n + now for n, now in zip(given.units, part.units, strict=True)]
        else:
            given.units = None
        self.taken.append(
            given.use._replace(
                off=-part.off if campaign.gives_budget else 0,
                share=-part.order if campaign.gives_budget else 0,
                uses=-1 if part.whole and campaign.gives_use else 0,
            )
        )
