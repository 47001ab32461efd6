"""What a platform does, told as it happens: live on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

from rich.console import Console
from rich.progress import Progress as Bars
from rich.progress import SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

State = Literal["begun", "done", "died", "failed"]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that began or ended: an engine, a migration, a service."""

    name: str
    state: State
    detail: str = ""


Progress = Callable[[Step], None]


def silent(_step: Step) -> None:
    """Tell nobody."""


class Display:
    """Shows steps on standard error; use it as a context and call it with each step."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._began: dict[str, float] = {}
        self._tasks: dict[str, int] = {}
        self._bars: Bars | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            columns = (
                SpinnerColumn(finished_text="[green]✓"),
                TextColumn("{task.description:<22}"),
                TextColumn("[dim]{task.fields[detail]}"),
                TimeElapsedColumn(),
            )
            self._bars = Bars(*columns, console=self._console, transient=False)
            self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.finish()

    def finish(self) -> None:
        """End the live part; what is told from here on comes as plain lines."""
        if self._bars is not None:
            self._bars.stop()
            self._bars = None

    def __call__(self, step: Step) -> None:
        if self._bars is not None and step.state in {"begun", "done"}:
            self._spin(self._bars, step)
        else:
            self._write(step)

    def _spin(self, bars: Bars, step: Step) -> None:
        if step.state == "begun":
            self._tasks[step.name] = bars.add_task(step.name, total=1, detail=step.detail)
        elif step.name in self._tasks:
            bars.update(TaskID(self._tasks[step.name]), completed=1, detail=step.detail)

    def _write(self, step: Step) -> None:
        if step.state == "begun":
            self._began[step.name] = time.monotonic()
            return
        took = ""
        if step.name in self._began:
            took = f" ({time.monotonic() - self._began.pop(step.name):.1f} s)"
        mark = {"done": "ok  ", "died": "DIED", "failed": "FAIL"}.get(step.state, "    ")
        self._console.print(
            f"{mark} {step.name:<22} {step.detail}{took}", markup=False, soft_wrap=True
        )
