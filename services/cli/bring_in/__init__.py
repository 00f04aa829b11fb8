"""`plek bring-in`: a spreadsheet as a preview, and once it is agreed to, sent."""
