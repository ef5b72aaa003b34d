"""What can go wrong that a user can mend. Anything else is a bug and keeps its traceback."""


class BuildError(Exception):
    """One line that says what is wrong, where, and how to mend it. The command line exits 1 with it."""


class SettingsError(BuildError):
    """A flag, an environment variable or `valueprism.toml` holds something that cannot be used."""


class SourceError(BuildError):
    """A source of situations or votes cannot be read at all. A row that cannot be read is a `Rejected` instead."""


class TeacherError(BuildError):
    """This request will never be answered; the situation is set aside and the run goes on."""


class TeacherBusyError(TeacherError):
    """The teacher may answer later. Only these are tried again.

    Attributes:
        retry_after: seconds that the teacher asked us to wait, if it said so.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TeacherStoppedError(BuildError):
    """No request can succeed (key refused, nobody listens), so the whole run stops at once."""


class WarehouseError(BuildError):
    """The warehouse directory cannot be opened, written or locked."""


class ReleaseError(BuildError):
    """A release cannot be made: a gate is red, the version exists, nothing is there to release."""
