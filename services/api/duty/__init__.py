"""The duty list: which number to phone, whatever else is down."""
