"""Bugs of durable functions, each beside the function as it should be."""
