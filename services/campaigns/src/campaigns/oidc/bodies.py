"""What is said around signing in by a provider."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from campaigns.api.body import Body, example


class OidcObject(BaseModel):
    """Whether there is a provider, and which."""

    offered: bool
    issuer: str | None
    object: Literal["oidc"] = "oidc"


class Beginning(BaseModel):
    """Where the browser goes; `state` is kept in it, and compared with what comes back."""

    authorization_url: str
    state: str
    object: Literal["oidc_beginning"] = "oidc_beginning"


class Return(Body):
    """What the provider sent the browser back with."""

    model_config = example(code="SplxlOBeZQQYbYS6WxSbIA", state="1795676709.kY3…")

    code: Annotated[str, Field(min_length=1, max_length=2_000)]
    state: Annotated[str, Field(min_length=1, max_length=200)]
