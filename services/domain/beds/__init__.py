"""Places and stays: the fold of one shelter and of one partition."""
