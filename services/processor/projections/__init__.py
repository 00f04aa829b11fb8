"""The projections: beds and demand, each from its topic to its documents in the view."""
