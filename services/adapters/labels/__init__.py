"""What codes are called, in Dutch and in English."""
