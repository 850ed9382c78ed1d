"""Tests of the engine alone: messages in, effects, records and state out, no driver anywhere."""
