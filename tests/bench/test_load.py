"""The benchmarks' requests are good ones: of any other they would wait in vain for decisions."""

from contracts.redemptions import RedemptionRequested
from counterfoil.bench import load


def test_requests_are_what_the_contract_asks_for() -> None:
    for lines in (1, 5):
        for wanted in load.requests("proj_a", "run", load.Load("any", ["A", "B"], lines), 50):
            RedemptionRequested.model_validate_json(wanted.value)
