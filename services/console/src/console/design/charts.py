"""What charts are drawn from: values with the texts that a page has made of them. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

MOST_SERIES = 3  # a fourth colour cannot be told from the others (tokens)
WIDTH, HEIGHT = 80.0, 20.0


@dataclass(frozen=True, slots=True)
class Series:
    """A line: what is drawn, and how each value reads."""

    name: str
    values: Sequence[float | None]
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Lines:
    """A time series: buckets, up to three lines, perhaps the period it is compared with."""

    buckets: Sequence[str]  # short, for the axis: "25 Nov"
    spoken: Sequence[str]  # long, for reading and table: "Wednesday, 25 Nov 2026"
    series: Sequence[Series]
    before: Series | None = None
    unfinished: bool = False  # the last bucket is not over

    def __post_init__(self) -> None:
        if len(self.series) > MOST_SERIES:
            raise ValueError(f"at most {MOST_SERIES} lines can be told apart")

    @property
    def all(self) -> Sequence[Series]:
        return [*self.series, *([self.before] if self.before else [])]

    @property
    def is_empty(self) -> bool:
        return not any(value for line in self.series for value in line.values)

    @property
    def json(self) -> str:
        """Return what the script draws; safe inside a data block."""
        data: dict[str, Any] = {
            "buckets": list(self.buckets),
            "spoken": list(self.spoken),
            "series": [self._drawn(line) for line in self.series],
            "before": None if self.before is None else self._drawn(self.before),
            "unfinished": self.unfinished,
        }
        return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")

    def _drawn(self, line: Series) -> dict[str, Any]:
        """Fill a line up: the month before may be three days shorter."""
        size = len(self.buckets)
        lacking = size - len(line.values)
        return {
            "name": line.name,
            "values": [*line.values, *[None] * lacking][:size],
            "texts": [*line.texts, *[""] * lacking][:size],
        }


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A line of 80 × 20 without axes, beside its figure."""

    values: Sequence[float]

    @property
    def points(self) -> Sequence[tuple[float, float]]:
        if len(self.values) < 2:  # noqa: PLR2004  # a line has two ends
            return ()
        top, step = max(*self.values, 0) or 1, WIDTH / (len(self.values) - 1)
        return [
            (round(at * step, 1), round(HEIGHT - 2 - (HEIGHT - 4) * max(value, 0) / top, 1))
            for at, value in enumerate(self.values)
        ]

    @property
    def path(self) -> str:
        return " ".join(f"{x},{y}" for x, y in self.points)


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: of a partner, a reason, an hour."""

    name: str
    value: float
    text: str
    href: str | None = None
    note: str = ""
    tail: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars one under the other, the longest as wide as there is room."""

    bars: Sequence[Bar]

    @property
    def widths(self) -> Sequence[tuple[Bar, float]]:
        top = max((bar.value for bar in self.bars), default=0) or 1
        return [(bar, round(max(100 * bar.value / top, 0), 2)) for bar in self.bars]


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a funnel."""

    name: str
    value: int
    text: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Funnel:
    """From visit to redemption: each step as a part of the first, and of the one before."""

    steps: Sequence[Step]

    @property
    def parts(self) -> Sequence[tuple[Step, float, str]]:
        """Return step, width in percent, and the share that came on from the step before."""
        if not self.steps:
            return []
        top = max(step.value for step in self.steps) or 1
        shares = [
            "",
            *(_share(after.value, before.value) for before, after in pairwise(self.steps)),
        ]
        return [
            (step, round(100 * step.value / top, 2), share)
            for step, share in zip(self.steps, shares, strict=True)
        ]


def _share(part: int, whole: int) -> str:
    """Write the share; nothing where more came than by the step before, such as without a link."""
    return f"{100 * part / whole:.1f} %" if 0 <= part <= whole and whole else ""
