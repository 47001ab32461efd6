"""What a benchmark says: its figure beside the baseline of the same run."""

import os
import platform
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import psutil
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Result:
    """One figure. `ratio` says how many times better than the baseline; `goal` is for the ratio.

    Where `at_most` is set, the goal is the largest value that will do.
    """

    name: str
    value: float
    unit: str
    baseline: float
    baseline_name: str
    ratio: float
    goal: float | None = None
    at_most: bool = False

    @property
    def met(self) -> bool | None:
        if self.goal is None:
            return None
        return self.value <= self.goal if self.at_most else self.ratio >= self.goal

    @property
    def said(self) -> str:
        """Say the goal, and whether it was met."""
        if self.goal is None:
            return ""
        goal = f"<= {self.goal:g}" if self.at_most else f"{self.goal:g} x"
        return f"{goal} {'met' if self.met else 'MISSED'}"


class Baseline(NamedTuple):
    """What a figure is held against, of the same run."""

    value: float
    name: str


def more(
    name: str, value: float, unit: str, than: Baseline, *, goal: float | None = None
) -> Result:
    """More is better: the ratio is how many times more than the baseline."""
    return Result(name, value, unit, *than, value / than.value, goal)


def less(
    name: str, value: float, unit: str, than: Baseline, *, goal: float | None = None
) -> Result:
    """Less is better: the ratio is how many times less than the baseline."""
    return Result(name, value, unit, *than, than.value / value, goal)


def at_most(name: str, value: float, unit: str, than: Baseline, *, largest: float) -> Result:
    """Less is better, and the goal is for the value itself."""
    return Result(name, value, unit, *than, than.value / value, largest, at_most=True)


def machine() -> dict[str, Any]:
    """Describe where this was measured."""
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def as_json(results: list[Result]) -> dict[str, Any]:
    """Return what `--json` prints."""
    return {
        "benchmarks": [{**asdict(result), "met": result.met} for result in results],
        "machine": machine(),
    }


def as_table(results: list[Result]) -> Table:
    """Return what a person reads."""
    where = machine()
    table = Table(
        title=f"{where['cores']} cores, {where['memory_gb']} GB, Python {where['python']}"
    )
    table.add_column("benchmark")
    for column in ("value", "baseline", "ratio", "goal"):
        table.add_column(column, justify="right")
    for result in results:
        table.add_row(
            result.name,
            f"{result.value:,.4g} {result.unit}",
            f"{result.baseline:,.4g} ({result.baseline_name})",
            f"{result.ratio:,.1f} x",
            result.said,
        )
    return table
