"""Clusters: a Dask scheduler and its workers as an executor of `concurrent.futures`."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from dwf_sim.errors import ConfigError
from dwf_sim.scenario.files import import_from

_WAIT_S = "10s"  # For the scheduler to answer, and for the first worker.


@contextmanager
def cluster(address: str, folder: Path) -> Iterator[Executor]:
    """Connect to the scheduler at an address, such as `tcp://127.0.0.1:8786`.

    Its workers, those that join later included, import subjects from `folder`, a path that must be
    there on their machines. Raises `ConfigError` where the extra is not installed, nobody answers,
    or there is no worker.
    """
    try:
        import distributed
    except ImportError:
        raise ConfigError(
            "a Dask cluster needs Dask; install it with: pip install 'dwf_sim[dask]'"
        ) from None
    try:
        client = distributed.Client(address, timeout=_WAIT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"no Dask scheduler answers at {address!r}: {error}; start one with `dask scheduler`, "
            "and give the address it prints"
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=_WAIT_S)
        except TimeoutError:
            raise ConfigError(
                f"the Dask scheduler at {address!r} has no workers; start some with "
                f"`dask worker {address} --nworkers auto --nthreads 1`"
            ) from None
        client.register_worker_callbacks(partial(import_from, folder))
        # With `pure`, Dask would hash each run to see whether it has made an equal one.
        with client.get_executor(pure=False) as executor:
            yield executor
