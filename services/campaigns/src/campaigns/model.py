"""What campaigns knows: the values that the stores return and that snapshots are made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from campaigns.actors import Target
from campaigns.catalogue import AssignedRule, Assignment, RuleOfCodes
from campaigns.codes import CodeConfig
from campaigns.limiting import limited
from contracts.campaigns import CampaignCategory, CommissionPlan, Named
from contracts.terms import Conditions, Limits, Terms

CampaignType = Literal["AUTO_UPDATE", "STATIC", "STANDALONE"]
PartnerStatus = Literal["live", "disabled", "not_enforced"]
JobStatus = Literal["ENQUEUED", "IN_PROGRESS", "DONE", "FAILED"]
Metadata = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Partner:
    """Who brings shoppers, and what was agreed."""

    id: str
    version: int
    name: str
    active: bool
    status: PartnerStatus
    contract_notes: str | None
    deal_url: str | None
    landing_url: str | None
    contact: str | None
    metadata: Metadata
    created_at: datetime
    updated_at: datetime | None

    @property
    def target(self) -> Target:
        return Target("partner", self.id, self.name)


@dataclass(frozen=True, slots=True)
class CodeTemplate:
    """What codes are like. A quantity of None was either given, "without limit", or not given."""

    config: CodeConfig = field(default_factory=CodeConfig)
    quantity: int | None = None
    quantity_given: bool = False

    @property
    def quantity_when_generated(self) -> int | None:
        """A unique code is for one use unless told otherwise; a fixed one has no limit."""
        return self.quantity if self.quantity_given else 1


@dataclass(frozen=True, slots=True)
class Details:
    """What people read of a campaign, or this service alone goes by: no snapshot tells it."""

    type: CampaignType = "AUTO_UPDATE"
    description: str | None = None
    contract_notes: str | None = None
    deal_url: str | None = None
    landing_url: str | None = None
    active_after_publishing_seconds: int | None = None  # whole days of it go by the clock
    join_once: bool = False  # of its codes a customer is given one

    def landing_page(self, of_partner: str | None) -> str | None:
        """Return where the deal's link leads, `of_partner` being their own landing page."""
        return self.landing_url or of_partner or self.deal_url


@dataclass(frozen=True, slots=True)
class CampaignDefinition:
    """What a person decides about a campaign; all but its channel may change later."""

    name: str
    channel: str
    terms: Terms
    details: Details
    commission_plan: CommissionPlan
    margin_basis_points: int
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class Campaign:
    """One deal with one partner on one channel.

    A standalone one belongs to a single code, whose name it has, and is in no list.
    """

    id: str
    version: int
    active: bool
    currency: str
    time_zone: str
    definition: CampaignDefinition
    partner: Named
    partner_active: bool
    category: CampaignCategory | None
    code_template: CodeTemplate
    vouchers_count: int
    issuing: bool
    created_at: datetime
    updated_at: datetime | None
    standalone: bool = False
    deleted_at: datetime | None = None
    redemptions: int = 0  # of all its codes, as far as we have heard
    enforced: bool = True  # redemption has this version, as far as we have heard
    rules: tuple[AssignedRule, ...] = ()  # in the order in which they were assigned

    @property
    def target(self) -> Target:
        return Target("campaign", self.id, self.definition.name)

    def terms_to_publish(self, of_codes: Sequence[RuleOfCodes]) -> Terms:
        """Return what redemption is told: the terms, with the rules of all codes and of some.

        What is a limit holds for all of them: rules of single codes have none.
        """
        of_all: tuple[str, ...] = ()
        written = [(each.rule, of_all) for each in self.rules]
        written += [(each.rule, each.voucher_ids) for each in of_codes]
        judged = tuple(
            [
                rule.model_copy(update={"vouchers": voucher_ids})
                for each, voucher_ids in written
                if (rule := each.judged) is not None
            ]
        )
        told = {"conditions": Conditions(rules=judged), "limits": self.limits}
        return self.definition.terms.model_copy(update=told)

    @property
    def limits(self) -> Limits:
        """What limits it: its own limits and those of its rules, of two the lower."""
        return limited(self.definition.terms.limits, [each.rule for each in self.rules])

    @property
    def enforced_active(self) -> bool:
        """What redemption is told: whatever keeps its codes from redeeming looks the same there."""
        return self.active and self.partner_active and self.deleted_at is None


@dataclass(frozen=True, slots=True)
class Voucher:
    """One code and how often it was used, as far as we have heard."""

    id: str
    code: str
    campaign_id: str
    generated: bool
    active: bool
    version: int
    quantity: int | None
    redeemed_quantity: int
    metadata: Metadata
    created_at: datetime
    updated_at: datetime | None
    deleted_at: datetime | None = None
    publication_id: str | None = None  # by which a customer was given it
    holder_id: str | None = None  # who that is, by a pseudonym
    published_at: datetime | None = None
    ends_at: datetime | None = None  # its own end, beside its campaign's
    active_from_version: int | None = None  # of its campaign: not active before that
    rules: tuple[Assignment, ...] = ()  # its own, beside its campaign's: where it is read alone

    @property
    def target(self) -> Target:
        return Target("voucher", self.id, self.code)

    def ends_within(self, campaign: Campaign) -> datetime | None:
        """Return when it ends: with its campaign, or sooner, where it has an end of its own."""
        of_campaign = campaign.definition.terms.validity.ends_at
        if of_campaign is None or self.ends_at is None:
            return self.ends_at if of_campaign is None else of_campaign
        return min(of_campaign, self.ends_at)

    @property
    def enforced_active(self) -> bool:
        """What redemption is told of the code; of its campaign it is told by itself."""
        return self.active and self.deleted_at is None


@dataclass(frozen=True, slots=True)
class Publication:
    """That a customer, by a pseudonym, was given codes of one campaign."""

    id: str
    campaign_id: str
    customer_id: str
    voucher_ids: tuple[str, ...]
    codes: tuple[str, ...]
    channel: str
    metadata: Metadata
    source_id: str | None
    created_at: datetime
    wish: bytes = field(repr=False)  # a digest of what was asked for


@dataclass(frozen=True, slots=True)
class Job:
    """A bulk issue and how far it got."""

    project_id: str
    id: str
    campaign_id: str
    status: JobStatus
    wanted: int
    done: int
    quantity: int | None
    active: bool
    config: CodeConfig
    metadata: Metadata
    actor: str
    request_id: str
    failure: str | None
    created_at: datetime
    updated_at: datetime
