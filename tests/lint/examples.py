"""Examples for each rule of the linter: code with the mistake at the marked line, and without it.

`# HERE` marks a line with the mistake. Each text is the body of a handler; `SDK` and `NATIVE` are
what stands before it. Lines that begin with `@` belong to the module instead.
"""

from __future__ import annotations

import textwrap

NATIVE = """\
import asyncio, datetime, functools, logging, os, random, secrets, time, uuid
from datetime import datetime as dt
import httpx
import dwf_sim as dwf

app = dwf.App("shop")
stripe = dwf.Ledger("stripe")
log = logging.getLogger(__name__)
count = 0
"""
SDK = NATIVE.replace("import dwf_sim as dwf", "import dwf_sim as dwf\nimport inngest").replace(
    'dwf.App("shop")', 'inngest.Inngest(app_id="shop")'
)


def module(body: str, head: str = NATIVE) -> str:
    """Write a module whose durable function has this body."""
    lines = textwrap.dedent(body).strip("\n").splitlines()
    own = "\n".join(line.removeprefix("@ ") for line in lines if line.startswith("@ "))
    inner = "\n".join(line for line in lines if not line.startswith("@ "))
    library = "inngest" if "import inngest" in head else "dwf"
    trigger = f'{library}.TriggerEvent(event="shop/order.created")'
    decorator = f'@app.create_function(fn_id="f", trigger={trigger})'
    function = "async def f(ctx):\n" + textwrap.indent(inner or "pass", "    ")
    return f"{head}\n{own}\n\n{decorator}\n{function}\n"


WRONG: dict[str, list[str]] = {
    "DWF001": [
        'n = random.random()  # HERE\nawait ctx.step.run("a", lambda: n)',
        "key = str(uuid.uuid4())  # HERE",
        "@ from uuid import uuid4 as fresh\nkey = fresh()  # HERE",
        "token = secrets.token_hex()  # HERE",
        "salt = os.urandom(8)  # HERE",
        "items = random.Random().sample([1, 2], 2)  # HERE",
        "@ def pick():\n@     return random.choice([1, 2])  # HERE\nn = pick()",
        'await asyncio.gather(*(ctx.step.sleep("a", random.randint(1, 9)) for _ in "x"))  # HERE',
    ],
    "DWF002": [
        "now = datetime.datetime.now()  # HERE",
        "now = dt.utcnow()  # HERE",
        "now = time.time_ns()  # HERE",
        "today = datetime.date.today()  # HERE",
    ],
    "DWF003": [
        'stripe.call("charge", value=1)  # HERE',
        'httpx.post("https://example.com")  # HERE',
        "async with httpx.AsyncClient() as web:\n    await web.post('/')  # HERE",
        "with open('a') as file:  # HERE\n    pass",
        "@ async def charge():\n@     stripe.call('charge', value=1)  # HERE\nawait charge()",
    ],
    "DWF004": [
        'app.send(dwf.Event("shop/order.paid"))  # HERE',
    ],
    "DWF005": [
        'print("hello")  # HERE',
        'log.info("hello")  # HERE',
        'logging.warning("hello")  # HERE',
    ],
    "DWF006": [
        "await asyncio.sleep(1)  # HERE",
        "time.sleep(1)  # HERE",
    ],
    "DWF007": [
        """
        total = 0
        def add():
            nonlocal total
            total += 1
        await ctx.step.run("a", add)
        return total  # HERE
        """,
        """
        total = 0
        for nth in range(3):
            if total > 1:  # HERE
                break
            def add():
                nonlocal total
                total = nth
            await ctx.step.run("a", add)
        """,
        """
        def add():
            global count
            count = 1
        await ctx.step.run("a", functools.partial(add))
        await ctx.step.run("b", print, count)  # HERE
        """,
    ],
    "DWF008": [
        'rows = []\nawait ctx.step.run("a", lambda: rows.append(1))\nreturn rows  # HERE',
        """
        found = {}
        def look():
            found["a"] = 1
        await ctx.step.run("a", look)
        return len(found)  # HERE
        """,
    ],
    "DWF009": [
        'await ctx.step.run(f"charge-{random.random()}", print)  # HERE',
        'await ctx.step.run(f"try-{ctx.attempt}", print)  # HERE',
        'now = time.time()\nday = str(now)\nawait ctx.step.sleep("a" + day, "1h")  # HERE',
        "step = ctx.step\nawait step.run(step_id=str(id(ctx)), handler=print)  # HERE",
        'await ctx.step.run(f"n-{count}", print)  # HERE\n@ def g():\n@     global count',
    ],
    "DWF010": [
        'for item in {"a", "b"}:  # HERE\n    await ctx.step.run(item, print)',
        'items = set("ab")\nfor item in items:  # HERE\n    await ctx.step.run(item, print)',
        'await asyncio.gather(*[ctx.step.run(i, print) for i in set("ab")])  # HERE',
    ],
    "DWF011": [
        """
        async def outer():
            await ctx.step.run("inner", print)  # HERE
        await ctx.step.run("outer", outer)
        """,
        'await ctx.step.run("outer", lambda: ctx.step.run("inner", print))  # HERE',
    ],
    "DWF012": [
        'ctx.step.run("a", print)  # HERE',
        'ctx.step.sleep("a", "1h")  # HERE',
    ],
    "DWF013": [
        'try:\n    await ctx.step.run("a", print)\nexcept:  # HERE\n    pass',
        """
        try:
            await ctx.step.run("a", print)
        except (ValueError, BaseException):  # HERE
            return 1
        """,
    ],
    "DWF020": [
        '@ made = dwf.Event("")  # HERE',
        '@ made = dwf.Event("shop/order created")  # HERE',
        '@ made = dwf.Event("Inngest/mine")  # HERE',
        '@ every = dwf.TriggerEvent(event="shop*")  # HERE',
        '@ every = dwf.TriggerEvent(event="shop/*/paid")  # HERE',
        f'await ctx.step.wait_for_event("a", event="{"x" * 256}", timeout="1d")  # HERE',
    ],
    "DWF021": [
        '@ made = dwf.Event("shop/order.craeted")  # HERE',
        '@ sim = dwf.Simulation()\n@ sim.send("shop/order.create")  # HERE',
        """
        await ctx.step.wait_for_event("a", event="shop/order.paid", timeout="1d")
        @ made = dwf.Event(name="shop/order.payed")  # HERE
        """,
    ],
    "DWF022": [
        '@ made = dwf.Event("shop/order.created", {}, id="order")  # HERE',
        '@ made = dwf.Event("shop/order.created", id=order.id)  # HERE',
        '@ made = dwf.Event("shop/order.created", id=str(order["id"]))  # HERE',
        '@ made = dwf.Event("shop/order.created", id=f"{order}-{user}")  # HERE',
    ],
}

