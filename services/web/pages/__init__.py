"""What every page has in common: its templates, its language, the words for codes, and how a request becomes a page."""
