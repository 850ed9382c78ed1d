"""Drivers: what calls user code. One driver per way of writing durable functions."""
