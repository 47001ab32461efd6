"""`python -m console web`: settings -> the role -> run."""

import sys
from typing import Any

from console.settings import SERVICE, WebSettings
from servicekit.process import Command, Role, main

ROLES: dict[str, Role[Any] | Command[Any]] = {"web": Role(WebSettings, "console.app:web")}

if __name__ == "__main__":
    sys.exit(main(SERVICE, ROLES, sys.argv[1:]))
