"""The command `counterfoil`: what it answers, without or with a process of its own."""

import contextlib
import io
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

from counterfoil import cli
from kit.hung import waits_of

LONGEST_SECONDS = 120.0


def counterfoil(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run it here, where all is imported: a process would do that anew, for half a second."""
    out, err = io.StringIO(), io.StringIO()
    thread: list[int] = []

    def run() -> int:
        thread.append(threading.get_ident())
        with (
            patch.dict(os.environ, environment),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            return cli.run(arguments)

    with ThreadPoolExecutor(1) as apart:  # a command runs a loop of its own
        running = apart.submit(run)
        try:
            status = running.result(LONGEST_SECONDS)
        except TimeoutError:
            if running.done():  # it is the command's own
                raise
            waits = waits_of(thread[0])
            raise AssertionError(f"{arguments} did not end; what it waits for:\n{waits}") from None
    return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())


def counterfoil_process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run it as a user does: for what libraries say by themselves, and how a process ends."""
    return subprocess.run(
        [sys.executable, "-m", "counterfoil", *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_SECONDS,
    )
