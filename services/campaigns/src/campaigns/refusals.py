"""What cannot be done as asked; each is answered over HTTP and none is a fault of ours.

RefusedError
├── NotFoundError          a thing that the project does not have
├── InvalidError           a wish that cannot be met
├── NotEnforcedYetError    a kill switch that redemption has not confirmed in time
├── ConflictError          a wish that would leave something without what it needs
├── SignInFailedError      somebody who has not proven who he is
└── TooManyTriesError      somebody who has tried too often to
"""


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


class NotEnforcedYetError(RefusedError):
    """The change is stored and on its way; until it arrives, codes may still be redeemed."""


class ConflictError(RefusedError):
    """The wish would leave a project without what it needs; `key` is stable, for programs."""

    def __init__(self, message: str, details: str, key: str) -> None:
        super().__init__(message)
        self.key = key
        self.details = details


class SignInFailedError(RefusedError):
    """He has not proven who he is; why is nobody's business."""


class TooManyTriesError(RefusedError):
    """He may try again after some seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"try again in {seconds} seconds")
        self.seconds = seconds
