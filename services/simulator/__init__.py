"""A virtual Netherlands: shelters, households and crisis workers who say what the contract lets them say, and a truth to compare with."""
