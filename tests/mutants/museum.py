"""The bug museum: what went wrong in real engines, SDKs and mocks, and which mutants plant it here.

An exhibit without mutants says why it has none.
"""

from __future__ import annotations

import attrs


@attrs.frozen
class Exhibit:
    """A defect or a complaint, where it was met, and the mutants that are wrong in that way."""

    met_in: str
    says: str
    mutants: tuple[str, ...] = ()
    why_none: str = ""


def _planted(met_in: str, says: str, *mutants: str) -> Exhibit:
    return Exhibit(met_in, says, mutants)


def _not_planted(met_in: str, says: str, why: str) -> Exhibit:
    return Exhibit(met_in, says, why_none=why)


MOCK = "inngest.experimental.mocked"
TEST = "@inngest/test"

ENGINES = (
    _planted(
        "inngest#4897",
        "parallel steps in race mode run twice, both as attempt 0",
        "runs racing steps twice",
    ),
    _planted("inngest#4538", "a run with a fan-in hangs", "never joins a group"),
    _planted("inngest#2775", "a step runs twice", "goes on twice after a step"),
    _planted(
        "inngest#1433",
        "a wait misses an event that is sent in quick succession",
        "misses what comes right after a wait began",
        "waits after it has asked",
    ),
    _not_planted(
        "inngest-js#1617",
        "a wait that lost a race keeps its run alive",
        "the real engine is like that, and so is this one (A36); `eventually(within=…)` tells",
    ),
    _planted(
        "inngest-js#1295",
        "which of two promises was first is lost on replay",
        "forgets the order of what is done",
    ),
    _planted(
        "inngest-js#1622",
        "what a step returns is written as JSON or not, depending on checkpoints",
        "writes no json between checkpoints",
    ),
    _planted(
        "inngest#4800",
        "an older event takes the place of a newer one in a debounce",
        "lets an older event replace a newer one",
    ),
    _planted(
        "inngest#3554",
        "a debounce lasts longer than its timeout",
        "debounces for longer than its timeout",
    ),
    _planted(
        "inngest#3675",
        "a batch is stuck after an event that came twice",
        "forgets a batch after a repeated event",
    ),
    _planted(
        "inngest#1362",
        "debounce and idempotency together let nothing pass",
        "takes an idempotency key twice",
    ),
    _planted(
        "inngest#538, #1206",
        "a cancellation goes by the times that producers gave to events",
        "compares times that producers gave",
    ),
    _planted(
        "mastra#19882, #21003",
        "an event cancels the runs of everybody",
        "cancels whoever is there",
        "cancels the orders of everybody",
    ),
    _planted(
        "mastra#17319",
        "two steps of one id are taken for one",
        "counts no repeats of a step id",
    ),
    _planted(
        "pydantic-ai#5875",
        "which steps are asked for depends on the cache of the worker",
        "asks for what the cache of its worker has",
    ),
    _planted("inngest#3693", "the tenth step is run again and again", "forgets the tenth step"),
    _planted(
        "inngest-js#198, inngest#2093",
        "a local server heeds no concurrency",
        "has twice the slots",
    ),
    _not_planted(
        "inngest#224",
        "nothing tells why a function does not run for an event",
        "a wish and no defect: `sim.explain(event)` tells",
    ),
)

MOCKS = (
    _planted(
        MOCK,
        "attempts are counted for all steps of a run together",
        "counts attempts for all steps together",
    ),
    _planted(MOCK, "an error that must not be retried is", "retries final errors"),
    _planted(f"{MOCK}, {TEST}", "`on_failure` never runs", "tells nobody of failures"),
    _planted(MOCK, "any event starts any function", "starts everything for any event"),
    _planted(
        f"{MOCK}, {TEST}",
        "memos are not written as JSON: a tuple stays a tuple",
        "writes no json between checkpoints",
    ),
    _planted(
        MOCK,
        "a step id that differs in every entry is taken until the function gives up",
        "has step ids from chance",
    ),
    _not_planted(
        MOCK,
        "it cannot be called where an event loop runs",
        "no behaviour of an engine; tests/test_plugin.py has an `async def` test",
    ),
    _planted(
        MOCK,
        "the order of parallel steps follows PYTHONHASHSEED",
        "takes parallel steps in the order of a set",
    ),
    _not_planted(
        MOCK,
        "a send of one event gives four ids",
        "what a send gives is no record; tests/test_sends.py asserts it",
    ),
    _not_planted(
        f"{MOCK}, {TEST}",
        "sends of the real client go to a real server",
        "a defect of the stand-in, not of an engine; tests/drivers asserts that sends stay inside",
    ),
    _not_planted(
        f"{MOCK}, {TEST}",
        "sleeps and waits have to be stubbed, or the test hangs",
        "there is no clock that could be wrong; here they take virtual time",
    ),
    _planted(TEST, "nothing is retried", "gives up too early"),
    _planted("inngest-js#1066", "a handler is called too often", "goes on twice after a step"),
    _not_planted(
        "inngest-js#1038, #1652, #1008",
        "the body of a step that is mocked gets no arguments, or what it raises is lost",
        "a defect of stubs, which change what user code does; tests/test_stubs.py asserts both",
    ),
    _not_planted(
        "inngest-js#1271",
        "a send in a test is refused for want of a key",
        "sends need no key here",
    ),
)
