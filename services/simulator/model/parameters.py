"""What the country is like, in one place: each figure with its source. "Assumed" means that no source is known to us."""

from dataclasses import dataclass, field

KINDS = ("emergency", "crisis", "follow_up", "assisted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Shares are 0 to 1, stays in days, everything else as its comment says."""

    # Press release of VNG and Valente, 2025: about 1,000 places. Overflow beds come on top and are counted apart (contract, R7)
    units: int = 1_000
    overflow_units: int = 40
    # Assumed: nine units a shelter, 110 shelters, spread by inhabitants of the region (an estimate itself)
    shelters: int = 110
    # Assumed: how the places divide; the two counts known (1,024 and 475) differ by what they call a place
    kind_shares: dict[str, float] = field(default_factory=lambda: dict(zip(KINDS, (0.07, 0.30, 0.48, 0.15), strict=True)))
    # Parliament: 259 days in follow-up shelter. Assumed: a week of emergency, six weeks of crisis, ten months assisted
    mean_stay: dict[str, float] = field(default_factory=lambda: dict(zip(KINDS, (7.0, 42.0, 259.0, 300.0), strict=True)))
    # Press release: occupied nearly without a break; so an empty unit is filled by the shelter itself within so many days (assumed)
    refilled_after: dict[str, float] = field(default_factory=lambda: dict(zip(KINDS, (0.6, 0.8, 4.0, 6.0), strict=True)))

    # Households a day for whom a crisis worker searches. Assumed: more than there is room for
    searching_a_day: float = 19.0
    # Assumed: a tenth more in summer and after the holidays, a tenth less in between
    season: float = 0.1
    # Press release: in 2023 over 3,000 nights in hotels and holiday parks, by about 190 adults with children; "far more than in 2022".
    # Households put up in a year (by the year they are put up in), and for how many nights unless a place is found before; 2022 is assumed
    hotels_a_year: dict[int, int] = field(default_factory=lambda: {2022: 62, 2023: 180})
    hotel_nights: float = 18.4
    # Press release: waiting lists in about 40 % of municipalities; here 14 of 35 regions have one
    regions_with_list: int = 14
    # Assumed: households a year that join the list of a region for follow-up shelter, and days until one gives up
    joining_list_a_year: float = 40.0
    patience_on_list: float = 60.0

    # Assumed, all below: how people fill in what they should. Share of entries that come hours late, in the wrong unit, of the wrong
    # household, or are sent twice
    late: float = 0.17
    wrong_unit: float = 0.02
    wrong_household: float = 0.015
    sent_twice: float = 0.003
    # The same of what crisis workers log: shares that come hours late, with a wrong number of people, of the wrong household, twice by two
    # colleagues; and the share of those who gave up a waiting list that join it again within a month
    logged_late: float = 0.12
    wrong_people: float = 0.04
    wrong_case: float = 0.02
    logged_twice: float = 0.02
    waits_again: float = 0.15
    # Share of shifts that a shelter forgets to confirm its count: most a few, some nearly half; and of counts that are off by one
    forgets_most: float = 0.45
    miscounts: float = 0.01
    # Times a year that a shelter sends nothing for days, and the share that is silent on the first day
    silences_a_year: float = 3.0
    silent_at_first: float = 0.05
    # Times a year and shelter
    pauses_a_year: float = 3.0
    staffing_a_year: float = 5.0
    isolations_a_year: float = 1.0
    withdrawals_a_year: float = 0.3
    # Shares of holds: the shelter accepts, declines (the rest is not answered), and the household never comes
    accepts: float = 0.82
    declines: float = 0.06
    stays_away: float = 0.07
    # How long a hold a worker requests, in seconds
    ttl_seconds: int = 1_800
    # Share of searches that begin with asking a shelter the worker knows, full or not; zero in a year of the monitor
    asks_unseen: float = 0.0

    @classmethod
    def to_watch(cls) -> "Parameters":
        """Return parameters of a busier country, so that someone who watches for a minute sees holds refused and hotels needed."""
        return cls(asks_unseen=0.2, searching_a_day=30.0, hotels_a_year={2022: 1_000})

    def hotels_in(self, year: int) -> int:
        """Return how many households are put up in a year; before the first year known as in that, after the last as in the last."""
        known = [past for past in sorted(self.hotels_a_year) if past <= year] or [min(self.hotels_a_year)]
        return self.hotels_a_year[known[-1]]
