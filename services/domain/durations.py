"""The lengths of a second, minute, hour and day in the units of the clocks. The one owner: no other module writes these numbers down.

Clocks of machines and of Kafka count milliseconds, times of events nanoseconds, rate limits microseconds, expiries in Redis seconds.
"""

from typing import Final

MINUTE_S: Final = 60
HOUR_S: Final = 60 * MINUTE_S
DAY_S: Final = 24 * HOUR_S

SECOND_MS: Final = 1_000
MINUTE_MS: Final = MINUTE_S * SECOND_MS
HOUR_MS: Final = HOUR_S * SECOND_MS
DAY_MS: Final = DAY_S * SECOND_MS

US_PER_MS: Final = 1_000
SECOND_US: Final = SECOND_MS * US_PER_MS
HOUR_US: Final = HOUR_MS * US_PER_MS

NS_PER_MS: Final = 1_000_000
SECOND_NS: Final = SECOND_MS * NS_PER_MS
MINUTE_NS: Final = MINUTE_MS * NS_PER_MS
HOUR_NS: Final = HOUR_MS * NS_PER_MS
DAY_NS: Final = DAY_MS * NS_PER_MS
