"""The simulated country: calendar, households, shelters, parameters, event queue."""
