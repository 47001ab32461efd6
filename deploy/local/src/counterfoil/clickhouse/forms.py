"""Forms: parameters too long for a URL come as multipart, as clients send them by themselves. Pure.

External data, which a server takes in the same way, is not here.
"""

from email import message_from_bytes
from email.policy import HTTP
from typing import Final

from counterfoil.clickhouse import errors
from counterfoil.clickhouse.errors import ClickHouseError

MULTIPART: Final = "multipart/form-data"


def fields(content_type: str, body: bytes) -> dict[str, str]:
    """Return the form's fields; of any other body none. Raises ClickHouseError."""
    if not content_type.startswith(MULTIPART):
        return {}
    form = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body, policy=HTTP)
    found = {}
    for part in form.iter_parts():
        name = part.get_param("name", header="content-disposition")
        if part.get_filename() is not None or not isinstance(name, str):
            raise _refused("no external data here")
        content = part.get_payload(decode=True)
        try:
            found[name] = content.decode() if isinstance(content, bytes) else ""
        except UnicodeDecodeError:
            raise _refused(f"the field {name} is not UTF-8") from None
    if not found:
        raise _refused("a form without fields")
    return found


def _refused(said: str) -> ClickHouseError:
    return ClickHouseError.saying(errors.BAD_ARGUMENTS, "BAD_ARGUMENTS", said)
