"""Start the command: `python -m services.cli`."""

import sys

if __name__ == "__main__":
    # Before any import: an older Python can't read these modules, and has none of the packages
    if sys.version_info < (3, 11):  # noqa: UP036  the one place where an older one may come
        sys.exit(f"plek: this is Python {sys.version_info[0]}.{sys.version_info[1]}, and Plek needs 3.11 or newer: make PYTHON=python3.12")

    from services.cli.main import main

    main()
