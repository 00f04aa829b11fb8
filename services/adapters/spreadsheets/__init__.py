"""Spreadsheets that people have: files into sheets, sheets into tables with known columns, and empty templates to fill in."""
