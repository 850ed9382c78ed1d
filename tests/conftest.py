"""What all tests share: pytester, and the run's own record of which rules were shown."""

from __future__ import annotations

pytest_plugins = ["pytester"]
