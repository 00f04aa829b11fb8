"""Checkpoints: the folded state with which a log begins once its older records are deleted, and the log as its readers see it then."""
