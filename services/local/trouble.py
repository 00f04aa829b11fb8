"""What a person at the terminal can act on is one clear line, never a traceback."""


class Trouble(Exception):  # noqa: N818  not a defect of the program: what is wrong and what to do, in one line
    """Ends a command: the message goes to standard error, `code` to the shell."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code