RIGHT: dict[str, list[str]] = {
    "DWF001": [
        'n = await ctx.step.run("a", random.random)\nreturn n',
        'n = await ctx.step.run("a", lambda: random.random())\nreturn n',
        "items = random.Random(7).sample([1, 2], 2)",
        """
        def draw():
            return pick()
        def pick():
            return random.random()
        await ctx.step.run("a", draw)
        """,
        "@ def other():\n@     return random.random()",
        "key = uuid.uuid5(uuid.NAMESPACE_URL, 'a')",
    ],
    "DWF002": [
        'now = await ctx.step.run("a", lambda: time.time())',
        "n = random.random()  # noqa: DWF002",
    ],
    "DWF003": [
        'await ctx.step.run("a", stripe.call, "charge", value=1)',
        'await ctx.step.run("a", lambda: stripe.call("charge", value=1))',
        "web = httpx.AsyncClient()",
        "def charge():\n    stripe.call('charge', value=1)\nawait ctx.step.run('a', charge)",
    ],
    "DWF004": [
        'await ctx.step.send_event("a", dwf.Event("shop/order.paid"))',
        'await ctx.step.run("a", lambda: app.send(dwf.Event("shop/order.paid")))',
        "generator = iter(())\ngenerator.send(1)",
    ],
    "DWF005": [
        'ctx.logger.info("hello")',
        'await ctx.step.run("a", lambda: print("hello"))',
        "math.log(2)",
        'print("hello")  # noqa: DWF005',
    ],
    "DWF006": ['await ctx.step.sleep("a", "1s")', 'await ctx.step.run("a", asyncio.sleep, 1)'],
    "DWF007": [
        "total = 0\ntotal += await ctx.step.run('a', lambda: 1)\nreturn total",
        """
        total = 0
        def add():
            nonlocal total
            total = 1
            return total
        total = await ctx.step.run("a", add)
        return total
        """,
        """
        def add():
            total = 1
            return total
        await ctx.step.run("a", add)
        total = 2
        return total
        """,
    ],
    "DWF008": [
        "rows = []\nrows.append(await ctx.step.run('a', lambda: 1))\nreturn rows",
        """
        rows = []
        def look():
            rows = []
            rows.append(1)
            return rows
        await ctx.step.run("a", look)
        return rows
        """,
    ],
    "DWF009": [
        'await ctx.step.run(f"charge-{ctx.event.data["n"]}", print)'.replace('"n"', "'n'"),
        'for n in range(3):\n    await ctx.step.run(f"page-{n}", print)',
        'n = await ctx.step.run("draw", random.random)\nawait ctx.step.run(f"a-{n}", print)',
        'n = await ctx.step.run("a", lambda: random.random())\nawait ctx.step.sleep(f"{n}", 1)',
    ],
    "DWF010": [
        'for item in sorted({"a", "b"}):\n    await ctx.step.run(item, print)',
        'for item in {"a", "b"}:\n    ctx.logger.info(item)',
        'for item in ("a", "b"):\n    await ctx.step.run(item, print)',
    ],
    "DWF011": [
        'await ctx.group.parallel((lambda: ctx.step.run("a", print),))',
        "async def both():\n    await ctx.step.run('a', print)\nawait both()",
    ],
    "DWF012": [
        'await ctx.step.run("a", print)',
        'one = ctx.step.run("a", print)\nawait asyncio.gather(one)',
    ],
    "DWF013": [
        'try:\n    await ctx.step.run("a", print)\nexcept Exception:\n    pass',
        'try:\n    await ctx.step.run("a", print)\nexcept BaseException:\n    raise',
        "try:\n    pass\nexcept:\n    pass",
    ],
    "DWF020": [
        '@ made = dwf.Event("shop/order.created")',
        '@ every = [dwf.TriggerEvent(event="shop/*"), dwf.TriggerEvent(event="shop/order.*")]',
        '@ failed = dwf.TriggerEvent(event="inngest/function.failed")',
    ],
    "DWF021": [
        '@ made = dwf.Event("shop/order.created")',
        '@ made = dwf.Event("mail/sent")',
        '@ every = dwf.TriggerEvent(event="shop/*")\n@ made = dwf.Event("shop/order.craeted")',
    ],
    "DWF022": [
        '@ made = dwf.Event("shop/order.created", id=f"order-created-{order.id}")',
        '@ made = dwf.Event("shop/order.created", id=str(uuid.uuid4()))',
        '@ made = dwf.Event("shop/order.created", {"id": "order"})',
        '@ made = dwf.Event("shop/order.created", id=event_id)',
    ],
}
