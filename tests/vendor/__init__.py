"""The vendor's own suite of cases, run against a simulation in the place of its dev server."""
