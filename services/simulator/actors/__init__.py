"""The people of the simulated country: workers, shelter desks, residents."""
