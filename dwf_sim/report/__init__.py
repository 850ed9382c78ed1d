"""Reports: what a trace says, in a form to read."""
