"""Why the condition of a `run_until` has not held: what is known of that when time has ended."""

from __future__ import annotations

from dwf_sim.duration import format_duration
from dwf_sim.errors import UnmetConditionError
from dwf_sim.model.run import FAILED, Run
from dwf_sim.sim.runner import Runner
from dwf_sim.world.views import error_of, error_text

_SHOWN_MAX = 5  # How many runs a text lists.


def unmet(runner: Runner, began_at: int, within: int | None) -> UnmetConditionError:
    """Make the error for a condition that was waited for from an instant on, perhaps to another."""
    runs = list(runner.engine.state.runs.values())
    failed = [_with_error(run) for run in runs if run.status == FAILED]
    open_ = [f"{run.label} ({run.status})" for run in runs if not run.is_ended]
    said = [
        f"the condition never held: {_end(runner, began_at, within)}",
        _listed("These runs have failed", failed),
        _listed("These have not ended", open_),
        f"Last records:\n{runner.trace.tail(10)}",
    ]
    return UnmetConditionError(" ".join(text for text in said if text))


def _end(runner: Runner, began_at: int, within: int | None) -> str:
    passed = format_duration(runner.agenda.now - began_at)
    if within is not None:
        return f"{passed} have passed."
    if runner.agenda.next_endless_time() is None:
        return "nothing is left to happen."
    return (
        f"only crons are left, and they have ticked for {passed}; if they are to tick longer, say "
        'how long: run_until(condition, within="400d").'
    )


def _with_error(run: Run) -> str:
    error = error_of(run)
    return f"{run.label} ({error_text(error)})" if error else run.label


def _listed(what: str, parts: list[str]) -> str:
    if not parts:
        return ""
    more = f" and {len(parts) - _SHOWN_MAX} more" if len(parts) > _SHOWN_MAX else ""
    return f"{what}: {', '.join(parts[:_SHOWN_MAX])}{more}."
