"""What a benchmark says: its figure beside the baseline of the same run."""

import os
import platform
from dataclasses import asdict, dataclass
from typing import Any

import psutil
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Result:
    """One figure. `ratio` says how many times better than the baseline; `goal` is for the ratio."""

    name: str
    value: float
    unit: str
    baseline: float
    baseline_name: str
    ratio: float
    goal: float | None

    @property
    def met(self) -> bool | None:
        return None if self.goal is None else self.ratio >= self.goal


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
            "" if result.goal is None else f"{result.goal:g} x {'met' if result.met else 'MISSED'}",
        )
    return table
