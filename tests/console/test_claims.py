"""What a redemption took of limits, as the ledger calls it and as people read it."""

import pytest

from console.web import claims


@pytest.mark.parametrize(
    ("kind", "subject", "amount", "said"),
    [
        ("campaign", "", 1, ("Of the campaign", "1")),
        ("code", "AUTUMN10", 1, ("Of the code", "1")),
        (
            "redemptions of customer per day in Europe/Berlin",
            "2026-11-26 cust_1",
            1,
            ("Redemptions per customer and day", "1 (2026-11-26)"),
        ),
        ("discount of campaign", "", 1250, ("Discount in all", "12.50 EUR")),
        (
            "order of code per week in America/New_York",
            "2026-W48 AUTUMN 10",
            99_900,
            ("Orders per code and week", "999.00 EUR (2026-W48)"),
        ),
        ("points of planet", "mars", 3, ("points of planet", "3 mars")),
    ],
)
def test_a_claim_is_written_in_words(
    kind: str, subject: str, amount: int, said: tuple[str, str]
) -> None:
    claim = {"kind": kind, "subject": subject, "amount": amount}

    assert claims.written(claim, "EUR") == said
