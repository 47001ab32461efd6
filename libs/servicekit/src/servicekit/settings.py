"""Settings that every role has. Each service derives its own, with its own prefix."""

from typing import Final

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ED25519_KEY: Final = "[0-9A-Za-z_-]{43}"  # 32 bytes in base64url


class FromEnvironment(BaseSettings):
    """Read once, in `__main__`; everything else receives values.

    A refused setting must not print its neighbours: some are secrets.
    """

    model_config = SettingsConfigDict(frozen=True, hide_input_in_errors=True)


class Listening(FromEnvironment):
    """Where a role answers: for its health, and the api for everything."""

    host: str = "127.0.0.1"
    port: int = Field(ge=0, le=65_535)


class CheckingTokens(FromEnvironment):
    """Of an api that lets people in by tokens: the public keys of who signs them, newest first."""

    token_public_keys: str = Field(
        pattern=rf"^{ED25519_KEY}(,{ED25519_KEY})*$", validation_alias="TOKEN_PUBLIC_KEYS"
    )
