"""The table of the page: each question with the mock's answer and ours, as they were given now."""

from __future__ import annotations

from inngest.experimental import mocked as vendor

from dwf_sim import mocked
from tests.comparison.cases import CASES
from tests.source import ROOT

PAGE = ROOT / "docs" / "comparison.md"
HEAD = "| asked | the vendor's mock | dwf_sim, as the server |\n|---|---|---|\n"


def rows() -> str:
    """Ask both and write the table."""
    return HEAD + "".join(
        f"| {case.question} | {case.ask(vendor)} | {case.ask(mocked)} |\n" for case in CASES
    )


if __name__ == "__main__":
    print(rows())
