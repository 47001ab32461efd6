import pytest
from kit.demo_outcome import an_outcome
from rich.console import Console

from counterfoil.demo.tables import Outcome, everything, money, ratio


def shown(outcome: Outcome) -> str:
    console = Console(width=120)
    with console.capture() as capture:
        console.print(*everything(outcome), sep="\n")
    return capture.get()


def test_the_tables_show_figures_assumptions_and_what_was_made_up() -> None:
    text = shown(an_outcome())

    for part in ("Personal Picks 18", "80,000.00", "16,767.90", "2.98", "not_found", "86.00"):
        assert part in text
    assert "the margin is 28 %" in text
    assert "4 codes that nobody issued" in text
    assert "t / 0 / 7" in text
    assert "Reconciled: ledger 2,153, kafka 2,153, clickhouse 2,153" in text


def test_the_made_up_partner_is_marked() -> None:
    assert "Personal Picks *" in shown(an_outcome(made_up_partners=frozenset({"Personal Picks"})))


def test_every_difference_is_listed() -> None:
    lost = {"kind": "missing", "id": "0193", "where": "clickhouse"}
    text = shown(an_outcome(differences=[lost]))

    assert "1 difference " in text
    assert "kind missing, id 0193, where clickhouse" in text


@pytest.mark.parametrize(
    ("minor", "text"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (123_456_789, "1,234,567.89")]
)
def test_money_is_written_exactly(minor: int, text: str) -> None:
    assert money(minor) == text


def test_a_return_on_nothing_is_no_number() -> None:
    assert (ratio(None), ratio(2.977)) == ("-", "2.98")
