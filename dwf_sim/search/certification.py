"""Certification: every single crash of an input, every pair of them, and its events twice and late.

What is proved is exact: the runs that are counted were all played, and each is judged by the same
input without faults.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from typing import Any

import attrs

from dwf_sim.errors import ConfigError, InvariantViolated
from dwf_sim.faults import Fault, Site
from dwf_sim.given import keywords_of, shown
from dwf_sim.model.event import Event
from dwf_sim.model.run import FAILED
from dwf_sim.search.course import Course
from dwf_sim.search.finding import Finding
from dwf_sim.search.judging import Judged, judge_each
from dwf_sim.search.playing import Judge, Played, check_alike, check_begun, play
from dwf_sim.search.settings import settings_given
from dwf_sim.search.shrink import shrink
from dwf_sim.search.sites import CRASHES, faults_of, faults_of_events, kinds_given
from dwf_sim.search.subject import subject_of
from dwf_sim.search.table import AND_ONE_MORE, Cell, table
from dwf_sim.search.verdict import HOLDS, UNPLAYABLE, Verdict, is_wrong, judge, tolerated

_FINDINGS_MAX = 5  # How many mistakes are shrunk; the others are counted.


@attrs.frozen(eq=False)
class Certificate:
    """What was played and what came of it; `str()` is the report, with its table.

    `singles`, `doubles` and `others` count the runs with one crash, with two, and with an event
    that comes twice, a minute late or on the other side of where a wait began or ended; `failed`
    those of them that do not hold. `unplayable` says of others why the play could not go on in
    them, `failing` which runs fail without faults, too. `kinds` are those of the faults that were
    tried, `tolerate` the verdicts that did not count.
    """

    cells: tuple[Cell, ...]
    singles: int
    doubles: int
    others: int
    failed: int
    unplayable: tuple[Verdict, ...]
    findings: tuple[Finding, ...]
    has_doubles: bool
    kinds: tuple[str, ...]
    tolerate: tuple[str, ...]
    failing: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether all holds."""
        return not self.findings

    @property
    def bound(self) -> str:
        """What is proved, exactly."""
        if not self.holds:
            runs = self.singles + self.doubles + self.others
            if not runs:
                return "not certified: it does not hold without faults"
            return f"not certified: {self.failed:,} of {_counted(runs, 'run')} do not hold"
        schedules = f"all {self.singles:,} single"
        if self.has_doubles:
            schedules += f" and {self.doubles:,} double"
        is_usual = set(self.kinds) == set(CRASHES)
        what = "crash schedules" if is_usual else f"schedules of {' or '.join(self.kinds)}"
        late = "with an event twice, a minute late or around a wait"
        others = f", and all {self.others:,} {late}," if self.others else ""
        proved = f"{schedules} {what} of this input{others} hold"
        return ", ".join([proved, *self._restrictions()])

    def _restrictions(self) -> Iterator[str]:
        """Say what is less than it may seem."""
        if self.tolerate:
            yield f"where {', '.join(map(repr, self.tolerate))} does not count"
        if self.unplayable:
            count, first = len(self.unplayable), self.unplayable[0]
            yield f"but for {count} that could not be played: {first.text}"
        if self.failing:
            more = len(self.failing) - 1
            yield f"though {self.failing[0]}" + (f" and so do {more} more" if more else "")

    @property
    def digest(self) -> str:
        """The hash of the report: equal for equal certificates, in any process."""
        return hashlib.sha256(str(self).encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """The certificate for programs to read."""
        return {
            "holds": self.holds,
            "bound": self.bound,
            "singles": self.singles,
            "doubles": self.doubles,
            "others": self.others,
            "failed": self.failed,
            "kinds": list(self.kinds),
            "tolerate": list(self.tolerate),
            "failing": list(self.failing),
            "unplayable": [verdict.text for verdict in self.unplayable],
            "table": [attrs.asdict(cell) for cell in self.cells],
            "findings": [str(finding) for finding in self.findings],
            "digest": self.digest,
        }

    def check(self) -> None:
        """Raise `InvariantViolated`, with the report, unless all holds."""
        if not self.holds:
            raise InvariantViolated(str(self))

    @property
    def table(self) -> str:
        """Steps by phases, and events: the worst verdict of each place."""
        return table(self.cells)

    def __str__(self) -> str:
        parts = [self.table, *map(str, self.findings), self.bound]
        return "\n\n".join(filter(None, parts))


def certify(
    subject: object,
    event: Event | str | None = None,
    data: Mapping[str, Any] | None = None,
    *,
    events: Iterable[Any] = (),
    setup: object = None,
    kinds: Collection[str] = CRASHES,
    pairs: bool = True,
    tolerate: Collection[str] = (),
    executor: Executor | None = None,
    **settings: Any,
) -> Certificate:
    """Play an input with every single crash, every two, and its events twice and late.

    `subject` is an app, a function of nothing that makes one, or a play: a function of a
    simulation, which serves and sends; or the place of one of these, `package.module:name`. An app
    is sent `event` with `data`, or `events`, a list of (at, name, data). `setup` is called before
    each run. `kinds` are the kinds of faults that are tried at each site; two are tried together
    unless `pairs` is False, and if each alone holds. `tolerate` names verdicts that are none. With
    an `executor` of `concurrent.futures` that has processes, runs are made there; the report is
    the same. Other keywords are those of `Simulation`. Raises `ConfigError` for what cannot be
    played, `UsageError` for what is not the same when it is played again, and `DurationError` for
    a time that is none.
    """
    given = settings_given("certify", settings, keywords_of(certify))
    if not isinstance(pairs, bool):
        raise ConfigError(f"pairs is {pairs!r}; it is True or False")
    whole = subject_of(subject, event, data, events=events, setup=setup)
    judge = Judge(whole, given, tolerated(tolerate))
    work = _Certification(judge, kinds_given(kinds), executor)
    return work.certify(has_doubles=pairs)


@attrs.define
class _Certification:
    judge: Judge
    kinds: tuple[str, ...]
    executor: Executor | None
    cells: list[Cell] = attrs.field(factory=list)
    failed: int = 0
    failing: tuple[str, ...] = ()
    unplayable: list[Verdict] = attrs.field(factory=list)
    _firsts: dict[tuple[str, str], tuple[Course, Verdict]] = attrs.field(factory=dict)

    def certify(self, *, has_doubles: bool) -> Certificate:
        pilot = self._pilot()
        if self._firsts:
            return self._certificate(0, 0, 0, has_doubles=False)
        sites = pilot.stage.sites
        firsts = [(site, fault) for site in sites for fault in faults_of(site, self.kinds)]
        if not firsts:
            raise ConfigError(
                f"kinds is {shown(list(self.kinds))}, and none of these can strike at a site of "
                "this input, so there is nothing to prove; leave kinds out to try each crash"
            )
        after = self._singles(firsts)
        others = tuple(faults_of_events(pilot.stage))
        self._others(others)
        has_doubles = has_doubles and not self.failed
        doubles = [
            (site, Course(faults=(first, second)))
            for (site, first), sites in (zip(firsts, after, strict=True) if has_doubles else ())
            for later in sites
            for second in faults_of(later, self.kinds)
        ]
        found = judge_each(self.judge, [course for _, course in doubles], self.executor)
        for (site, _), judged in zip(doubles, found, strict=True):
            self.cells.append(_cell(site, AND_ONE_MORE, self._note(judged)))
        return self._certificate(len(firsts), len(doubles), len(others), has_doubles=has_doubles)

    def _pilot(self) -> Played:
        """Play without faults. What is wrong then is wrong by itself."""
        pilot = play(self.judge.subject, Course(), self.judge.settings, is_pilot=True)
        verdicts = judge(pilot.outcome, pilot.outcome, self.judge.tolerate)
        if verdicts and verdicts[0].kind == UNPLAYABLE:
            raise ConfigError(f"without faults, the play ends with {verdicts[0].text}")
        check_alike(pilot.outcome, self.judge.calm(Course()))
        for verdict in verdicts:
            self._firsts.setdefault(verdict.same, (Course(), verdict))
        if not verdicts:
            check_begun(pilot)
        endings = pilot.outcome.endings
        failed = [ending for ending in endings if ending.status == FAILED]
        self.failing = tuple(
            f"{ending.label} fails without faults ({ending.text})" for ending in failed
        )
        return pilot

    def _singles(self, firsts: list[tuple[Site, Fault]]) -> list[tuple[Site, ...]]:
        """Play each fault alone, and give the sites that are come to after it."""
        after = []
        courses = [Course(faults=(fault,)) for _, fault in firsts]
        found = judge_each(self.judge, courses, self.executor, is_pilot=True)
        for (site, _), judged in zip(firsts, found, strict=True):
            self.cells.append(_cell(site, site.phase, self._note(judged)))
            after.append(judged.later)
        return after

    def _others(self, others: Iterable[tuple[str, Fault]]) -> None:
        """Play each fault of events."""
        given = list(others)
        courses = [Course(faults=(fault,)) for _, fault in given]
        found = judge_each(self.judge, courses, self.executor)
        for (word, fault), judged in zip(given, found, strict=True):
            event = getattr(fault, "event")  # noqa: B009  # Of events.
            self.cells.append(Cell("", event, word, self._note(judged)))

    def _note(self, judged: Judged) -> str:
        """Note what came of a course; gives the kind of the worst that is wrong."""
        verdicts = judged.verdicts
        if not verdicts:
            return HOLDS
        if is_wrong(verdicts):
            self.failed += 1
            self._firsts.setdefault(verdicts[0].same, (judged.course, verdicts[0]))
        else:
            self.unplayable.append(verdicts[0])
        return verdicts[0].kind

    def _certificate(
        self, singles: int, doubles: int, others: int, *, has_doubles: bool
    ) -> Certificate:
        findings = []
        for course, verdict in [*self._firsts.values()][:_FINDINGS_MAX]:
            findings.append(Finding.of(self.judge, shrink(self.judge, course, verdict)))
        return Certificate(
            tuple(self.cells),
            singles,
            doubles,
            others,
            self.failed,
            tuple(self.unplayable),
            tuple(findings),
            has_doubles,
            self.kinds,
            self.judge.tolerate,
            self.failing,
        )


def _cell(site: Site, phase: str, verdict: str) -> Cell:
    return Cell(site.run.rpartition("#")[0], site.step, phase, verdict)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + "s" * (count != 1)
