"""Pages of a crisis worker: tonight, find, offers, a hold, a hotel, the waiting list."""
