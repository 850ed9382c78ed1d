"""The functions that the scenarios are about."""
