"""Made up, and labelled so everywhere: what a tidy year of real data does not show.

A partner, campaigns and customers of its own, so that the real partners' figures stay untouched.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from contracts.baskets import Customer, Item, Order
from contracts.campaigns import CommissionPlan
from contracts.redemptions import Reason, RedemptionRequest
from counterfoil.demo.assumptions import TIME_ZONE
from counterfoil.demo.scenario import (
    CampaignPlan,
    PartnerPlan,
    Phase,
    Refusals,
    RequestPlan,
    Scenario,
    UnreadablePlan,
    VisitPlan,
)

PARTNER = PartnerPlan(
    name="Made-Up Deals (invented)",
    prefix="MADEUP",
    channel="invented",
    contract_notes="Invented for the demo: no such partner is in the data. 10 % of the net order.",
    deal_link="https://made-up-deals.example/grocer",
    landing_page="https://grocer.example/offers/made-up",
    commission=CommissionPlan(share_basis_points=1000),
)
CATEGORY = "Made up"
ZONE = ZoneInfo(TIME_ZONE)
OPENS = datetime(2017, 6, 1, tzinfo=ZONE)
CLOSES = datetime(2017, 12, 1, tzinfo=ZONE)
# Later than any real redemption, so that the whole history stays in the order of time.
AFTER_THE_SWITCH = datetime(2018, 1, 2, 12, tzinfo=UTC)

ENDED, LIMITED, ONCE_EACH = "Made-up: ended", "Made-up: ten in all", "Made-up: one per customer"
SWITCHED_OFF, SENT_TWICE = "Made-up: switched off", "Made-up: sent twice"


def made_up(marker: str) -> Scenario:
    """Make it up, the same every time; `marker` tells the unreadable records of one run."""
    campaigns = (
        campaign(ENDED, expected=3, ends_at=datetime(2017, 7, 1, tzinfo=ZONE)),
        campaign(LIMITED, expected=10, total_limit=10),
        campaign(ONCE_EACH, expected=4, per_customer_limit=1),
        campaign(SWITCHED_OFF, expected=6, ends_at=AFTER_THE_SWITCH + timedelta(days=30)),
        campaign(SENT_TWICE, expected=5),
    )
    requests = tuple(_requests())
    return Scenario(
        partners=(PARTNER,),
        campaigns=campaigns,
        visits=tuple(
            VisitPlan(f"made-up-{plan.name}-{n}", plan.name, f"made-up-{n}", plan.starts_at)
            for plan in campaigns
            for n in range(1, 21)
        ),
        requests=requests,
        unreadable=unreadable(marker),
        refusals=(
            Refusals(ENDED, Reason.VOUCHER_EXPIRED, 5),
            Refusals(LIMITED, Reason.CAMPAIGN_LIMIT_EXCEEDED, 4),
            Refusals(ONCE_EACH, Reason.CUSTOMER_LIMIT_EXCEEDED, 4),
            Refusals(SWITCHED_OFF, Reason.CAMPAIGN_INACTIVE, 6),
            Refusals(None, Reason.NOT_FOUND, 4),
        ),
        switch_off=(SWITCHED_OFF,),
        made_up=(
            "5 uses of a code after its campaign's end; 4 codes that nobody issued.",
            "14 uses of a campaign limited to 10; 8 by 4 customers of one that allows each one.",
            "A campaign disabled over HTTP after 6 of its 12 requests: the other 6 are refused.",
            "5 requests sent twice: each counts once. 2 records that cannot be read.",
        ),
    )


def campaign(
    name: str,
    *,
    expected: int,
    ends_at: datetime = CLOSES,
    total_limit: int | None = None,
    per_customer_limit: int | None = None,
) -> CampaignPlan:
    return CampaignPlan(
        name=name,
        description="Invented for the demo",
        partner=PARTNER.name,
        category=CATEGORY,
        amount_off_minor=200,
        starts_at=OPENS,
        ends_at=ends_at,
        codes=(code_of(name),),
        expected=expected,
        made_up=True,
        total_limit=total_limit,
        per_customer_limit=per_customer_limit,
    )


def code_of(name: str) -> str:
    return f"{PARTNER.prefix}-{name.removeprefix('Made-up: ').upper().replace(' ', '-')}"


def _requests() -> Iterator[RequestPlan]:
    june, july = (datetime(2017, month, 5, 15, tzinfo=UTC) for month in (6, 7))
    yield from asks(ENDED, june, ["1", "2", "3"])
    yield from asks(ENDED, july, ["4", "5", "6", "7", "8"])
    yield from asks(LIMITED, june, [str(n) for n in range(1, 15)])
    yield from asks(ONCE_EACH, june, ["1", "2", "3", "4", "1", "2", "3", "4"])
    yield from asks(SWITCHED_OFF, june, ["1", "2", "3", "4", "5", "6"])
    yield from asks(
        SWITCHED_OFF, AFTER_THE_SWITCH, ["7", "8", "9", "10", "11", "12"], phase="after the switch"
    )
    once = list(asks(SENT_TWICE, july, ["1", "2", "3", "4", "5"]))
    yield from once + once
    yield from asks("Made-up: nobody issued this", july, ["1", "2", "3", "4"])


def asks(
    name: str, at: datetime, customers: Sequence[str], *, phase: Phase = "opening"
) -> Iterator[RequestPlan]:
    """One request a minute; orders of 20.00, 21.00, 22.00 and so on."""
    for n, who in enumerate(customers):
        amount_minor = 2000 + 100 * n
        moment = at + timedelta(minutes=n)
        request_id = f"made-up-{code_of(name)}-{moment:%Y%m%d%H%M}"
        yield RequestPlan(
            request=RedemptionRequest(
                request_id=request_id,
                code=code_of(name),
                customer=Customer(source_id=f"made-up-{who}"),
                order=Order(
                    id=f"order-{request_id}",
                    amount_minor=amount_minor,
                    items=(Item(product_id="made-up", amount_minor=amount_minor),),
                ),
            ),
            at=moment,
            phase=phase,
        )


def unreadable(marker: str) -> tuple[UnreadablePlan, ...]:
    at = datetime(2017, 7, 6, 15, tzinfo=UTC)
    return (
        UnreadablePlan(f"{marker}: \xff\x00 not JSON".encode("latin-1"), "not JSON", at),
        UnreadablePlan(
            (
                '{"specversion":"1.0","id":"made-up","source":"demo","subject":"made-up",'
                '"type":"coupons.redemption.requested.v9","time":"2017-07-06T15:00:00.000Z",'
                f'"projectid":"{marker}","data":{{"codes":["MADEUP"]}}}}'
            ).encode(),
            "a newer major version",
            at,
        ),
    )
