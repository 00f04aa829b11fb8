"""What a process costs in memory: its proportional share (PSS) where the kernel counts it, else its resident size."""

import psutil


def bytes_of(pid: int | None) -> int | None:
    """Return the memory of a process, None when it is gone."""
    if pid is None:
        return None
    try:
        found = psutil.Process(pid).memory_full_info()
    except psutil.Error:
        return None
    return int(getattr(found, "pss", 0) or found.rss)


def readable(size: int | None) -> str:
    """Return a size in MiB."""
    return "-" if size is None else f"{size / 2**20:.0f} MiB"


def started(pid: int | None) -> float | None:
    """Return when a process began (seconds since 1970): with its id, the one thing that names a process for good."""
    try:
        return psutil.Process(pid).create_time() if pid is not None else None
    except psutil.Error:
        return None
