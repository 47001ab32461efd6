"""ClickHouse's errors on HTTP: the code, the status a server answers with, the text.

A server's table of statuses is long; what is not named here is 500, as there.
"""

import re

BAD_ARGUMENTS = 36
CANNOT_DECOMPRESS = 271
MEMORY_LIMIT_EXCEEDED = 241
READONLY = 164
TOO_MANY_BYTES = 307
TOO_MANY_SIMULTANEOUS_QUERIES = 202
SYNTAX_ERROR = 62
UNKNOWN_FUNCTION = 46
UNKNOWN_IDENTIFIER = 47
UNKNOWN_TABLE = 60
AUTHENTICATION_FAILED = 516
ACCESS_DENIED = 497
UNKNOWN_EXCEPTION = 1002

# Texts, numbers, dates and types that cannot be read or do not fit; unknown columns, functions and
# settings; wrong arguments.
BAD_REQUEST_CODES = frozenset(
    (
        *(6, 26, 27, 28, 32, 33, 36, 38, 41, 43, 44, 46, 47, 50, 53, 62, 70, 72, 115, 117),
        *(130, 131, 158, 162, 173, 184, 190, 233, 271, 344, 386, 441, 456, 457, 651),
    )
)
NOT_FOUND_CODES = frozenset((60, 81, 84))
FORBIDDEN_CODES = frozenset((164, 192, 193, 194, 497, 516))
STATUSES = (
    dict.fromkeys(BAD_REQUEST_CODES, 400)
    | dict.fromkeys(NOT_FOUND_CODES, 404)
    | dict.fromkeys(FORBIDDEN_CODES, 403)
    | {48: 501, 159: 408, 57: 409, TOO_MANY_BYTES: 413, TOO_MANY_SIMULTANEOUS_QUERIES: 503}
)

MESSAGE = re.compile(r"Code: (\d+)\. DB::Exception: ", re.ASCII)


class ClickHouseError(Exception):
    """A refusal with ClickHouse's code and words."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        self.status = STATUSES.get(code, 500)
        super().__init__(message)

    @classmethod
    def of(cls, error: Exception) -> "ClickHouseError":
        """Read what the engine raised."""
        text = str(error)
        found = MESSAGE.search(text)
        if found is None:
            return cls(UNKNOWN_EXCEPTION, f"Code: {UNKNOWN_EXCEPTION}. DB::Exception: {text}")
        return cls(int(found[1]), text[found.start() :])

    @classmethod
    def saying(cls, code: int, name: str, text: str) -> "ClickHouseError":
        return cls(code, f"Code: {code}. DB::Exception: {text}. ({name})")
