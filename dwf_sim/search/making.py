"""Making: the runs of a search, here or by an executor, in the order of their numbers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, Future

import attrs

from dwf_sim.errors import ConfigError
from dwf_sim.search.drawing import Drawn
from dwf_sim.search.journal import Journal
from dwf_sim.search.playing import Judge
from dwf_sim.search.sending import in_parts, sent
from dwf_sim.search.subject import Subject
from dwf_sim.search.trial import Result, Task, run, run_all


@attrs.frozen(eq=False)
class Batch:
    """Runs that were drawn from the same knowledge and may be under way elsewhere."""

    drawn: list[Drawn]
    futures: list[Future[list[Result]]]

    def drop(self) -> None:
        """Call off what has not begun: the search has ended before it."""
        for future in self.futures:
            future.cancel()


@attrs.frozen(eq=False)
class Maker:
    """Makes runs: by an executor if there is one, else here when their results are asked for.

    Raises `ConfigError` for an executor of threads, and for what no other process can be given.
    """

    judge: Judge
    seed: int
    choices: int
    executor: Executor | None
    journal: Journal
    sources: tuple[tuple[str, str], ...] = ()  # Of the subject, for workers that have it already.
    _sent: Subject = attrs.field(init=False)

    @_sent.default
    def _sendable(self) -> Subject:
        return self.judge.subject if self.executor is None else sent(self.judge, self.executor)

    def begin(self, drawn: list[Drawn]) -> Batch:
        """Hand runs over, but for those that the journal has.

        The first ones are made here, so that a search that soon ends starts no process.
        """
        executor = self.executor
        if executor is None or not drawn or drawn[0].number == 0:
            return Batch(drawn, [])
        tasks = [self._task(each) for each in drawn if not self.journal.has(each.number)]
        return Batch(drawn, [executor.submit(run_all, part) for part in in_parts(tasks)])

    def results(self, batch: Batch) -> Iterator[Result]:
        """Give the results, noting those that are new in the journal."""
        made = (result for future in batch.futures for result in future.result())
        for drawn in batch.drawn:
            if self.journal.has(drawn.number):
                yield self.journal.read(drawn.number)
                continue
            result = next(made) if batch.futures else run(self._task(drawn), self.judge)
            if result.number != drawn.number:
                raise ConfigError(
                    f"executor gave the result of run {result.number} for run {drawn.number}, so "
                    "it mixes up what it is given; leave it out, or give a ProcessPoolExecutor"
                )
            self.journal.note(result)
            yield result

    def _task(self, drawn: Drawn) -> Task:
        judge, seed, choices = self.judge, self.seed, self.choices
        given = (self._sent, judge.settings, judge.tolerate, seed, choices, drawn)
        return Task(*given, sources=self.sources)
