"""What this process remembers of sessions for a moment: persons, and their tokens per project.

It is a memory and no truth: a replica that has none asks the API. Sessions are kept under a digest
of their secret, so that a dump of this process opens none.
"""

import hashlib
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from console.api.client import Api
from console.api.refusals import ApiError
from console.session import people
from console.session.people import Person

PERSON_SECONDS: Final = 10.0
RENEWED_SECONDS: Final = 60.0  # before a token expires: it must outlast the requests that carry it
JOBS_SECONDS: Final = 5.0
JOBS: Final = 20  # of the newest: who started one that runs started it lately
MOST: Final = 10_000


@dataclass(slots=True)
class _Known:
    person: Person | None = None
    asked: float = 0.0
    tokens: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    jobs: dict[str, tuple[int, float]] = field(default_factory=dict)


class Sessions:
    """Asks the API about sessions, and remembers; a class because it remembers."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._known: dict[str, _Known] = {}

    def api(self, secret: str, request_id: str) -> Api:
        """Return the API as the session itself: what concerns the person and no project."""

        async def authorize(_again: bool) -> str:
            return secret

        return Api(self._client, authorize, {"X-Request-Id": request_id})

    def project_api(self, secret: str, project_id: str, request_id: str) -> Api:
        """Return the API as the person in one project."""

        async def authorize(again: bool) -> str:
            return await self._token(secret, project_id, request_id, renew=again)

        return Api(self._client, authorize, {"X-Request-Id": request_id})

    async def person(self, secret: str, request_id: str) -> Person:
        """Return who holds this session; raise SessionEndedError where nobody does any more."""
        known = self._of(secret)
        if known.person is None or time.monotonic() - known.asked > PERSON_SECONDS:
            known.person = await people.of_session(self.api(secret, request_id))
            known.asked = time.monotonic()
        return known.person

    async def jobs(self, secret: str, project_id: str, person: Person, request_id: str) -> int:
        """Count the jobs of this person that run in a project: every page's head says it."""
        known = self._of(secret)
        count, asked = known.jobs.get(project_id, (0, -JOBS_SECONDS))
        if time.monotonic() - asked > JOBS_SECONDS:
            try:
                api = self.project_api(secret, project_id, request_id)
                found = (await api.get("/v1/async-actions", {"limit": JOBS}))["async_actions"]
            except ApiError:  # the page itself may be had all the same
                found = []
            count = sum(
                job["status"] in ("ENQUEUED", "IN_PROGRESS")
                and (job.get("actor") or {}).get("id") == person.id
                for job in found
            )
            known.jobs[project_id] = (count, time.monotonic())
        return count

    def forget(self, secret: str) -> None:
        """Ask anew: the person has changed, or has signed out."""
        self._known.pop(_digest(secret), None)

    async def _token(self, secret: str, project_id: str, request_id: str, *, renew: bool) -> str:
        known = self._of(secret)
        token, expires = known.tokens.get(project_id, ("", datetime.min.replace(tzinfo=UTC)))
        left = (expires - datetime.now(UTC)).total_seconds()
        if renew or left < RENEWED_SECONDS:
            made: dict[str, Any] = await self.api(secret, request_id).post(
                "/v1/sessions/tokens", {"project_id": project_id}
            )
            token, expires = made["token"], datetime.fromisoformat(made["expires_at"])
            known.tokens[project_id] = (token, expires)
        return token

    def _of(self, secret: str) -> _Known:
        if len(self._known) >= MOST:
            self._known.clear()
        return self._known.setdefault(_digest(secret), _Known())


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
