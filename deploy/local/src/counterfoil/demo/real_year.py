"""The retailer's year as a scenario: three partners, 27 campaigns, mailings and redemptions."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import median_low

from contracts.baskets import Customer, Item, Order
from contracts.redemptions import Redeemable, RedemptionRequest
from counterfoil.demo.assumptions import CATEGORIES, PARTNERS, STATED
from counterfoil.demo.baskets import Evidence, Use, stacks
from counterfoil.demo.dataset import Campaign, Dataset, Kind
from counterfoil.demo.scenario import CampaignPlan, RequestPlan, Scenario, VisitPlan


def real_year(dataset: Dataset, uses: Sequence[Use]) -> Scenario:
    """Turn the data set into what is created and sent."""
    campaigns = {campaign.number: campaign for campaign in dataset.campaigns}
    worth = amounts_off(dataset.campaigns, uses)
    products = covered_products(dataset, uses)
    return Scenario(
        partners=tuple(PARTNERS.values()),
        campaigns=tuple(
            plan(campaign, worth[campaign.number], products.get(campaign.number, ()))
            for campaign in dataset.campaigns
        ),
        visits=tuple(
            VisitPlan(
                key=f"mailing-{mailing.campaign}-{mailing.household}",
                campaign=name(campaigns[mailing.campaign]),
                customer=customer(mailing.household),
                at=campaigns[mailing.campaign].starts_at,
            )
            for mailing in dataset.mailings
        ),
        requests=tuple(request(stack, campaigns) for stack in stacks(uses)),
        assumptions=STATED + tuple(told(uses, worth, products)),
    )


def amounts_off(campaigns: Iterable[Campaign], uses: Iterable[Use]) -> dict[int, int]:
    """Tell what a coupon of each campaign takes off: the median of what its lines show.

    A campaign without such a line takes its kind's median. The lower one of two medians: an amount
    that was really taken off.
    """
    shown: defaultdict[int, list[int]] = defaultdict(list)
    for use in uses:
        if use.taken_off_minor is not None:
            shown[use.redemption.campaign].append(use.taken_off_minor)
    of_kind: defaultdict[Kind, list[int]] = defaultdict(list)
    listed = list(campaigns)
    for campaign in listed:
        of_kind[campaign.kind] += shown[campaign.number]
    return {
        campaign.number: median_low(shown[campaign.number] or of_kind[campaign.kind])
        for campaign in listed
    }


def covered_products(dataset: Dataset, uses: Iterable[Use]) -> dict[int, tuple[int, ...]]:
    """Tell what the coupons of a campaign are for, where every redemption of it bears that out."""
    of = {
        campaign.number: frozenset[int]().union(*(dataset.covers[c] for c in campaign.coupons))
        for campaign in dataset.campaigns
    }
    redeemed = set()
    for use in uses:
        number = use.redemption.campaign
        redeemed.add(number)
        if not any(line.product in of.get(number, ()) for line in use.basket.lines):
            of.pop(number, None)
    return {number: tuple(sorted(of[number])) for number in sorted(of) if number in redeemed}


def plan(campaign: Campaign, amount_off_minor: int, products: tuple[int, ...]) -> CampaignPlan:
    return CampaignPlan(
        name=name(campaign),
        description=(
            f"{campaign.kind}, {len(campaign.coupons)} coupons, "
            f"{campaign.starts_on} to {campaign.ends_on}"
        ),
        partner=PARTNERS[campaign.kind].name,
        category=CATEGORIES[campaign.department],
        amount_off_minor=amount_off_minor,
        starts_at=campaign.starts_at,
        ends_at=campaign.ends_at,
        codes=tuple(code(campaign, coupon) for coupon in campaign.coupons),
        expected=campaign.redeemed,
        products=products,
    )


def request(stack: Sequence[Use], campaigns: Mapping[int, Campaign]) -> RequestPlan:
    """Ask for all coupons of a basket together; the record carries the basket's time."""
    basket = stack[0].basket
    codes = [code(campaigns[use.redemption.campaign], use.redemption.coupon) for use in stack]
    return RequestPlan(
        request=RedemptionRequest(
            request_id=f"basket-{basket.id}",
            code=codes[0] if len(codes) == 1 else None,
            redeemables=tuple(Redeemable(code=each) for each in codes) if len(codes) > 1 else (),
            customer=Customer(source_id=customer(basket.household)),
            order=Order(
                id=str(basket.id),
                amount_minor=basket.amount_minor,
                items=tuple(
                    Item(
                        product_id=str(line.product),
                        quantity=line.quantity,
                        amount_minor=line.amount_minor,
                    )
                    for line in basket.lines
                ),
            ),
        ),
        at=basket.at,
    )


def name(campaign: Campaign) -> str:
    return f"{PARTNERS[campaign.kind].name} {campaign.number:02d}"


def code(campaign: Campaign, coupon: int) -> str:
    return f"{PARTNERS[campaign.kind].prefix}{campaign.number:02d}-{coupon}"


def customer(household: int) -> str:
    return f"household-{household}"


def told(
    uses: Sequence[Use], worth: Mapping[int, int], products: Mapping[int, Sequence[int]]
) -> Iterable[str]:
    """Say in figures how much of this is the data's and how much is assumed."""
    seen = Counter(use.evidence for use in uses)
    shown = [use for use in uses if use.taken_off_minor is not None]
    truly = sum(use.taken_off_minor or 0 for use in shown)
    taken = sum(min(worth[use.redemption.campaign], use.basket.amount_minor) for use in shown)
    of_one = stacks(uses)
    yield (
        f"All {len(uses):,} redemptions have a basket of that household on that day. "
        f"{seen[Evidence.COUPON_ON_COVERED_LINE]:,} show what the coupon took off, on a line that "
        f"it covers; {seen[Evidence.COVERED_LINE]:,} have a covered line without a coupon on it, "
        f"{seen[Evidence.COUPON_ELSEWHERE]:,} a coupon on another line, "
        f"{seen[Evidence.BASKET_ONLY]:,} neither."
    )
    yield (
        "A campaign's coupons all take off the median of what its lines show (campaign 24, never "
        "redeemed: the median of Type C). Where lines show it they took off "
        f"{truly / 100:,.2f}; here it is {taken / 100:,.2f}."
    )
    yield (
        f"The redemptions share {len(of_one):,} baskets, up to {max(map(len, of_one))} in one. A "
        "basket's coupons are redeemed together, so that no order counts twice."
    )
    yield (
        f"{len(products)} campaigns are for the products that their coupons cover, where each of "
        "their redemptions has such a product in its basket; the others are for any."
    )
