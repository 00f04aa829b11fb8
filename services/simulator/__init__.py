"""A simulated Netherlands: shelters, households and workers that log events after the contract, and a ground truth to compare with."""
