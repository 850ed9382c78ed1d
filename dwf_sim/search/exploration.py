"""Exploration: courses drawn by several strategies, guided by what was reached, until enough."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import attrs

from dwf_sim.duration import to_ms
from dwf_sim.errors import ConfigError, InvariantViolated
from dwf_sim.given import check_count, keywords_of, shown
from dwf_sim.model.event import Event
from dwf_sim.search.course import Course
from dwf_sim.search.drawing import EXHAUSTIVE, STRATEGIES, Drawn, Draws, Ground, Seed
from dwf_sim.search.finding import Finding
from dwf_sim.search.journal import Journal
from dwf_sim.search.making import Batch, Maker
from dwf_sim.search.origin import origin_of, sources_of
from dwf_sim.search.playing import Judge, Played, check_alike, check_begun, play
from dwf_sim.search.settings import settings_given
from dwf_sim.search.shrink import shrink
from dwf_sim.search.subject import subject_of
from dwf_sim.search.terrain import DEFAULT_KINDS, drawn_kinds, terrain_of
from dwf_sim.search.trial import Result, happened
from dwf_sim.search.turns import Turns
from dwf_sim.search.verdict import UNPLAYABLE, Verdict, is_wrong, judge, tolerated

PORTFOLIO = "portfolio"
_ROUND = 16  # How many runs are drawn from the same knowledge, so that they can be made at once.
# How many rounds are under way: what is learnt from one is known when the third after it is drawn,
# wherever runs are made, so that no process has to wait for the slowest run of a round.
_AHEAD = 3
# How probable a strategy is whatever it reaches, 200 by default, beside 1000 for a new state a run.
# Each single fault is to have its turn: it may give another output and reach no new state.
_SHARES = {EXHAUSTIVE: 500}
_SHOWN_MAX = 5  # How much of what was not seen is told.
_SEEDS_MAX = 200  # How many courses are kept to be varied: the newest.


@attrs.frozen
class Progress:
    """How far a search is: its runs, of how many (None if they are not limited), the faults that
    have struck, the kinds × steps covered, of how many, and the runs that do not hold."""

    runs: int
    runs_max: int | None
    faults: int
    covered: int
    places: int
    failed: int


@attrs.frozen(eq=False)
class Exploration:
    """What a search has found and reached; `str()` is the report.

    `runs` counts the runs, `failed` those that do not hold, `unplayable` those in which the play
    could not go on (`why_unplayable` says why in the first), `states` what they reached, `found_at`
    says in which run each finding was met, from 1. `struck` counts by kind of fault and step,
    `sometimes` the runs in which each claim has come true, `strategies` the runs and the new states
    of each strategy. `unseen` lists what has not happened, or not often enough.
    """

    runs: int
    failed: int
    unplayable: int
    why_unplayable: str
    states: int
    findings: tuple[Finding, ...]
    found_at: tuple[int, ...]
    struck: dict[tuple[str, str], int]
    sometimes: dict[str, int]
    strategies: dict[str, tuple[int, int]]
    unseen: tuple[str, ...]
    ended: str

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def digest(self) -> str:
        """The hash of the report: equal for equal searches, in any process."""
        text = json.dumps(self.as_json(), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """The report for programs to read."""
        return {
            "holds": self.holds,
            "runs": self.runs,
            "failed": self.failed,
            "unplayable": self.unplayable,
            "why_unplayable": self.why_unplayable,
            "states": self.states,
            "found_at": list(self.found_at),
            "findings": [str(finding) for finding in self.findings],
            "struck": [[kind, step, count] for (kind, step), count in self.struck.items()],
            "sometimes": self.sometimes,
            "strategies": {name: list(counts) for name, counts in self.strategies.items()},
            "unseen": list(self.unseen),
            "ended": self.ended,
        }

    def check(self) -> None:
        """Raise `InvariantViolated`, with the report, if anything was found."""
        if not self.holds:
            raise InvariantViolated(str(self))

    @property
    def summary(self) -> str:
        """How much was done, in some lines."""
        tried = ", ".join(f"{name} {runs}" for name, (runs, _) in self.strategies.items())
        lines = [
            f"runs: {self.runs:,} ({tried or 'none'}); states: {self.states:,}; "
            f"it ended: {self.ended}",
            f"faults struck: {sum(self.struck.values()):,}; kinds × steps: {len(self.struck):,}",
        ]
        if self.unplayable:
            lines.append(
                f"not played to the end, since the play could not go on: {self.unplayable}; "
                f"the first with {self.why_unplayable}"
            )
        lines += [f"sometimes {name!r}: in {count} runs" for name, count in self.sometimes.items()]
        if self.unseen:
            more = len(self.unseen) - _SHOWN_MAX
            first = ", ".join(self.unseen[:_SHOWN_MAX]) + (f", and {more} more" if more > 0 else "")
            lines.append(f"not seen: {first}")
        found = [
            f"run {number}: {f.verdict.kind}"
            for number, f in zip(self.found_at, self.findings, strict=True)
        ]
        lines.append(f"hash of the report: {self.digest}")
        return "\n".join([*lines, f"found: {'; '.join(found) or 'nothing'}"])

    def __str__(self) -> str:
        return "\n\n".join([*map(str, self.findings), self.summary])


def explore(
    subject: object,
    event: Event | str | None = None,
    data: Mapping[str, Any] | None = None,
    *,
    events: Iterable[Any] = (),
    setup: object = None,
    seed: int = 0,
    runs: int | None = 1000,
    within: int | str | None = None,
    until_seen: int | None = None,
    strategy: str = PORTFOLIO,
    kinds: Collection[str] = DEFAULT_KINDS,
    findings: int = 1,
    tolerate: Collection[str] = (),
    executor: Executor | None = None,
    journal: Path | None = None,
    told: Callable[[Progress], object] | None = None,
    **settings: Any,
) -> Exploration:
    """Play a subject with plans that are drawn, until enough was tried or something is found.

    The subject, `event`, `events`, `setup` and `tolerate` are those of `certify`; other keywords
    those of `Simulation`. It ends after so many `runs`, or `within` a real duration, as "5m" or in
    milliseconds, or when each
    declared `sometimes` and each kind of fault at each step was seen `until_seen` times; and when
    so many different `findings` were made, which are then shrunk. `strategy` is "portfolio" or one
    of "random", "swarm", "priority", "variation", "exhaustive". The same `seed` draws the same
    plans. With an `executor` of `concurrent.futures` that has processes, runs are made there; the
    report is the same. With a `journal`, a file, a search that was broken off goes on.
    After each run `told` is called with the `Progress`. Raises `ConfigError` for what cannot be
    played, `DurationError` for a time that is none.
    """
    given = settings_given("explore", settings, keywords_of(explore))
    whole = subject_of(subject, event, data, events=events, setup=setup)
    limits = _Limits(runs, within, until_seen, findings)
    if strategy not in (PORTFOLIO, EXHAUSTIVE, *STRATEGIES):
        names = ", ".join((PORTFOLIO, EXHAUSTIVE, *STRATEGIES))
        raise ConfigError(f"strategy is {shown(strategy)}; it is one of {names}")
    if type(seed) is not int:
        raise ConfigError(f"seed is {shown(seed)}; it is an int, such as 7")
    work = _Exploring(
        Judge(whole, given, tolerated(tolerate)),
        seed,
        strategy,
        drawn_kinds(kinds),
        limits,
        told or (lambda _: None),
    )
    return work.explore(executor, None if journal is None else Path(journal))


@attrs.frozen
class _Limits:
    runs: int | None
    within: int | str | None
    until_seen: int | None
    findings: int

    def __attrs_post_init__(self) -> None:
        for name in ("runs", "until_seen", "findings"):
            if getattr(self, name) is not None:
                check_count(name, getattr(self, name), 1)
        if self.within is not None:
            to_ms(self.within)
        if (self.runs, self.within, self.until_seen) == (None, None, None):
            raise ConfigError("the search would never end; give runs, within or until_seen")


@attrs.define
class _Exploring:
    """A search under way."""

    judge: Judge
    seed: int
    strategy: str
    kinds: tuple[str, ...]
    limits: _Limits
    told: Callable[[Progress], object]
    states: set[int] = attrs.field(factory=set)  # Never iterated.
    found: dict[tuple[str, str], tuple[int, Course, Verdict]] = attrs.field(factory=dict)
    struck: dict[tuple[str, str], int] = attrs.field(factory=dict)
    sometimes: dict[str, int] = attrs.field(factory=dict)
    tried: dict[str, list[int]] = attrs.field(factory=dict)
    drawn: int = 0
    runs: int = 0
    failed: int = 0
    unplayable: int = 0
    why_unplayable: str = ""

    def explore(self, executor: Executor | None, file: Path | None) -> Exploration:
        began = time.perf_counter()
        pilot, ground = self._pilot()
        journal = Journal()
        if file is not None:
            how = (self.seed, self.strategy, self.kinds)
            journal = Journal.of(file, origin_of(self.judge, pilot.stage, how), pilot.stage)
        ended = "" if not self.found else "it does not hold without faults"
        sources = () if executor is None else sources_of(self.judge.subject, pilot.stage)
        maker = Maker(self.judge, self.seed, ground.terrain.choices, executor, journal, sources)
        under_way: list[Batch] = []
        try:
            while not ended:
                while len(under_way) < (_AHEAD if self.runs else 1):
                    under_way.append(maker.begin(list(self._round(ground))))
                if not under_way[0].drawn:
                    ended = "there are no more courses"
                for result in maker.results(under_way[0]):
                    self._learn(result, ground)
                    self.told(self._progress(ground))
                    ended = self._why_ended(ground, began)
                    if ended:
                        break
                else:
                    del under_way[0]
        finally:
            for batch in under_way:
                batch.drop()
        return self._report(ground, ended)

    def _progress(self, ground: Ground) -> Progress:
        places = len(ground.terrain.steps)
        faults, covered = sum(self.struck.values()), len(self.struck)
        return Progress(self.runs, self.limits.runs, faults, covered, places, self.failed)

    def _pilot(self) -> tuple[Played, Ground]:
        """Play without faults, to see where anything can go wrong."""
        judge_, subject, settings = self.judge, self.judge.subject, self.judge.settings
        turns = Turns(lambda *_: 0)
        play(subject, Course(), settings, turns=turns)
        pilot = play(subject, Course(), settings, is_pilot=True)
        for verdict in judge(pilot.outcome, pilot.outcome, judge_.tolerate):
            if verdict.kind == UNPLAYABLE:
                raise ConfigError(f"without faults, the play ends with {verdict.text}")
            self.found.setdefault(verdict.same, (0, Course(), verdict))
        check_alike(pilot.outcome, judge_.calm(Course()))
        if not self.found:
            check_begun(pilot)
        names = pilot.stage._oracles.demanded
        self.sometimes = dict.fromkeys((*names, *happened(pilot.stage)), 0)
        terrain = terrain_of(pilot, self.kinds, turns.count)
        return pilot, Ground(terrain, self.kinds, Draws(self.seed, -1))

    def _round(self, ground: Ground) -> Iterator[Drawn]:
        """Draw the courses of the next round."""
        count = _ROUND
        if self.limits.runs is not None:
            count = min(count, self.limits.runs - self.drawn)
        for number in range(self.drawn, self.drawn + count):
            self.drawn += 1
            draws = Draws(self.seed, number)
            name = self._chosen(draws) if self.strategy == PORTFOLIO else self.strategy
            if name == EXHAUSTIVE:
                course = ground.planned()
                if course is not None:
                    yield Drawn(number, name, course)
                    continue
                if self.strategy == EXHAUSTIVE:
                    return
                name = "random"
            yield Drawn(number, name, *STRATEGIES[name](draws, ground))

    def _chosen(self, draws: Draws) -> str:
        """Draw a strategy: the more new states its runs have reached, the more probably."""
        weights = {}
        for name in (EXHAUSTIVE, *STRATEGIES):
            runs, new = self.tried.get(name, (0, 0))
            weights[name] = _SHARES.get(name, 200) + 1000 * (new + 1) // (runs + 1)
        left = draws.below(sum(weights.values()))
        for name, weight in weights.items():
            left -= weight
            if left < 0:
                return name
        raise AssertionError("a draw is below the sum of the weights")

    def _learn(self, result: Result, ground: Ground) -> None:
        self.runs += 1
        new = [state for state in result.states if state not in self.states]
        self.states.update(new)
        tried = self.tried.setdefault(result.strategy, [0, 0])
        tried[0] += 1
        tried[1] += len(new)
        if new:
            ground.seeds.append(Seed(result.course, result.later))
            del ground.seeds[:-_SEEDS_MAX]
        for pair in dict.fromkeys(result.struck):
            self.struck[pair] = self.struck.get(pair, 0) + 1
        for name in result.happened:
            self.sometimes[name] = self.sometimes.get(name, 0) + 1
        if is_wrong(result.verdicts):
            self.failed += 1
            verdict = result.verdicts[0]
            self.found.setdefault(verdict.same, (self.runs, result.course, verdict))
        elif result.verdicts:
            self.unplayable += 1
            self.why_unplayable = self.why_unplayable or result.verdicts[0].text

    def _why_ended(self, ground: Ground, began: float) -> str:
        limits = self.limits
        if len(self.found) >= limits.findings:
            return "enough was found"
        if limits.until_seen is not None and not self._unseen(ground):
            return f"all was seen {limits.until_seen} times"
        if limits.runs is not None and self.runs >= limits.runs:
            return "the runs were made"
        if limits.within is not None and (time.perf_counter() - began) * 1000 > to_ms(
            limits.within
        ):
            return "the time was over"
        return ""

    def _unseen(self, ground: Ground) -> list[str]:
        """List what has not happened as often as it should."""
        times = self.limits.until_seen or 1
        found = [f"sometimes {name!r}" for name, n in self.sometimes.items() if n < times]
        return found + [
            f"{kind} at {step or 'the handler'}"
            for kind, step in ground.terrain.steps
            if self.struck.get((kind, step), 0) < times
        ]

    def _report(self, ground: Ground, ended: str) -> Exploration:
        findings: list[Finding] = []
        for _, course, verdict in [*self.found.values()][: self.limits.findings]:
            findings.append(Finding.of(self.judge, shrink(self.judge, course, verdict)))
        return Exploration(
            runs=self.runs,
            failed=self.failed,
            unplayable=self.unplayable,
            why_unplayable=self.why_unplayable,
            states=len(self.states),
            findings=tuple(findings),
            found_at=tuple([number for number, _, _ in self.found.values()][: len(findings)]),
            struck=dict(sorted(self.struck.items())),
            sometimes=self.sometimes,
            strategies={name: (runs, new) for name, (runs, new) in sorted(self.tried.items())},
            unseen=tuple(self._unseen(ground)),
            ended=ended,
        )
