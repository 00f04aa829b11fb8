"""What an organisation brings in from its spreadsheets: rows of tables into planned events, and what is left out with its reason."""
