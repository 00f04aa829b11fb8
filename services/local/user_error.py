"""An error that a user can act on: one clear line, never a traceback."""


class UserError(Exception):
    """Ends a command: the message goes to standard error, `code` to the shell."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code
