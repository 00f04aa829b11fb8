"""What a process costs in memory: its proportional share (PSS) where the kernel counts it, else its resident size."""

import psutil


def memory_of(pid: int | None) -> int | None:
    """Return the memory of a process in bytes; None when it is gone."""
    if pid is None:
        return None
    try:
        info = psutil.Process(pid).memory_full_info()
    except psutil.Error:
        return None
    return int(getattr(info, "pss", 0) or info.rss)


def format_memory(size: int | None) -> str:
    """Return a size in MiB."""
    return "-" if size is None else f"{size / 2**20:.0f} MiB"


def start_time(pid: int | None) -> float | None:
    """Return when a process began (seconds since 1970): together with its id it names a process for good."""
    try:
        return psutil.Process(pid).create_time() if pid is not None else None
    except psutil.Error:
        return None
