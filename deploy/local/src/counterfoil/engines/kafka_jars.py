"""Kafka's jars: fetched once from Maven Central by jgo, each checked against the committed list.

`kafka-jars.txt` holds the sha256 and the coordinates of every jar: Apache Kafka's own dependencies
as jgo resolves them, and a logging backend without which the broker would say nothing. Fetching by
the list and not by resolution gives every machine the same bytes.

`python -m counterfoil.engines.kafka_jars` fetches what is missing; it is a process of its own so
that nothing else has to import jgo.
"""

import hashlib
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

LIST = Path(__file__).with_name("kafka-jars.txt")
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


def wanted() -> Iterator[Jar]:
    for line in LIST.read_text().splitlines():
        sha256, coordinates = line.split()
        group, artifact, version = coordinates.split(":")
        yield Jar(group, artifact, version, sha256)


def repository() -> Path:
    return user_cache_path("counterfoil") / "maven"


def missing() -> list[Jar]:
    """Return the jars that are not there, or are not what they must be."""
    return [jar for jar in wanted() if not jar.is_intact(repository())]


def classpath() -> str:
    return ":".join(str(jar.path(repository())) for jar in wanted())


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


def main() -> None:
    try:
        fetch(missing())
    except Exception as error:  # noqa: BLE001  # whatever jgo raises, the reader needs one line
        reason = " ".join(str(error).split())
        sys.exit(
            f"Kafka's jars cannot be had from Maven Central ({type(error).__name__}: {reason}); "
            "connect once, or name a broker of your own in KAFKA_BOOTSTRAP_SERVERS"
        )


if __name__ == "__main__":
    main()
