"""Needs that are sealed: opened while their keys last, to keep of each fallback what figures need of it, which is not the need (ADR 52)."""
