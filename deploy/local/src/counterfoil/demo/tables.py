"""What a person reads at the end of the demo."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that the demo found out; figures are those of ClickHouse."""

    currency: str
    partners: list[Row]
    campaigns: list[Row]
    failures: list[Row]
    dead_letters: list[Row]
    differences: list[Row]
    checked: Row
    assumptions: Sequence[str] = ()
    made_up: Sequence[str] = ()
    made_up_partners: frozenset[str] = field(default_factory=frozenset)


def everything(outcome: Outcome) -> Iterator[RenderableType]:
    yield partners(outcome)
    yield campaigns(outcome)
    yield failures(outcome)
    yield dead_letters(outcome)
    yield _notes("Assumed, because the data do not tell", outcome.assumptions)
    yield _notes("Made up (marked *), with a partner and customers of its own", outcome.made_up)
    yield verdict(outcome)


def partners(outcome: Outcome) -> Table:
    table = _table(f"What each partner earned, in {outcome.currency}")
    table.add_column("partner", no_wrap=True)
    for name in ("visits", "redeemed", "new cust.", "gross", "discount", "commission"):
        table.add_column(name, justify="right")
    for name in ("profit", "ROI"):
        table.add_column(name, justify="right")
    for row in sorted(outcome.partners, key=lambda row: -row["profit_minor"]):
        table.add_row(
            _starred(row["name"], made_up=row["name"] in outcome.made_up_partners),
            *(f"{row[name]:,}" for name in ("visits", "redemptions", "new_customers")),
            *(
                money(row[f"{name}_minor"])
                for name in ("gross", "discount", "commission", "profit")
            ),
            ratio(row["roi"]),
        )
    return table


def campaigns(outcome: Outcome) -> Table:
    table = _table("The campaigns, most profitable first")
    table.add_column("", justify="right")
    table.add_column("campaign", no_wrap=True)
    for name in ("visits", "accepted", "expected", "gross", "cost", "profit", "ROI"):
        table.add_column(name, justify="right")
    for rank, row in enumerate(outcome.campaigns, start=1):
        table.add_row(
            str(rank),
            _starred(row["name"], made_up=row.get("made_up", False)),
            f"{row.get('visits', 0):,}",
            f"{row['accepted']:,}",
            Text(f"{row['expected']:,}", style="" if row["accepted"] == row["expected"] else "red"),
            *(money(row.get(f"{name}_minor", 0)) for name in ("gross", "cost", "profit")),
            ratio(row.get("roi")),
        )
    return table


def failures(outcome: Outcome) -> Table:
    table = _table("Refused, and the value of the baskets lost")
    table.add_column("reason", no_wrap=True)
    table.add_column("partner", no_wrap=True)
    for name in ("refused", "customers", "baskets"):
        table.add_column(name, justify="right")
    for row in sorted(outcome.failures, key=lambda row: -row["refused_minor"]):
        partner = row["partner_name"]
        table.add_row(
            row["reason"],
            _starred(partner, made_up=partner in outcome.made_up_partners)
            if partner
            else "nobody issued this code *",
            f"{row['attempts']:,}",
            f"{row['customers']:,}",
            money(row["refused_minor"]),
        )
    return table


def dead_letters(outcome: Outcome) -> Table:
    table = _table("Set aside, because it cannot be read *")
    table.add_column("from (topic / partition / offset)", no_wrap=True)
    table.add_column("bytes", justify="right")
    table.add_column("why", overflow="fold")
    for row in outcome.dead_letters:
        origin = (row.get(f"original-{part}", "") for part in ("topic", "partition", "offset"))
        table.add_row(" / ".join(origin), str(len(row["value"])), row.get("error-text", ""))
    return table


def verdict(outcome: Outcome) -> RenderableType:
    """Say in one line whether all agree, or name every difference."""
    decisions = outcome.checked.get("decisions", {})
    counted = ", ".join(f"{place} {count:,}" for place, count in decisions.items())
    if not outcome.differences:
        accepted = sum(row["accepted"] for row in outcome.campaigns)
        return Text.from_markup(
            f"[green]✓[/] Reconciled: {counted} decisions, the same one by one and in every sum; "
            f"{accepted:,} accepted, campaign by campaign as the data set says."
        )
    listed = [
        ", ".join(f"{name} {value}" for name, value in difference.items())
        for difference in outcome.differences
    ]
    return Group(
        Text(f"✗ {len(listed)} difference{'s'[: len(listed) > 1]} ({counted}):", style="red"),
        *(Text(f"  {line}") for line in listed),
    )


def money(minor: int) -> str:
    """Write minor units with two decimals, exactly."""
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100:,}.{abs(minor) % 100:02d}"


def ratio(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _starred(name: str, *, made_up: bool) -> str:
    return f"{name} *" if made_up else name


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)


def _notes(title: str, notes: Sequence[str]) -> RenderableType:
    return Group(Text(title, style="bold"), *(Text(f"  · {note}") for note in notes), Text())
