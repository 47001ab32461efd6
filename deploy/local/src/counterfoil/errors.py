"""What goes wrong with a platform, each with a sentence for the person at the terminal."""


class PlatformError(Exception):
    """Something that the person at the terminal can act on; the message says what."""


class NotReadyError(PlatformError):
    """A part runs but does not become ready in time."""

    def __init__(self, name: str, seconds: float, why: str, tail: str) -> None:
        said = f"; its last lines:\n{tail}" if tail else ""
        super().__init__(f"{name} is not ready after {seconds:.0f} s ({why}){said}")
