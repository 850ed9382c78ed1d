"""A debounce has no key, so that one user's changes put off, and replace, those of another."""

from __future__ import annotations

import dwf_sim as dwf


def buggy(sim: dwf.Simulation) -> None:
    """There is one debounce for all."""
    play(sim, dwf.Debounce(period="1m"))


def mended(sim: dwf.Simulation) -> None:
    """There is one for each user."""
    play(sim, dwf.Debounce(period="1m", key="event.data.user"))


def play(sim: dwf.Simulation, debounce: dwf.Debounce) -> None:
    """Index the profiles of two users, who change them ten minutes apart."""
    indexed: dict[str, int] = {}
    app = dwf.App("club")

    @app.create_function(
        fn_id="index", trigger=dwf.TriggerEvent(event="profile/changed"), debounce=debounce
    )
    async def index(ctx: dwf.Context) -> None:
        await ctx.step.run("index", lambda: indexed.update({ctx.event.data["user"]: 1}))

    sim.serve(app)
    sim.eventually("both are indexed", lambda: len(indexed) == 2)
    for user in ("ada", "bob"):
        sim.send("profile/changed", {"user": user})
        sim.advance("10m")
