"""Rate limits of searches and holds, and the alerts that are raised instead of a refusal."""
