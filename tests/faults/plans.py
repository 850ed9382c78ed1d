"""Random plans over the shapes: from a number, a shape, a driver, a world and what goes wrong.

`python -m tests.faults.plans FIRST COUNT` prints the digest of each, for a comparison with another
process.
"""

from __future__ import annotations

import functools
import random
import sys

import attrs

import dwf_sim as dwf
from dwf_sim import clock, crash, events, functions, response, server, steps, timers, worker
from dwf_sim.faults import Site, faults_at
from tests.faults.shapes import SHAPES, play


@attrs.frozen
class Trial:
    """A shape that is played by a driver in a world of its own, with a plan."""

    shape: str
    driver: str
    seed: int
    interleave: str
    faults: dwf.FaultPlan

    def run(self) -> dwf.Simulation:
        """Play it to its end."""
        return play(
            self.shape,
            self.driver,
            seed=self.seed,
            interleave=self.interleave,
            faults=self.faults,
            latency=dwf.Latency(request=("0ms", "80ms"), step=("0ms", "20ms")),
        )


def make_trial(number: int) -> Trial:
    """Make the trial of a number."""
    chance = random.Random(number)
    shape = chance.choice([*SHAPES])
    driver = chance.choice(("native", "sdk")) if SHAPES[shape].has_twin else "native"
    faults = [
        chance.choice((_at_a_site, _at_a_site, _by_rule, _by_the_clock))(chance, shape, driver)
        for _ in range(chance.randint(1, 4))
    ]
    interleave = chance.choice(("fifo", "random"))
    return Trial(shape, driver, chance.randrange(1000), interleave, dwf.FaultPlan(faults))


@functools.cache
def _sites(shape: str, driver: str) -> tuple[Site, ...]:
    sites = play(shape, driver, pilot=True).sites
    return tuple(site for site in sites if faults_at(site))


def _at_a_site(chance: random.Random, shape: str, driver: str) -> dwf.Fault:
    return chance.choice(faults_at(chance.choice(_sites(shape, driver))))


def _by_rule(chance: random.Random, shape: str, driver: str) -> dwf.Fault:
    often: dict[str, object] = {
        "chance": chance.choice((0.05, 0.2, 1.0)),
        "times": chance.choice((1, 2, 5)),
    }
    makers = [crash.before, crash.inside, crash.after_effect, crash.after_memo, crash.after_ack]
    makers += [response.lose, response.repeat, response.gateway]
    makers += [worker.restart, worker.zombie, server.restart]
    makers += [events.duplicate, events.drop, events.reorder, events.lose_ack]
    makers += [functools.partial(steps.slow, by="3m"), functools.partial(timers.late, by="30s")]
    makers += [functools.partial(response.delay, by="40s"), functools.partial(events.delay, by=2)]
    make = chance.choice(makers)
    return make(**often)


def _by_the_clock(chance: random.Random, shape: str, driver: str) -> dwf.Fault:
    at = chance.choice((0, 50, 800, 2_500, 7_000))
    function = next(iter(SHAPES[shape].build().functions.values())).config.id
    return chance.choice(
        (
            clock.skew(by=chance.choice(("-1h", "3s"))),
            clock.jump(by=chance.choice(("-1d", "1h")), at=at),
            functions.pause(function, at=at, for_="8s"),
            worker.restart(at=at),
            server.restart(at=at),
            worker.storm(at=at, lasts="9s", status=chance.choice((503, None))),
            response.storm(at=at, lasts="9s", chance=0.5),
        )
    )


if __name__ == "__main__":
    first, count = int(sys.argv[1]), int(sys.argv[2])
    for number in range(first, first + count):
        sys.stdout.write(make_trial(number).run().trace.digest() + "\n")
