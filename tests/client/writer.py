"""An organisation's system as a process: `python -m tests.client.writer FILE URL TOKEN NAME FIRST TOTAL THEN` admits households one by one.

Each line of its output is a number whose call has returned. THEN is `drain`, after which it says `drained`, or `stay`: it sends until it is
killed.
"""

import sys
import threading

from services.client import PlekOutbox

SHELTERS = 3
"""The households of a writer go to as many shelters in turn."""


def main() -> None:
    """Write the numbers from FIRST on below TOTAL, and wait until nothing is pending, or to be killed."""
    file, url, token, name, first, total, then = sys.argv[1:]
    with PlekOutbox(file, url, lambda: token) as outbox:
        for number in range(int(first), int(total)):
            outbox.admit(f"{name}{number % SHELTERS}", f"u{number}", adults=1, key=str(number))
            _say(str(number))
        if then == "drain":
            _say("drained" if outbox.drain(120) else "not drained")
        else:
            threading.Event().wait()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
