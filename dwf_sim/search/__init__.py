"""The search: many plays of one subject, of which each differs by its course."""

from __future__ import annotations

__all__: list[str] = []
