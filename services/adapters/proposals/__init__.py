"""Proposals: changes of shelters that count once a second person confirms them, as records and as the table that each process keeps."""
