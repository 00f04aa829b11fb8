"""The report of a year: one HTML page that needs nothing else, in Dutch and English."""
