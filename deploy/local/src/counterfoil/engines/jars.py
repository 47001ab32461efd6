"""Jars: fetched once from Maven Central by jgo, each checked against a committed list.

A list holds the sha256 and the coordinates of every jar. `kafka-jars.txt`: Apache Kafka's own
dependencies as jgo resolves them, and a logging backend without which the broker would say nothing.
`pages-jars.txt`: what pages load, Swagger UI, htmx and uPlot. Fetching by the list and not by
resolution gives every machine the same bytes.

`python -m counterfoil.engines.jars kafka` fetches what is missing; it is a process of its own so
that nothing else has to import jgo.
"""

import asyncio
import fcntl
import hashlib
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

from counterfoil.processes import Program, ProgramError, run

KAFKA = "kafka"
PAGES = "pages"
PARALLEL = 8
TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Jar:
    """One jar, by its coordinates, and what its bytes must be."""

    group: str
    artifact: str
    version: str
    sha256: str

    def path(self, repository: Path) -> Path:
        """Name where a Maven repository keeps it."""
        file = f"{self.artifact}-{self.version}.jar"
        return repository.joinpath(*self.group.split("."), self.artifact, self.version, file)

    def is_intact(self, repository: Path) -> bool:
        path = self.path(repository)
        return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == self.sha256


def wanted(of: str) -> Iterator[Jar]:
    """Return the jars of a list."""
    for line in Path(__file__).with_name(f"{of}-jars.txt").read_text().splitlines():
        sha256, coordinates = line.split()
        group, artifact, version = coordinates.split(":")
        yield Jar(group, artifact, version, sha256)


def repository() -> Path:
    return user_cache_path("counterfoil") / "maven"


def missing(of: str) -> list[Jar]:
    """Return the jars that are not there, or are not what they must be."""
    return [jar for jar in wanted(of) if not jar.is_intact(repository())]


def paths(of: str) -> list[Path]:
    """Return where the jars are."""
    return [jar.path(repository()) for jar in wanted(of)]


def fetch(jars: list[Jar]) -> None:
    """Fetch them; raise with one line that names what could not be had."""
    # Only here: jgo takes longer to import than a warm cache takes to check.
    from jgo.maven import MavenContext  # noqa: PLC0415

    context = MavenContext(repo_cache=repository(), local_repos=[], timeout=TIMEOUT_SECONDS)

    def fetch_one(jar: Jar) -> None:
        jar.path(repository()).unlink(missing_ok=True)
        context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
        if not jar.is_intact(repository()):
            jar.path(repository()).unlink()
            raise ValueError(f"{jar.artifact}-{jar.version}.jar is not the one that we know")

    with ThreadPoolExecutor(PARALLEL) as pool:
        for _ in pool.map(fetch_one, jars):
            pass


def fetch_alone(of: str) -> None:
    """Fetch what is missing of a list, unless somebody else does: who waited finds it there.

    Two that fetch side by side take each other's half of a jar for a broken one.
    """
    repository().mkdir(parents=True, exist_ok=True)
    with (repository() / "fetching").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if lacking := missing(of):
            fetch(lacking)


async def fetch_missing(of: str, logs: Path) -> bool:
    """Fetch, in a process of its own, what is missing of a list; say whether there was any."""
    if not await asyncio.to_thread(missing, of):
        return False
    arguments = (sys.executable, "-m", "counterfoil.engines.jars", of)
    fetching = Program(f"{of}-jars", arguments, logs / f"{of}-jars.log", way_out())
    try:
        await run(fetching)
    except ProgramError:
        raise OSError(fetching.tail(lines=1)) from None
    return True


def way_out() -> dict[str, str]:
    """Return what leads to the outside: proxies and certificates of this machine."""
    names = ("http_proxy", "https_proxy", "no_proxy", "all_proxy", "requests_ca_bundle")
    found = {name: value for name, value in os.environ.items() if name.lower() in names}
    if "SSL_CERT_FILE" in os.environ:  # which Python knows and `requests` does not
        found.setdefault("REQUESTS_CA_BUNDLE", os.environ["SSL_CERT_FILE"])
    return found


def main(of: str) -> None:
    try:
        fetch_alone(of)
    except Exception as error:  # noqa: BLE001  # whatever jgo raises, the reader needs one line
        reason = " ".join(str(error).split())
        sys.exit(
            f"jars ({of}) cannot be had from Maven Central ({type(error).__name__}: {reason}); "
            "connect once, or name a broker of your own in KAFKA_BOOTSTRAP_SERVERS"
        )


if __name__ == "__main__":
    main(sys.argv[1])
