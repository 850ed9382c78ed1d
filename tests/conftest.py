"""What all tests share: pytester, and the run's own record of which rules were shown."""

from __future__ import annotations

import gc
import os

import dwf_sim

# No test calls out. A client of the vendor's SDK reads the certificates of all authorities, 30 ms
# for each client, unless they are in a folder, which is read when a connection is made.
os.environ["SSL_CERT_DIR"] = os.path.dirname(__file__)
os.environ.pop("SSL_CERT_FILE", None)  # It would come first.

pytest_plugins = ["pytester"]

# A pytest inside of a test forgets at its end what it was the first to load: what a package still
# refers to would then be another class than the one that is loaded next.
for name in dwf_sim.__all__:
    getattr(dwf_sim, name)


def pytest_collection() -> None:
    """Keep the collector of garbage from the thousands of tests, which stay until the end."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Let the collector work again, but less often: that takes a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000, 20, 20)
