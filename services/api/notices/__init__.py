"""Notices outside the pages: that a hold waits or a shelter is silent, without any datum, to a pager and to browsers."""
