"""What is measured, against whom: `make bench`. Ratios within one run, never absolute times."""
