"""Scenarios: each file shows one idea; `dwf-sim run scenarios` plays them all."""
