"""Record the histories anew: `python record.py`, then look at the diff and commit it."""

from shop import app

import dwf_sim as dwf

ORDER = {"order": 7, "sku": "book"}


def paid(simulation: dwf.Simulation) -> None:
    """The rest is paid after two days."""
    simulation.send("order/created", ORDER)
    simulation.advance("2d")
    simulation.send("order/paid", {"order": 7})


def expired(simulation: dwf.Simulation) -> None:
    """Nobody pays."""
    simulation.send("order/created", ORDER)


if __name__ == "__main__":
    for play in (paid, expired):
        dwf.record(app, play).save("histories")
