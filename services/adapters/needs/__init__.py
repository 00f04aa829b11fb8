"""What a household needs and where it must not go, sealed with the key of a day that is destroyed 30 days later (ADR 52)."""
