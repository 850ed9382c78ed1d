"""A law: a handler that does as an SDK does reaches its end, whatever its shape and who is slow.

The handler here is a tree of steps. It answers a request by going through the tree with the memos
it was sent, as both SDKs do: steps it meets in parallel are reported together, one that stands
alone is run at once, and it does not end while a step it began is open (A16, A26, A27, A36).
"""

from __future__ import annotations

from typing import TypeAlias

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from dwf_sim.model.messages import Ops, Request, Response
from dwf_sim.model.ops import Op, StepPlanned
from dwf_sim.model.run import Run
from tests.engine.bench import CLOSED, Bench, failed, function, planned, ran, returned, sleep, wait

RETRIES = 3
FAILS = "fails"


@attrs.frozen
class Step:
    """A step: `run`, `fail` (for good, and the handler catches it), `sleep` or `wait`."""

    kind: str

    def op(self, label: str, *, race: bool) -> Op:
        """Write what is reported for it."""
        if self.kind == "run":
            return planned(label, race=race)
        if self.kind == "fail":
            return planned(f"{label} {FAILS}", race=race)
        if self.kind == "sleep":
            return sleep(label, "1m", race=race)
        return wait(label, "never", "2m", race=race)


@attrs.frozen
class Sequence:
    """One thing after the other."""

    parts: tuple[Part, ...]


@attrs.frozen
class Group:
    """Branches in parallel; `race` is the mode, `first_wins` goes on when one branch is done."""

    branches: tuple[Part, ...]
    race: bool
    first_wins: bool


Part: TypeAlias = Step | Sequence | Group


@attrs.define
class Walk:
    """One way through the tree: what is open, and whether some of it is in a group."""

    request: Request
    is_grouped: bool = False
    open: list[Op] = attrs.field(factory=list)

    def through(self, part: Part, place: str, *, race: bool = False) -> bool:
        """Go through a part; say whether it is done."""
        if isinstance(part, Step):
            op = part.op(place, race=race)
            if op.hash in self.request.memos:
                return True
            self.open.append(op)
            return False
        if isinstance(part, Sequence):
            places = (f"{place}.{nth}" for nth in range(len(part.parts)))
            return all(
                self.through(child, at, race=race)
                for child, at in zip(part.parts, places, strict=True)
            )
        done = [
            self.through(branch, f"{place}.{nth}", race=race or part.race)
            for nth, branch in enumerate(part.branches)
        ]
        self.is_grouped |= not all(done)
        return any(done) if part.first_wins else all(done)


def respond(program: Part, request: Request, bodies: list[str], run: Run) -> Response:
    """Answer a request as an SDK does; `bodies` notes each step whose body was run."""
    if request.target is not None:
        return Ops((body(run.labels[request.target], bodies),))
    walk = Walk(request)
    is_done = walk.through(program, "s")
    if is_done and not walk.open:
        return returned()
    only = walk.open[0]
    is_alone = len(walk.open) == 1 and not walk.is_grouped and not is_done
    if is_alone and isinstance(only, StepPlanned) and not request.plan_only:
        return Ops((body(only.name, bodies, race=only.race),))
    return Ops(tuple(walk.open))


def body(label: str, bodies: list[str], *, race: bool = False) -> Op:
    """Run a step's body."""
    bodies.append(label)
    return failed(label, final=True, race=race) if FAILS in label else ran(label, race=race)


def finish(bench: Bench, program: Part, slowness: list[int]) -> list[str]:
    """Answer whatever is asked, now this request first and now that, until nothing is left."""
    run, bodies = bench.runs[0], []
    choices = iter(slowness)
    while not run.is_ended:
        choice = next(choices, 0)
        if not bench.open or (choice >= 4 and bench.has_timers):
            assert bench.has_timers, f"{run.label} hangs with the steps {list(run.labels.values())}"
            bench.advance_to_next_timer()
        elif choice == 3:
            bench.expire(bench.open[-1])
        elif choice == 2 and bench.open[0].attempt < RETRIES:
            bench.answer(CLOSED, to=bench.open[0])
        else:
            request = bench.open[-1 if choice else 0]
            bench.answer(respond(program, request, bodies, run), to=request)
    return bodies


STEP = st.builds(Step, st.sampled_from(["run", "fail", "sleep", "wait"]))


def programs(*, first_wins: st.SearchStrategy[bool]) -> st.SearchStrategy[Part]:
    """Trees of steps."""
    tree = st.recursive(
        STEP,
        lambda part: st.one_of(
            st.builds(Sequence, st.lists(part, min_size=1, max_size=3).map(tuple)),
            st.builds(
                Group,
                st.lists(part, min_size=1, max_size=3).map(tuple),
                race=st.booleans(),
                first_wins=first_wins,
            ),
        ),
        max_leaves=8,
    )
    return st.builds(lambda parts: Sequence(tuple(parts)), st.lists(tree, min_size=1, max_size=3))


@settings(max_examples=100, deadline=None)
@given(programs(first_wins=st.booleans()), st.lists(st.integers(0, 5)), st.sampled_from([1, 2]))
def test_every_handler_reaches_its_end_whoever_is_slow_or_lost(
    program: Part, slowness: list[int], request_version: int
) -> None:
    bench = Bench(function(retries=RETRIES, request_version=request_version))
    run = bench.start()

    finish(bench, program, slowness)

    assert run.status == "completed"
    assert (run.items, run.pauses) == ({}, {})


@settings(max_examples=100, deadline=None)
@given(programs(first_wins=st.just(False)), st.lists(st.sampled_from([0, 1, 4])))
def test_where_nothing_is_lost_and_all_branches_are_awaited_every_body_runs_once(
    program: Part, slowness: list[int]
) -> None:
    bench = Bench()
    run = bench.start()

    bodies = finish(bench, program, slowness)

    assert run.status == "completed"
    assert sorted(bodies) == sorted(set(bodies))
