"""Widgets that draw lines and take answers; they know nothing of a run."""
