"""`counterfoil env`: what one role is started with, so that it can be run by hand beside `up`."""

import shlex
from typing import Annotated

from cyclopts import Parameter

from counterfoil.commands import Data, Json
from counterfoil.errors import PlatformError
from counterfoil.platform import Platform
from counterfoil.ports import Ports
from counterfoil.services import ROLES, Role, environment
from counterfoil.showing import print_json


def env(
    role: Annotated[str, Parameter(help="A part, as `status` names it: redemption-worker, …")],
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
    with Ports() as ports:  # free now: it is not kept for the one who starts the role
        names = environment(found, platform.backing, ports.choose())
    if json:
        print_json(names)
    else:
        for name, value in names.items():
            print(f"export {name}={shlex.quote(value)}")  # noqa: T201
    return 0


def find(name: str) -> Role:
    """Find a role by the name that `status` gives it."""
    for role in ROLES:
        if role.name == name:
            return role
    known = ", ".join(role.name for role in ROLES)
    raise PlatformError(f"there is no role {name}; there are: {known}")
