"""Clients of the HTTP of the API, the gateway and the monitor, with the token of the person who looks."""
