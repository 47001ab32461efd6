"""What the components of /design are filled with. None of it is anybody's."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from markupsafe import Markup

from console.design import charts
from console.design.parts import Change, Chip, Column, Crumb, Difference, Happening, Option, Tab

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
    def spark(self) -> charts.Sparkline:
        return charts.Sparkline([4, 6, 5, 9, 8, 12, 11, 15, 13, 18])

    @property
    def attention(self) -> Sequence[dict[str, str]]:
        return [
            {"count": "12", "label": "end within 7 days", "href": "?", "tone": ""},
            {"count": "3", "label": "limits 95 % used", "href": "?", "tone": ""},
            {"count": "1", "label": "switch is not enforced yet", "href": "?", "tone": "bad"},
        ]

    @property
    def lines(self) -> charts.Lines:
        days = range(28)
        accepted = [round(60 + 25 * math.sin(d / 2.2) + d) for d in days]
        refused = [round(14 + 6 * math.cos(d / 3)) for d in days]
        before = [round(55 + 22 * math.sin(d / 2.2 + 0.6)) for d in days]
        return charts.Lines(
            buckets=[f"{d + 1} Nov" for d in days],
            spoken=[f"{d + 1} Nov 2026" for d in days],
            series=[
                charts.Series("Redemptions", accepted, [f"{n:,}" for n in accepted]),
                charts.Series("Refusals", refused, [f"{n:,}" for n in refused]),
            ],
            before=charts.Series("28 days before", before, [f"{n:,}" for n in before]),
            unfinished=True,
        )

    @property
    def upright(self) -> charts.Upright:
        names = [f"{hour:02d}:00" for hour in range(0, 24, 2)]
        values = [2, 1, 0, 4, 12, 31, 44, 52, 47, 60, 38, 9]
        return charts.Upright(
            [
                charts.Bar(name, value, f"{value}", is_open=name == names[-1])
                for name, value in zip(names, values, strict=True)
            ]
        )

    @property
    def bars(self) -> charts.Bars:
        return charts.Bars(
            [
                charts.Bar("Personal Picks", 17168.48, "17,168.48", "?", "3.0 ×"),
                charts.Bar("Sunday Mailer", 4325.39, "4,325.39", "?", "8.9 ×"),
                charts.Bar("Season Book", 746.41, "746.41", "?", "5.1 ×"),
                charts.Bar(
                    "A partner whose name is far too long for its line", 64.62, "64.62", "?"
                ),
            ]
        )

    @property
    def funnel(self) -> charts.Funnel:
        return charts.Funnel(
            [
                charts.Step("Visits", 6589, "6,589"),
                charts.Step("Codes shown", 4012, "4,012"),
                charts.Step("Tried at the checkout", 2153, "2,153", "?"),
                charts.Step("Redeemed", 2130, "2,130", "?"),
            ]
        )

    @property
    def empty_funnel(self) -> charts.Funnel:
        return charts.Funnel([charts.Step("Visits", 0, "0"), charts.Step("Redeemed", 0, "0")])

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
