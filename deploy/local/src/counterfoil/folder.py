"""One folder holds all of a platform: data, logs, secrets, what runs. One supervisor each."""

import fcntl
import json
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from contracts.principals import PRINCIPALS
from counterfoil.errors import PlatformError

DEFAULT = Path(".counterfoil")
PARTS = ("logs", "postgres", "kafka", "clickhouse", "gateway")
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
VARIABLE = "COUNTERFOIL_DATA"
SIGNING_KEY = "token_signing_key"
SIGNING_KEY_BEFORE = f"{SIGNING_KEY}_before"
SIGNING_KEY_BYTES = 32  # any are an Ed25519 key
GENERATED = (
    *("postgres", "auditor"),
    *("campaigns", "campaigns_owner", "redemption", "redemption_owner"),
    *("clickhouse", "analytics_api", "analytics_worker"),
    *("management_token", "customer_id_key", "console_secret"),
    *("kafka_broker", *(f"kafka_{principal}" for principal in PRINCIPALS)),
)


def chosen(given: Path | None) -> Path:
    """Return the data folder: the option's, the environment's, or the usual one."""
    return (given or Path(os.environ.get(VARIABLE, DEFAULT))).absolute()


class Folder:
    """A platform's data folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.logs = path / "logs"
        self.secrets_file = path / "secrets.json"

    def make(self) -> None:
        """Create it for its owner alone. PostgreSQL's user has a right to walk through (launch.py).

        A folder that was there before us keeps its mode; ours within it are closed all the same.
        """
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.path.stat().st_mode & OTHERS_WRITE:
            raise PlatformError(
                f"others may write to {self.path}: choose another folder, or `chmod 700` this one"
            )
        for part in PARTS:
            own = self.path / part
            own.mkdir(exist_ok=True, mode=0o700)
            own.chmod(0o700)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Own the folder: whoever else tries is told so, whatever became of our state file."""
        self.make()
        with (self.path / "lock").open("w") as lock:
            # Whoever can open it can lock it, and seem to run a platform. The folder may be open.
            os.fchmod(lock.fileno(), 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise PlatformError(f"a platform already runs in {self.path}") from None
            yield

    def is_locked(self) -> bool:
        """Say whether a supervisor lives: the kernel drops its lock when it dies."""
        if not (self.path / "lock").exists():
            return False
        with (self.path / "lock").open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False

    def state(self) -> dict[str, Any]:
        return self._read("platform.json")

    def save_state(self, state: dict[str, Any]) -> None:
        self._write("platform.json", state)

    def secrets(self) -> dict[str, Any]:
        """Return the passwords and keys of this folder, made up at the first call."""
        known = self._read(self.secrets_file.name)
        missing = {name: secrets.token_hex(24) for name in GENERATED if name not in known}
        if SIGNING_KEY not in known:
            missing[SIGNING_KEY] = secrets.token_urlsafe(SIGNING_KEY_BYTES)
        if missing:
            known |= missing
            self._write(self.secrets_file.name, known)
        return known

    def remember(self, name: str, value: object) -> None:
        self._write(self.secrets_file.name, self.secrets() | {name: value})

    def _read(self, name: str) -> dict[str, Any]:
        file = self.path / name
        content: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
        return content

    def _write(self, name: str, content: dict[str, Any]) -> None:
        """Replace a file as a whole, readable by its owner alone: it names passwords."""
        self.make()
        unfinished = self.path / f"{name}.new"
        unfinished.touch(mode=0o600)
        unfinished.write_text(json.dumps(content, indent=2) + "\n")
        unfinished.replace(self.path / name)
