"""Keys as people write and read them."""

from datetime import UTC, datetime
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from campaigns.api.body import Body, example
from campaigns.api.fields import Moment, Name
from campaigns.history.actors import ActorObject
from campaigns.projects.credentials import Credentials
from campaigns.tenants import IssuedApiKey
from contracts.instants import Instant
from contracts.projects import KeyScope, Scope

PUBLISHABLE: Final = frozenset({"client_validations", "client_redemptions"})
ORIGIN: Final = r"^https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{0,4})?$"
MOST_ORIGINS: Final = 20


def _distinct(scopes: tuple[KeyScope, ...]) -> tuple[KeyScope, ...]:
    return tuple(dict.fromkeys(scopes))


def _ahead(moment: datetime) -> datetime:
    if moment <= datetime.now(UTC):
        raise ValueError("should be in the future")
    return moment


Origins = Annotated[
    tuple[Annotated[str, Field(max_length=200, pattern=ORIGIN)], ...],
    Field(max_length=MOST_ORIGINS, description="As browsers write them: scheme, host, port."),
]
Scopes = Annotated[tuple[KeyScope, ...], Field(min_length=1), AfterValidator(_distinct)]


class NewKey(Body):
    """A key and its `scopes`; `origins` are pages that may use a publishable one."""

    model_config = example(name="Checkout", scopes=["redemptions"], expires_at=None)

    name: Name
    scopes: Scopes
    expires_at: Annotated[Moment, AfterValidator(_ahead)] | None = None
    origins: Origins | None = None

    @model_validator(mode="after")
    def _is_publishable_or_secret(self) -> Self:
        publishable = PUBLISHABLE.intersection(self.scopes)
        if publishable and not PUBLISHABLE.issuperset(self.scopes):
            raise ValueError("a publishable key has client_… scopes alone: everybody can read it")
        if bool(publishable) != bool(self.origins):
            raise ValueError("origins are those of a publishable key, which needs some")
        return self


class OperatorsKey(NewKey):
    """Of the operator, who may do without a name."""

    name: Name = "Of the operator"


class KeyObject(BaseModel):
    """A key without its secret, of which `token_start` are the first characters.

    `origins`: whose pages may use it, of a publishable one.

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
    origins: tuple[str, ...]
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
        origins=key.origins,
    )


def issued_response(key: IssuedApiKey, maker: ActorObject, fresh: Credentials) -> IssuedKey:
    return IssuedKey(**dict(key_response(key, maker)), app_token=fresh.secret)
