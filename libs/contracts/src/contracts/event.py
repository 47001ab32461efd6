"""The envelope of everything on Kafka: CloudEvents 1.0, structured JSON.

Contracts only grow: readers ignore fields that they do not know, a removed or changed field is
a new major version in `type`. Golden files in `tests/contracts/golden` pin the wire form.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.instants import Instant

LONGEST_IDENTIFIER = 200

# A foreign id or a code. NUL is no text for PostgreSQL: let in, it would stop a consumer for ever.
Identifier = Annotated[
    str, Field(min_length=1, max_length=LONGEST_IDENTIFIER, pattern=r"^[^\x00]+$")
]


class Model(BaseModel):
    """A frozen value that tolerates fields of a newer writer."""

    # Errors go into headers of dead letters and into logs, where nobody looks for a person.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Event(Model):
    """One fact: `id` is its identity, the same on every redelivery; `time` is when it happened."""

    specversion: Literal["1.0"] = "1.0"
    id: Identifier
    source: str
    type: str
    subject: str
    time: Instant
    datacontenttype: Literal["application/json"] = "application/json"
    projectid: Identifier
    traceparent: str | None = None

    def encode(self) -> bytes:
        """Return the bytes that go on Kafka."""
        return self.model_dump_json().encode()
