"""Routes for operators and auditors: the state document, the audit log, the AsyncAPI document."""
