"""Ways in which a request ends that is not answered with what was asked for."""


class NotFoundError(Exception):
    """There is no such thing, or it is somebody else's: nobody is told which."""


class ForbiddenError(Exception):
    """It is there, and not for who asks."""


class ForeignFormError(Exception):
    """The form was not one of our pages' own."""
