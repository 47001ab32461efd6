"""What cannot be done as asked; each is answered over HTTP and none is a fault of ours.

RefusedError
├── NotFoundError          a thing that the project does not have
├── InvalidError           a wish that cannot be met
│   └── InvalidQueryError  a query string that says something unknown, or not to be had
└── NotEnforcedYetError    a kill switch that redemption has not confirmed in time
"""


LONGEST_NAMED = 100


class RefusedError(Exception):
    """The parent of all: an answer, not an accident."""


class NotFoundError(RefusedError):
    """The project has no such thing; somebody else's thing looks the same."""

    def __init__(self, resource_type: str, resource_id: str) -> None:
        super().__init__(f"Cannot find {resource_type} with id {resource_id}")
        self.resource_type = resource_type
        self.resource_id = resource_id


class InvalidError(RefusedError):
    """The wish contradicts itself or what is stored; `key` is stable, for programs."""

    def __init__(self, message: str, details: str, key: str = "invalid_payload") -> None:
        super().__init__(message)
        self.key = key
        self.details = details


class InvalidQueryError(InvalidError):
    """A query string asks for what is not known, or not offered; it names the parameter."""

    def __init__(self, parameter: str, reason: str, key: str = "invalid_query_params") -> None:
        named = parameter[:LONGEST_NAMED]
        super().__init__(f"Query parameter {named}: {reason}", f"{named}: {reason}", key)


class NotEnforcedYetError(RefusedError):
    """The change is stored and on its way; until it arrives, codes may still be redeemed."""
