"""The trace: records with time and cause, bounded or not, and their digest."""

from __future__ import annotations

import dwf_sim as dwf
from dwf_sim.model.records import Complained, SignalReceived
from dwf_sim.sim.trace import Trace


def trace_of(*texts: str, bound: int | None = None) -> Trace:
    """A trace of complaints."""
    trace = Trace(bound)
    for at, text in enumerate(texts):
        trace.append(at, None if at == 0 else at - 1, Complained("r", text))
    return trace


def test_entries_have_their_number_time_and_cause() -> None:
    trace = trace_of("a", "b")

    assert [(e.seq, e.at, e.cause) for e in trace] == [(0, 0, None), (1, 1, 0)]
    assert str(list(trace)[1]) == "#1 1 Complained(run='r', text='b')"


def test_a_bounded_trace_keeps_the_newest_and_their_numbers() -> None:
    trace = trace_of("a", "b", "c", bound=2)

    assert [e.seq for e in trace] == [1, 2]
    assert trace.count == 3
    assert [e.seq for e in trace.since(2)] == [2]


def test_the_digest_tells_different_traces_apart() -> None:
    digests = {
        trace_of().digest(),
        trace_of("a").digest(),
        trace_of("b").digest(),
        trace_of("a", "b").digest(),
        trace_of("ab").digest(),
        trace_of("a, b").digest(),
    }

    assert len(digests) == 6
    assert trace_of("a", "b").digest() == trace_of("a", "b").digest()


def test_records_can_be_asked_for_by_class_and_by_run() -> None:
    trace = trace_of("a")
    trace.append(5, None, SignalReceived("s", None))

    assert trace.of(SignalReceived) == [SignalReceived("s", None)]
    assert [e.seq for e in trace.about("r")] == [0]


def test_a_simulation_in_a_handler_has_causes_of_its_own() -> None:
    go = dwf.TriggerEvent(event="go")
    inner, outer = dwf.App("inner"), dwf.App("outer")
    seen: list[Trace] = []

    @inner.create_function(fn_id="f", trigger=go)
    async def f(ctx: dwf.Context) -> int:
        return await ctx.step.run("a", lambda: 1)

    def body() -> None:
        with dwf.Simulation().serve(inner) as simulation:
            simulation.send("go")
            simulation.signal("nobody")
            simulation.run_until_idle()
        seen.append(simulation.trace)

    @outer.create_function(fn_id="g", trigger=go)
    async def g(ctx: dwf.Context) -> None:
        await ctx.step.run("b", body)

    with dwf.Simulation().serve(outer) as simulation:
        simulation.send("go")
        simulation.run_until_idle()

    for trace in (*seen, simulation.trace):
        assert all(entry.cause is None or entry.cause < entry.seq for entry in trace)
