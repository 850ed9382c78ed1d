"""Stored failures: files that say how to see a failure again, and what they were made with."""
