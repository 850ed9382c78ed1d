"""Outcomes: what a simulation came to, and whether another came to the same."""
