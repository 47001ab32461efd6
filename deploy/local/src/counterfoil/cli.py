"""The command `counterfoil`: what it can do, and how it tells what went wrong.

A command of another module is registered at the end of this file, by the path of its function: the
module is imported when the command is used, so that `counterfoil status` does not pay for the demo.
"""

import sys

from cyclopts import App

from counterfoil.errors import PlatformError
from counterfoil.processes import ProgramError

app = App(
    name="counterfoil",
    help="The whole coupon platform on one machine: engines, services, gateway.",
    version_flags=[],
)

app.command("counterfoil.commands:up", name="up")
app.command("counterfoil.commands:status", name="status")
app.command("counterfoil.commands:down", name="down")
app.command("counterfoil.commands:logs", name="logs")
app.command("counterfoil.commands:topics", name="topics")
app.command("counterfoil.bench.command:bench", name="bench")
app.command("counterfoil.demo.command:demo", name="demo")
app.command("counterfoil.reconcile.command:reconcile", name="reconcile")
# Register the commands of other modules here, as "package.module:function".


def main() -> None:
    """Run a command. What a person can act on is said in one line, with exit status 2."""
    try:
        status = app()
    except (PlatformError, ProgramError, OSError) as error:
        print(f"counterfoil: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(status if isinstance(status, int) else 0)
