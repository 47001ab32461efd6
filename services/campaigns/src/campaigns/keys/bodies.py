"""Keys as people write and read them."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from campaigns.api.body import Body, example
from campaigns.api.fields import Moment, Name
from campaigns.history.actors import ActorObject
from campaigns.projects.credentials import Credentials
from campaigns.tenants import IssuedApiKey
from contracts.instants import Instant
from contracts.projects import Scope

# A partner's is a person's alone: it needs to be said whose.
KeyScope = Literal[
    "campaigns", "campaigns_read", "redemptions", "redemptions_read", "reports", "settings"
]


def _distinct(scopes: tuple[KeyScope, ...]) -> tuple[KeyScope, ...]:
    return tuple(dict.fromkeys(scopes))


def _ahead(moment: datetime) -> datetime:
    if moment <= datetime.now(UTC):
        raise ValueError("should be in the future")
    return moment


Scopes = Annotated[tuple[KeyScope, ...], Field(min_length=1), AfterValidator(_distinct)]


class NewKey(Body):
    model_config = example(name="Checkout", scopes=["redemptions"], expires_at=None)

    name: Name
    scopes: Scopes
    expires_at: Annotated[Moment, AfterValidator(_ahead)] | None = None


class OperatorsKey(NewKey):
    """Of the operator, who may do without a name."""

    name: Name = "Of the operator"


class KeyObject(BaseModel):
    """A key without its secret, of which `token_start` are the first characters.

    `last_used_at` follows within a minute; it is of this service and of redemptions, not of
    reports. A key with `revoked_at`, or whose `expires_at` has passed, opens nothing.
    """

    app_id: str
    name: str
    scopes: tuple[Scope, ...]
    token_start: str
    created_at: Instant
    created_by: ActorObject
    last_used_at: Instant | None
    expires_at: Instant | None
    revoked_at: Instant | None
    object: Literal["api_key"] = "api_key"


class IssuedKey(KeyObject):
    """The only answer that shows `app_token`; nobody can look it up later."""

    app_token: str


class Keys(BaseModel):
    object: Literal["list"] = "list"
    data_ref: Literal["keys"] = "keys"
    keys: list[KeyObject]
    total: int


def key_response(key: IssuedApiKey, maker: ActorObject) -> KeyObject:
    return KeyObject(
        app_id=key.id,
        name=key.name,
        scopes=key.scopes,
        token_start=key.hint,
        created_at=key.created_at,
        created_by=maker,
        last_used_at=key.used_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
    )


def issued_response(key: IssuedApiKey, maker: ActorObject, fresh: Credentials) -> IssuedKey:
    return IssuedKey(**dict(key_response(key, maker)), app_token=fresh.secret)
