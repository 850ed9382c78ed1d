"""The order workflow that the demo shows: once as people write it first, once mended."""
