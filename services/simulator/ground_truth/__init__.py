"""What is true in the simulated country, to compare the fold with."""
