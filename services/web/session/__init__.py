"""Sessions of the pages: log-in with OpenID Connect, the sealed cookie, its idle time, and the tokens of forms."""
