"""The numbers by which a way is chosen, as `bench browse` found them on ten million codes."""

from typing import Final

FEW: Final = 10_000  # are gathered and counted at once; as many as are counted exactly
PROBED: Final = 1_500  # rows that a first short walk passes: they also tell how much is meant
PROBED_BY_VOUCHERS: Final = 500  # where each has to be looked up
STEP: Final = 1_000  # rows before a page for which as much again may be passed
PROBE_ENOUGH: Final = 100  # rows that are meant: found sooner, the walk ends
PROBE_COUNTS: Final = 5  # so many found tell it better than statistics do
WALKED: Final = 30_000  # rows that a walk passes before another way is tried
WALKED_BY_VOUCHERS: Final = 10_000  # where each has to be looked up
MANY_PAIRS: Final = 4_000  # of campaigns and states: to look at each takes as long as a walk
FEW_CAMPAIGNS: Final = 8  # are walked by themselves
MOST_TURNS: Final = 200  # campaigns of an order that are looked at first
TURNS: Final = 50  # campaigns whose counts are read at once
GATHER_MS: Final = 40
COUNT_MS: Final = 20
COUNT_FEW_MS: Final = 250  # where few are expected: a machine is busy, and a wrong total misleads
BACKSTOP_MS: Final = 5_000
WORTH_COUNTING: Final = 20_000  # more are taken to be more than are counted exactly
