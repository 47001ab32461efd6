"""The only module that knows the environment. Read once, in `__main__`."""

from typing import Final

from pydantic import AnyHttpUrl, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from servicekit.settings import Listening

SERVICE: Final = "console"
SECRET_CHARACTERS: Final = 32


class WebSettings(Listening):
    """For `web`: all that it knows is where the API is, and how people call itself.

    All replicas have the same `secret`: what one has signed another one reads.
    """

    model_config = SettingsConfigDict(env_prefix="CONSOLE_")

    api_url: AnyHttpUrl
    public_url: AnyHttpUrl
    secret: SecretStr

    @field_validator("secret")
    @classmethod
    def _is_long(cls, secret: SecretStr) -> SecretStr:
        if len(secret.get_secret_value()) < SECRET_CHARACTERS:
            raise ValueError(f"has fewer than {SECRET_CHARACTERS} characters")
        return secret

    @property
    def api(self) -> str:
        return str(self.api_url).rstrip("/")

    @property
    def public(self) -> str:
        return str(self.public_url).rstrip("/")
