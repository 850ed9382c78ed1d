"""Searching: Hypothesis looks for a trial that breaks a property, and makes it small."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, Phase, Verbosity, errors, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from dwf_sim.errors import UsageError
from dwf_sim.strategies.trial import Trial

__all__ = ["search"]


def search(
    trials: st.SearchStrategy[Trial], judge: Callable[[Trial], None], *, examples: int, seed: int
) -> None:
    """Try so many trials; raises what the smallest that fails raises.

    The same seed tries the same, whatever profile, data base or deadline Hypothesis has. Raises
    `UsageError` when one trial comes to different ends.
    """

    @seeded(seed)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        print_blob=False,
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(trials)
    def hold(trial: Trial) -> None:
        judge(trial)

    try:
        hold()
    except errors.Flaky as error:
        raise UsageError(
            "the same trial came to different ends, so something outside of the simulation "
            "remembers the one before: reset it in setup=, or have fn be a function that makes "
            "all anew. Ledgers are empty in each simulation by themselves"
        ) from error
