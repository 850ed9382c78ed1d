"""Tests of the flow-control policies, each without an engine."""
