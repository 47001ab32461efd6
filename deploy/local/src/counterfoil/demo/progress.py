"""Shows on stderr what is happening, so that stdout stays the tables' or a script's."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Advance(Protocol):
    """Says how far a stage is."""

    def __call__(self, done: int, /) -> None: ...


@contextmanager
def stage(console: Console, name: str, total: int) -> Iterator[Advance]:
    """Show one stage: a bar on a terminal, a line when it is done everywhere."""
    started = monotonic()
    with Progress(
        TextColumn("  {task.description:<34}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task(name, total=total)

        def advance(done: int) -> None:
            progress.update(task, completed=done)

        yield advance
    console.print(
        f"  [green]✓[/] {name:<34} {total:>6,}  {monotonic() - started:>5.1f} s", highlight=False
    )
