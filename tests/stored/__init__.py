"""Tests of stored failures."""
