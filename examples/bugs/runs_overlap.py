"""A run takes what is pending, and the next one begins before the first has ticked it off."""

from __future__ import annotations

import dwf_sim as dwf

post = dwf.Ledger("post")


def buggy(sim: dwf.Simulation) -> None:
    """Nothing keeps two runs apart."""
    play(sim, None)


def mended(sim: dwf.Simulation) -> None:
    """While one run goes on, no other begins."""
    play(sim, dwf.Singleton(mode="skip"))


def play(sim: dwf.Simulation, singleton: dwf.Singleton | None) -> None:
    """Send pending letters each minute."""
    pending = {"ada": True}
    app = dwf.App("club")

    @app.create_function(
        fn_id="mail", trigger=dwf.TriggerEvent(event="minute/over"), singleton=singleton
    )
    async def mail(ctx: dwf.Context) -> None:
        for user in await ctx.step.run("read", lambda: sorted(pending)):
            key = f"{ctx.run_id} {user}"
            await ctx.step.run(user, lambda key=key: post.call("letter", key=key, value=None))
            await ctx.step.run(f"tick {user}", lambda user=user: pending.pop(user, None))

    sim.serve(app)
    for minute in range(2):
        sim.send("minute/over", {"minute": minute})
        sim.advance("1m")
