"""What a campaign and a code are doing now, as lists, pages and CSV say it. Pure.

One status wins, in the order of `STATUSES`; its rank is its place there. A code takes what its
campaign says unless its own rank is lower: so a code's status is the least of two ranks. The same
rules stand here for Python and for SQL, side by side; a test holds them equal.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

Status = Literal["in_bin", "not_enforced", "disabled", "scheduled", "expired", "used_up", "live"]
Reason = Literal["voucher", "campaign", "partner", "dates", "quantity", "limit"]

STATUSES: Final[tuple[Status, ...]] = (
    "in_bin", "not_enforced", "disabled", "scheduled", "expired", "used_up", "live",
)  # fmt: skip
RANK: Final[dict[Status, int]] = {status: rank for rank, status in enumerate(STATUSES, 1)}
OWN: Final = (  # those that a code can have by itself
    RANK["in_bin"], RANK["disabled"], RANK["expired"], RANK["used_up"], RANK["live"],
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """A status, who decides it (None: nobody keeps it from being live), and since when, if known.

    Of what is to begin it says nothing: the campaign's dates do.
    """

    status: Status
    reason: Reason | None = None
    since: datetime | None = None

    @property
    def rank(self) -> int:
        return RANK[self.status]


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """What a campaign's status depends on. `enforced`: redemption has confirmed this version."""

    deleted_at: datetime | None
    active: bool
    partner_active: bool
    enforced: bool
    starts_at: datetime | None
    ends_at: datetime | None
    total_limit: int | None
    redemptions: int
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class VoucherFacts:
    """What a code's own part of its status depends on."""

    deleted_at: datetime | None
    active: bool
    enforced: bool
    quantity: int | None
    redeemed_quantity: int
    ends_at: datetime | None
    changed_at: datetime | None


def of_campaign(facts: CampaignFacts, at: datetime) -> Standing:
    if facts.deleted_at is not None:
        return Standing("in_bin", "campaign", facts.deleted_at)
    if not (facts.active and facts.partner_active):
        status: Status = "disabled" if facts.enforced else "not_enforced"
        return Standing(status, "partner" if facts.active else "campaign", facts.changed_at)
    if facts.starts_at is not None and at < facts.starts_at:
        return Standing("scheduled", "dates")
    if facts.ends_at is not None and at >= facts.ends_at:
        return Standing("expired", "dates", facts.ends_at)
    if facts.total_limit is not None and facts.redemptions >= facts.total_limit:
        return Standing("used_up", "limit")
    return Standing("live")


def of_voucher(facts: VoucherFacts, campaign: Standing, at: datetime) -> Standing:
    own = _own(facts, at)
    return own if own.rank < campaign.rank else campaign


def _own(facts: VoucherFacts, at: datetime) -> Standing:
    if facts.deleted_at is not None:
        return Standing("in_bin", "voucher", facts.deleted_at)
    if not facts.active:
        status: Status = "disabled" if facts.enforced else "not_enforced"
        return Standing(status, "voucher", facts.changed_at)
    if facts.ends_at is not None and at >= facts.ends_at:
        return Standing("expired", "dates", facts.ends_at)
    if facts.quantity is not None and facts.redeemed_quantity >= facts.quantity:
        return Standing("used_up", "quantity")
    return Standing("live")


def campaign_rank(at: str) -> str:
    """Return SQL over the view `listed_campaigns`: the rank of its status; `at` names a value."""
    return f"""(CASE WHEN deleted_at IS NOT NULL THEN 1
        WHEN NOT (active AND partner_active) THEN CASE WHEN enforced THEN 3 ELSE 2 END
        WHEN starts_at > {at} THEN 4 WHEN ends_at <= {at} THEN 5
        WHEN redemptions >= total_limit THEN 6 ELSE 7 END)"""


def matching(wanted: frozenset[int]) -> frozenset[int]:
    """Return the ranks that are meant: who asks for what is disabled means what will be, too."""
    disabled, unconfirmed = RANK["disabled"], RANK["not_enforced"]
    return wanted | {unconfirmed} if disabled in wanted else wanted


def own_ranks(campaign: int, wanted: frozenset[int]) -> tuple[int, ...]:
    """Return which own ranks a code of such a campaign has, where the least of both is wanted."""
    return tuple(own for own in OWN if min(own, campaign) in wanted)
