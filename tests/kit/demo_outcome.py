"""An outcome of the demo, as small as can be: every test states only what it is about."""

from counterfoil.demo.tables import Outcome

PARTNER = {
    "name": "Personal Picks",
    "visits": 3_647,
    "redemptions": 1_718,
    "new_customers": 400,
    "gross_minor": 8_000_000,
    "discount_minor": 171_800,
    "commission_minor": 391_410,
    "profit_minor": 1_676_790,
    "roi": 2.977,
}
CAMPAIGN = {
    "name": "Personal Picks 18",
    "visits": 1_133,
    "accepted": 653,
    "expected": 653,
    "gross_minor": 3_000_000,
    "cost_minor": 200_000,
    "profit_minor": 640_000,
    "roi": 3.2,
}
FAILURE = {
    "reason": "not_found",
    "partner_name": None,
    "attempts": 4,
    "customers": 4,
    "refused_minor": 8_600,
}
LETTER = {
    "value": b"abc",
    "original-topic": "t",
    "original-partition": "0",
    "original-offset": "7",
    "error-text": "not JSON",
}


def an_outcome(**overrides: object) -> Outcome:
    values: dict[str, object] = {
        "currency": "USD",
        "partners": [PARTNER],
        "campaigns": [CAMPAIGN],
        "failures": [FAILURE],
        "dead_letters": [LETTER],
        "differences": [],
        "checked": {"decisions": {"ledger": 2_153, "kafka": 2_153, "clickhouse": 2_153}},
        "assumptions": ["the margin is 28 %"],
        "made_up": ["4 codes that nobody issued"],
    }
    return Outcome(**(values | overrides))  # type: ignore[arg-type]  # built from the examples
