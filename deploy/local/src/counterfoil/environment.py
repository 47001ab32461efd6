"""`counterfoil env`: what one role is started with, so that it can be run by hand beside `up`.

And how a principal of Kafka that is no service comes in: a checkout, an importer, the operator.
"""

import shlex
from typing import Annotated

from cyclopts import Parameter

from contracts.principals import PRINCIPALS, SERVICES
from counterfoil.commands import Data, Json
from counterfoil.errors import PlatformError
from counterfoil.platform import Platform
from counterfoil.ports import Ports
from counterfoil.services import PROBE, ROLES, Role, environment
from counterfoil.showing import print_json

OUTSIDERS = [name for name in PRINCIPALS if name not in SERVICES]


def env(
    role: Annotated[
        str, Parameter(help="A part, as `status` names it (redemption-worker, …), or checkout, …")
    ],
    /,
    *,
    json: Json = False,
    data: Data = None,
) -> int:
    """Print the environment of one role of the running platform, secrets and all, for a shell.

    `eval "$(counterfoil env redemption-worker)"; python -m redemption worker` runs it by hand, on a
    port of its own for its health. The platform's own copy goes on: see docs/platform.md.
    """
    found = find(role)
    platform = Platform.at(data)
    if found is None:
        names = platform.principals[role].environment()
    else:
        with Ports() as ports:  # free now: it is not kept for the one who starts the role
            names = environment(found, platform.backing, ports.choose())
    if json:
        print_json(names)
    else:
        for name, value in names.items():
            print(f"export {name}={shlex.quote(value)}")  # noqa: T201
    return 0


def find(name: str) -> Role | None:
    """Find a role by the name that `status` gives it, or None for a principal of Kafka's."""
    for role in (*ROLES, PROBE):
        if role.name == name:
            return role
    if name in OUTSIDERS:
        return None
    known = ", ".join([*(role.name for role in (*ROLES, PROBE)), *OUTSIDERS])
    raise PlatformError(f"there is no role {name}; there are: {known}")
