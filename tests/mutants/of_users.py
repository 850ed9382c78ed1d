"""Mutants of user functions: the mistakes that are made with steps, keys, waits and settings."""

from __future__ import annotations

import contextlib
import random
import uuid

import dwf_sim as dwf
from tests.mutants import shop
from tests.mutants.mutant import Patch, gives, mutant
from tests.mutants.shop import Order, Settings

# Effects.


@mutant("effects once per step", shop.charged)
def charges_without_a_key(patch: Patch) -> None:
    patch.setattr(Order, "key", gives(None))


@mutant("effects once per step", shop.charged)
def makes_up_a_key_in_the_step(patch: Patch) -> None:
    patch.setattr(Order, "key", lambda _: str(uuid.uuid4()))


@mutant("recovery", shop.recovered)
def has_a_key_for_each_attempt(patch: Patch) -> None:
    patch.setattr(Order, "key", lambda self: f"{self.number}-{self.ctx.attempt}")


@mutant("verdict", shop.charged_each)
def charges_twice_when_it_is_crashed(patch: Patch) -> None:
    patch.setattr(Order, "key", gives(None))


@mutant("verdict", shop.charged_each)
def has_one_key_for_all_orders(patch: Patch) -> None:
    patch.setattr(Order, "key", gives("charge"))


@mutant("recovery", shop.recovered)
def is_started_once_for_each_copy_of_an_event(patch: Patch) -> None:
    patch.setattr(Settings, "singleton", None)


@mutant("recovery", shop.recovered)
def has_no_attempts_left_for_a_crash(patch: Patch) -> None:
    patch.setattr(Settings, "retries", 0)


@mutant("recovery", shop.recovered)
def says_that_it_is_charged_before_it_is(patch: Patch) -> None:
    done: set[str] = set()

    def charge_card(self: Order, stripe: dwf.Ledger) -> object:
        if self.ctx.run_id in done:
            return 42
        done.add(self.ctx.run_id)
        stripe.call("look up", key="1", value=0)
        return stripe.call("charge", key=self.key(), value=42)

    patch.setattr(Order, "charge_card", charge_card)


@mutant("recovery", shop.completed)
def sends_an_event_without_an_id(patch: Patch) -> None:
    patch.setattr(Order, "event", lambda self: dwf.Event("order/complete", {"n": self.number}))


# What an entry of the handler does otherwise than the one before.


@mutant("mistake", shop.reserved)
def has_step_ids_from_chance(patch: Patch) -> None:
    patch.setattr(Order, "step_id", lambda _, item: f"{item}-{uuid.uuid4()}")


@mutant("mistake", shop.reserved)
def asks_for_steps_in_the_order_of_a_shuffle(patch: Patch) -> None:
    patch.setattr(Order, "items", lambda _: random.sample([f"item {n}" for n in range(9)], 9))


@mutant("mistake", shop.reserved)
def asks_for_what_the_cache_of_its_worker_has(patch: Patch) -> None:
    def cached(_: Order) -> list[str]:
        known = [*shop.cache]
        shop.cache["known"] = "shoes"
        return known or ["shoes", "socks"]

    patch.setattr(Order, "items", cached)


# What is done outside of steps.


@mutant("mistake", shop.notified)
def sends_a_letter_outside_of_steps(patch: Patch) -> None:
    async def notify(self: Order, mail: dwf.Ledger) -> None:
        mail.call("send", key=f"{self.number}", value=0)

    patch.setattr(Order, "notify", notify)


@mutant("mistake", shop.notified)
def sleeps_outside_of_steps(patch: Patch) -> None:
    async def rest(self: Order) -> None:
        await shop.asyncio.sleep(1)

    patch.setattr(Order, "rest", rest)


@mutant("mistake", shop.added_up)
def adds_up_in_the_bodies_of_steps(patch: Patch) -> None:
    async def total(self: Order) -> int:
        found = 0

        def add() -> None:
            nonlocal found
            found += 1

        for n in (1, 2):
            await self.ctx.step.run(f"price {n}", add)
        return found

    patch.setattr(Order, "total", total)


# Waits, errors and settings.


@mutant("oracle", shop.paid)
def waits_after_it_has_asked(patch: Patch) -> None:
    async def ask(self: Order) -> object:
        await self.ctx.step.send_event("ask", dwf.Event("payment/asked"))
        await self.ctx.step.run("look up", lambda: None)
        return await self.ctx.step.wait_for_event("paid", event="payment/made", timeout="1h")

    patch.setattr(Order, "ask", ask)


@mutant("oracle", shop.shipped)
def ships_whatever_became_of_the_payment(patch: Patch) -> None:
    async def ship(self: Order) -> str:
        with contextlib.suppress(dwf.StepError):
            await self.ctx.step.run("pay", self.refuse)
        return "shipped"

    patch.setattr(Order, "ship", ship)


@mutant("oracle", shop.booked)
def takes_from_a_stock_at_the_same_time(patch: Patch) -> None:
    patch.setattr(Settings, "concurrency", [])


@mutant("oracle", shop.cancelled)
def cancels_the_orders_of_everybody(patch: Patch) -> None:
    patch.setattr(Settings, "cancel", dwf.Cancel(event="order/cancelled"))
