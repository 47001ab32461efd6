"""Which port each part listens on: the usual one, another when it is taken, the same next time."""

import random
import socket
from collections.abc import Collection

HOST = "127.0.0.1"
# Below the range that the kernel hands out to outgoing connections (32768 and up): a port that is
# free now is then not taken by some client's connection a moment later.
FREE_RANGE = range(18_000, 32_000)


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def choose(preferred: int | None, avoid: Collection[int] = ()) -> int:
    """Return the preferred port if it is free, else any free one that nobody else was given."""
    if preferred is not None and preferred not in avoid and is_free(preferred):
        return preferred
    for port in random.sample(FREE_RANGE, len(FREE_RANGE)):
        if port not in avoid and is_free(port):
            return port
    raise OSError("no free port between 18000 and 32000")


def choose_all(preferred: dict[str, int | None]) -> dict[str, int]:
    """Choose a port for every name; no two get the same."""
    chosen: dict[str, int] = {}
    for name, port in preferred.items():
        chosen[name] = choose(port, chosen.values())
    return chosen
