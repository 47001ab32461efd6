"""Who may ask: users with passwords, in a file that the platform writes and we read again.

A user with a project is a reader for BI tools: it sees that project's rows and nothing else. One
with views alone reads what analytics ships, of all projects, and no table beneath. The others are
services: `rights` says what each may.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Rights = Literal["everything", "inserts", "reads"]


@dataclass(frozen=True, slots=True)
class User:
    name: str
    password: str
    project_id: str | None = None
    views_alone: bool = False
    rights: Rights = "everything"


class Users:
    """The users in a file; a change of the file counts at once."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read_at = -1
        self._users: dict[str, User] = {}

    def authenticate(self, name: str, password: str) -> User | None:
        changed_at = self._file.stat().st_mtime_ns
        if changed_at != self._read_at:
            self._users = {
                entry["name"]: User(**entry) for entry in json.loads(self._file.read_text())
            }
            self._read_at = changed_at
        user = self._users.get(name)
        # Compared also for unknown names: the time tells nobody which names there are.
        known = hmac.compare_digest((user.password if user else "").encode(), password.encode())
        return user if user is not None and known else None


def credentials(headers: Mapping[str, str], parameters: Mapping[str, str]) -> tuple[str, str]:
    """Take name and password from where the client put them, headers first as a server does."""
    if "x-clickhouse-user" in headers or "x-clickhouse-key" in headers:
        return headers.get("x-clickhouse-user", "default"), headers.get("x-clickhouse-key", "")
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return name or "default", password
    return parameters.get("user", "default"), parameters.get("password", "")
