"""Who calls: what campaigns published of every project's keys and ended sessions, in memory.

A look-up costs no query, so that made-up key ids cost ClickHouse nothing, and a key counts from
when its snapshot is on Kafka: it does not wait for what is stored of it.
"""

from typing import NamedTuple

import structlog
from aiokafka import ConsumerRecord

from analytics import reading
from contracts import topics
from contracts.projects import ProjectSnapshot
from servicekit.http.errors import unavailable
from servicekit.http.keys import InForce, KnownKey
from servicekit.http.tokens import Claims
from servicekit.kafka.following import Freshness
from servicekit.kafka.reading import parsed

log = structlog.get_logger()

NOT_LOADED = "the keys have not been read yet"


class Caller(NamedTuple):
    """A project, by a key or a token that was proven; `partner_id` is a partner's who signs in."""

    project_id: str
    time_zone: str
    scopes: frozenset[str]
    currency: str
    key_id: str  # or the user's
    partner_id: str | None = None  # whose figures alone, of who calls for a partner
    case_sensitive_codes: bool = True


class ProjectKeys:
    """Who may come in, of all projects; a class because it remembers."""

    def __init__(self) -> None:
        self.freshness = Freshness(topics.PROJECTS.name)
        self._versions: dict[str, int] = {}
        self._ids: dict[str, list[str]] = {}  # of each project
        self._known: dict[str, KnownKey[Caller]] = {}
        self._projects: dict[str, ProjectSnapshot] = {}
        self._ended: dict[str, frozenset[str]] = {}  # of each project
        self._changes = 0

    def take(self, record: ConsumerRecord) -> None:
        """Learn a project's keys from its snapshot; an older one changes nothing."""
        try:
            project = reading.PROJECTS.read(parsed(record).value).data
        except reading.UNREADABLE as error:  # the worker sets it aside
            log.warning("snapshot_unreadable", offset=record.offset, error=type(error).__name__)
            return
        if project.version <= self._versions.get(project.id, -1):
            return
        for revoked in self._ids.get(project.id, ()):
            del self._known[revoked]
        self._versions[project.id] = project.version
        # A key id that another project has stays that project's.
        keys = {key.id: key for key in project.keys if key.id not in self._known}
        self._ids[project.id] = [*keys]
        for key in keys.values():
            caller = Caller(
                project.id,
                project.time_zone,
                frozenset(key.scopes),
                project.currency,
                key.id,
                case_sensitive_codes=project.case_sensitive_codes,
            )
            expires_at = key.expires_at.timestamp() if key.expires_at else None
            self._known[key.id] = KnownKey(bytes.fromhex(key.digest), caller, expires_at)
        self._projects[project.id] = project
        self._ended[project.id] = frozenset(each.id for each in project.ended)
        self._changes += 1

    async def stamp(self) -> object:
        """Count the changes so far; until every project has been read there is no answer."""
        if not self.freshness.caught_up.is_set():
            raise unavailable(NOT_LOADED)
        return self._changes

    async def in_force(self) -> InForce[Caller]:
        """Return the keys by their ids, and who comes with a token."""
        ended = frozenset().union(*self._ended.values())
        return InForce(self._known, ended, self._bearer)

    def _bearer(self, claims: Claims) -> Caller | None:
        project = self._projects.get(claims.project_id)
        if project is None:
            return None
        return Caller(
            project.id,
            project.time_zone,
            claims.scopes,
            project.currency,
            claims.user_id,
            claims.partner_id,
            project.case_sensitive_codes,
        )
