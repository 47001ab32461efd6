"""The command `counterfoil`: what it can do, and how it tells what went wrong.

A command of another module is registered at the end of this file, by the path of its function: the
module is imported when the command is used, so that `counterfoil status` does not pay for the demo.
"""

import logging
import os
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import version

from cyclopts import App, CycloptsError

from contracts.text import BLANKS
from counterfoil.errors import PlatformError
from counterfoil.processes import ProgramError

OWNER_ALONE = 0o077  # whatever we write holds keys, customers or figures

app = App(
    name="counterfoil",
    help="The whole coupon platform on one machine: engines, services, gateway.",
    version=lambda: f"counterfoil {version('counterfoil')}",
)

app.command(
    "counterfoil.commands:up", name="up", help="Start the platform and say where everything listens"
)
app.command("counterfoil.commands:status", name="status", help="Say what runs where and how it is")
app.command("counterfoil.commands:down", name="down", help="Stop the platform; its data stay")
app.command("counterfoil.commands:logs", name="logs", help="Show what a part logged last")
app.command(
    "counterfoil.commands:topics",
    name="topics",
    help="Create the topics, correct those that have drifted",
)
app.command(
    "counterfoil.access.command:acl", name="acl", help="Say what each principal may do on Kafka"
)
app.command(
    "counterfoil.access.command:vendors",
    name="vendors",
    help="Give vendors a way of their own into Kafka, and take it back",
)
app.command(
    "counterfoil.keys:keys", name="keys", help="List, make and revoke the API keys of a project"
)
app.command(
    "counterfoil.users:users", name="users", help="Let people into a project, and out again"
)
app.command(
    "counterfoil.dlq.command:dlq",
    name="dlq",
    help="Look at records that were set aside, put them back, pass one by",
)
app.command("counterfoil.environment:env", name="env", help="Print what one role is started with")
app.command(
    "counterfoil.bench.command:bench", name="bench", help="Measure beside baselines of the same run"
)
app.command(
    "counterfoil.demo.command:demo",
    name="demo",
    help="Replay a real retailer's year, and say what each partner earned",
)
app.command(
    "counterfoil.reconcile.command:reconcile",
    name="reconcile",
    help="Prove ledger, Kafka and ClickHouse equal, or name each difference",
)
# Register the commands of other modules here, as "package.module:function".


def main() -> None:
    """Run the command that was typed, and end with its exit status."""
    # A shell that starts us in the background has us ignore the signal of Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.umask(OWNER_ALONE)
    # What goes wrong with Kafka is raised, and said in one line; its client would say it besides.
    logging.getLogger("aiokafka").addHandler(logging.NullHandler())
    try:
        sys.exit(run(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)


def run(arguments: Sequence[str]) -> int:
    """Run a command; what a person can act on is said in one line, with exit status 2."""
    # What was pasted with a blank, an id say, is meant without.
    given = [argument.strip(BLANKS) for argument in arguments]
    try:
        status = app(given, print_error=False, exit_on_error=False, result_action="return_value")
    except (PlatformError, ProgramError, OSError) as error:
        print(f"counterfoil: {error}", file=sys.stderr)  # noqa: T201
        return 2
    except CycloptsError as error:
        said = " ".join(str(error).split())
        print(f"counterfoil: {said} (see --help)", file=sys.stderr)  # noqa: T201
        return 2
    return status if isinstance(status, int) else 0
