"""The door of the feed: a partner's machine shows its feed key, whole or as any other key."""

from starlette.requests import Request

from campaigns.feeds.store import SCOPE, FeedCaller
from servicekit.http.doors import Admit
from servicekit.http.errors import ApiError
from servicekit.http.keys import KeyTable

UNAUTHORIZED = 401


def feed_door(keys: KeyTable[FeedCaller]) -> Admit:
    """Return what the door asks. `Authorization: Bearer` has the id and the secret in one."""

    async def admit(request: Request) -> object:
        try:
            return await keys.caller(_in_two_parts(request), change=(SCOPE,))
        except ApiError as refusal:
            if refusal.status_code != UNAUTHORIZED:
                raise
            raise ApiError(
                UNAUTHORIZED,
                "Unauthorized",
                "send Authorization: Bearer and a feed key that is in force",
                headers={"WWW-Authenticate": "Bearer"},
            ) from refusal

    return admit


def _in_two_parts(request: Request) -> Request:
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return request
    key_id, _, secret = sent.strip().rpartition("_")
    headers = [(b"x-app-id", key_id.encode()), (b"x-app-token", secret.encode())]
    return Request(dict(request.scope) | {"headers": headers})
