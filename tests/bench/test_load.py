"""The benchmarks' requests are good ones: of any other they would wait in vain for decisions."""

from contracts.redemptions import RedemptionRequested
from counterfoil.bench import load


def test_requests_are_what_the_contract_asks_for() -> None:
    for wanted in load.requests("proj_a", "run", ["A", "B"], 50):
        RedemptionRequested.model_validate_json(wanted.value)
