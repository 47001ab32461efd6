"""Our commands as they can be typed here: what is not on the PATH is no hint."""

import os
import shlex
import shutil
import sys
import sysconfig
from pathlib import Path

from counterfoil.folder import chosen


def typed(words: str, data: Path | None = None) -> str:
    """Write a command for the reader's shell, with the data folder unless it is the usual one."""
    command = f"{program()} {words}"
    if data is None or data == chosen(None):
        return command
    return f"{command} --data {shlex.quote(near(data))}"


def named_by_shell() -> str:
    """Return what to say of a Kafka that cannot be asked, where this shell says which one it is."""
    if not os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        return ""
    return " (KAFKA_BOOTSTRAP_SERVERS of this shell names it: unset KAFKA_… to ask our own)"


def program() -> str:
    """Return `counterfoil` where the shell finds ours by that name, or else where it is."""
    script = Path(sysconfig.get_path("scripts")) / "counterfoil"
    if not script.exists():
        return f"{shlex.quote(sys.executable)} -m counterfoil"
    found = shutil.which("counterfoil")
    if found is not None and script.samefile(found):
        return "counterfoil"
    return shlex.quote(near(script))


def near(path: Path) -> str:
    """Write a path as seen from here, if it lies below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
