"""The pages, for people: a client of the HTTP of the other services with the person's own token, and no other way in."""
