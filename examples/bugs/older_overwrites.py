"""Each change is saved as it comes, so that an older one that comes late overwrites a newer one."""

from __future__ import annotations

from collections.abc import Callable

import dwf_sim as dwf

Saved = list[int]


def buggy(sim: dwf.Simulation) -> None:
    """The last one to come wins."""

    def save(saved: Saved, version: int) -> None:
        saved.append(version)

    play(sim, save)


def mended(sim: dwf.Simulation) -> None:
    """The newest one wins."""

    def save(saved: Saved, version: int) -> None:
        if not saved or version > saved[-1]:
            saved.append(version)

    play(sim, save)


def play(sim: dwf.Simulation, save: Callable[[Saved, int], None]) -> None:
    """Save a profile that is changed each minute."""
    saved: Saved = []
    app = dwf.App("club")

    @app.create_function(fn_id="save", trigger=dwf.TriggerEvent(event="profile/changed"))
    async def save_profile(ctx: dwf.Context) -> None:
        await ctx.step.run("save", save, saved, ctx.event.data["version"])

    sim.serve(app)
    sim.always("what is saved gets newer", lambda: saved == sorted(saved))
    for version in (1, 2, 3):
        sim.send("profile/changed", {"version": version})
        sim.advance("1m")
