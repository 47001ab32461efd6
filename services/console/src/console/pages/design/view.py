"""What the components of /design are filled with. None of it is anybody's."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from markupsafe import Markup

from console.design import charts
from console.design.parts import Change, Chip, Column, Crumb, Difference, Happening, Option, Tab
from console.pages.design import drawn

STATUSES = ("live", "scheduled", "used_up", "expired", "disabled", "not_enforced", "in_bin")
OUTCOMES = ("accepted", "refused", "rolled_back", "partly_rolled_back")
COMMISSIONS = ("pending", "approved", "paid", "clawed_back")
OTHERS = ("queued", "running", "done", "failed", "stopped", "enabled", "revoked", "invited")
COMPONENTS = (
    *("tokens", "button", "field", "form", "status", "table", "filters", "pager", "period"),
    *("figures", "chart", "notice", "dialog", "menu", "tabs", "history", "live"),
)
NAMES = ("Autumn Weekend", "Newsletter Welcome", "Student Days", "Free Delivery for Regulars")
NOTES = ("ends in 5 days", "starts 1 Dec", "200 of 200", "on 30 Nov", "with its partner", "", "")


@dataclass(frozen=True, slots=True)
class Problem:
    field: str | None
    text: str


@dataclass(frozen=True, slots=True)
class View:
    """Names of the components, and what fills them."""

    components: Sequence[str] = COMPONENTS
    statuses: Sequence[str] = STATUSES
    outcomes: Sequence[str] = OUTCOMES
    commissions: Sequence[str] = COMMISSIONS
    others: Sequence[str] = OTHERS
    spark: charts.Sparkline = field(default_factory=drawn.spark)
    lines: charts.Lines = field(default_factory=drawn.lines)
    bars: charts.Bars = field(default_factory=drawn.bars)
    funnel: charts.Funnel = field(default_factory=drawn.funnel)
    empty_funnel: charts.Funnel = field(default_factory=drawn.empty_funnel)

    @property
    def columns(self) -> Sequence[Column]:
        return (
            Column("code", "Code", card="title", sort_href="?", sorted="ascending"),
            Column("campaign", "Campaign", cut=True, sort_href="?"),
            Column("status", "Status", card="status"),
            Column("offer", "Offer"),
            Column("redeemed", "Redeemed", number=True, card="figure", sort_href="?"),
            Column("discount", "Discount, EUR", number=True, sort_href="?"),
            Column("ends", "Ends", sort_href="?"),
        )

    @property
    def rows(self) -> Sequence[dict[str, Any]]:
        return [
            {
                "id": f"code_{at}",
                "code": f"AUTUMN-{7919 * (at + 3) % 9973:04d}-K{at}",
                "campaign": NAMES[at % len(NAMES)],
                "status": status,
                "note": NOTES[at],
                "offer": "10 % off",
                "redeemed": 37 * at * at + 4,
                "discount": f"{1_234.5 * at:,.2f}",
                "ends": Markup('<time datetime="2026-11-30T23:00:00Z">30 Nov 2026</time>'),
            }
            for at, status in enumerate(STATUSES)
        ]

    @property
    def partner_columns(self) -> Sequence[Column]:
        heads = ("Gross", "Discount", "Commission", "Profit")
        return (
            Column("name", "Partner"),
            Column("visits", "Visits", number=True),
            Column("redemptions", "Redemptions", number=True, sorted="descending", sort_href="?"),
            *(Column(head.lower(), f"{head}, EUR", number=True, sort_href="?") for head in heads),
            Column("roi", "ROI", number=True, sort_href="?"),
        )

    @property
    def partners(self) -> Sequence[dict[str, str]]:
        return [
            {
                "name": name,
                "visits": f"{3_647 * factor:,}",
                "redemptions": f"{1_718 * factor:,}",
                "gross": f"{81_726.27 * factor:,.2f}",
                "discount": f"{1_714 * factor:,.2f}",
                "commission": f"{4_000.88 * factor:,.2f}",
                "profit": f"{17_168.48 * factor:,.2f}",
                "roi": "3.0 ×",
            }
            for name, factor in (("Personal Picks", 3), ("Sunday Mailer", 2), ("Season Book", 1))
        ]

    @property
    def options(self) -> Sequence[Option]:
        return [
            Option(status, status.replace("_", " ").capitalize(), status == "live", tail=f"{n:,}")
            for status, n in zip(STATUSES, (2418, 12, 310, 8, 4, 1, 0), strict=True)
        ]

    @property
    def channels(self) -> Sequence[Option]:
        words = (
            ("", "Any"),
            ("newsletter", "Newsletter"),
            ("app", "App"),
            ("influencer", "Influencer"),
        )
        return [Option(value, label) for value, label in words]

    @property
    def chips(self) -> Sequence[Chip]:
        return [
            Chip("Ends before 1 Dec 2026", "?"),
            Chip("Partner: Personal Picks", "?"),
            Chip("Redeemed at least 10 times", "?"),
        ]

    @property
    def sizes(self) -> Sequence[Option]:
        return [Option(n, n, n == "50", f"?limit={n}") for n in ("25", "50", "100")]

    @property
    def presets(self) -> Sequence[Option]:
        names = ("Today", "Yesterday", "Last 7 days", "Last 28 days", "Last 90 days", "This month")
        more = ("Last month", "This quarter", "This year", "Last 12 months", "All time")
        return [Option(n, n, n == "Last 28 days", "?") for n in (*names, *more)]

    @property
    def compares(self) -> Sequence[Option]:
        names = ("No comparison", "The 28 days before", "The year before")
        return [Option(n, n, n == names[1], "?") for n in names]

    @property
    def grains(self) -> Sequence[Option]:
        return [
            Option("hour", "Hour"),
            Option("day", "Day", chosen=True, href="?"),
            Option("week", "Week", href="?"),
        ]

    @property
    def tabs(self) -> Sequence[Tab]:
        return [
            Tab("Live", "?", current=True, count="2,418"),
            Tab("Scheduled", "?", count="12"),
            Tab("Ending soon", "?", count="31"),
            Tab("Used up", "?", count="310"),
            Tab("Expired", "?", count="8"),
            Tab("Disabled", "?", count="4"),
            Tab("All", "?"),
        ]

    @property
    def crumbs(self) -> Sequence[Crumb]:
        return [Crumb("Campaigns", "?"), Crumb("Autumn Weekend", "?")]

    @property
    def up(self) -> Change:
        return Change("+12.5 %", "up 12.5 % on the 28 days before", "up", "good")

    @property
    def down(self) -> Change:
        return Change("−3.1 %", "down 3.1 % on the 28 days before", "down", "bad")

    @property
    def worse(self) -> Change:
        return Change("+18", "18 more than in the 28 days before", "up", "bad")

    @property
    def new(self) -> Change:
        return Change("new", "none in the 28 days before")

    @property
    def attention(self) -> Sequence[dict[str, str]]:
        return [
            {"count": "12", "label": "end within 7 days", "href": "?", "tone": ""},
            {"count": "3", "label": "limits 95 % used", "href": "?", "tone": ""},
            {"count": "1", "label": "switch is not enforced yet", "href": "?", "tone": "bad"},
        ]

    @property
    def problems(self) -> Sequence[Problem]:
        return [
            Problem(None, "Somebody else saved this in the meantime"),
            Problem("wrong", "Enter the end as a date after the start"),
        ]

    @property
    def differences(self) -> Sequence[Any]:
        return [
            MappingProxyType(
                {
                    "field": "Ends",
                    "before": "30 Nov 2026",
                    "theirs": "31 Dec 2026",
                    "yours": "7 Dec 2026",
                }
            )
        ]

    @property
    def history(self) -> Sequence[Happening]:
        when = Markup('<time datetime="2026-11-25T16:06:00Z">25 Nov 2026, 17:06</time>')
        return [
            Happening(
                when,
                "Mara Lindt",
                "console",
                "Changed",
                [
                    Difference("Ends", "30 Nov 2026", "31 Dec 2026"),
                    Difference("Limit", "200", None),
                ],
            ),
            Happening(when, "Checkout key", "API", "Disabled"),
        ]
