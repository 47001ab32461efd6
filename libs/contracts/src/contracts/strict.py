"""What comes from outside, read strictly."""

from typing import Any

from pydantic import ConfigDict, model_validator

from contracts.event import Model


class StrictModel(Model):
    """What comes from outside. A name that we do not know is refused: it may be a restriction.

    Null is as good as absent wherever a field is optional.
    """

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _nulls_are_absent(cls, sent: Any) -> Any:
        if not isinstance(sent, dict):
            return sent
        optional = {name for name, field in cls.model_fields.items() if not field.is_required()}
        return {k: value for k, value in sent.items() if value is not None or k not in optional}
