"""Settings that every role has. Each service derives its own, with its own prefix."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class FromEnvironment(BaseSettings):
    """Read once, in `__main__`; everything else receives values.

    A refused setting must not print its neighbours: some are secrets.
    """

    model_config = SettingsConfigDict(frozen=True, hide_input_in_errors=True)


class Listening(FromEnvironment):
    """Where a role answers: for its health, and the api for everything."""

    host: str = "127.0.0.1"
    port: int = Field(ge=0, le=65_535)
