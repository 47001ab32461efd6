"""What `bench switch` says of each phase."""

from counterfoil.bench.switching import PHASES, Phase, figures

QUIET = [10.0] * 99 + [20.0]


def test_the_largest_wait_that_will_do_is_for_the_99th_percentile() -> None:
    waits = [100.0] * 198 + [900.0, 1100.0]

    median, rare = figures(Phase("load", ("load",), 1.0, 250.0), waits, QUIET)

    assert (median.name, median.value, median.goal) == ("switch.load.p50", 100.0, None)
    assert (rare.name, rare.value, rare.goal, rare.met) == ("switch.load.p99", 900.0, 250.0, False)
    assert rare.baseline == 20.0


def test_the_goals_are_for_full_load_and_for_the_attack_beside_it() -> None:
    goals = {phase.name: phase.largest for phase in PHASES if phase.largest}
    crowds = {phase.name: set(phase.crowds) for phase in PHASES}

    assert goals == {"load": 250.0, "attacked": 1000.0}
    assert crowds["attacked"] == {"load", "bodies", "pages", "records"}
