"""The screen: colours and progress on a terminal, plain text everywhere else."""

from __future__ import annotations

import io

import click
import pytest

from dwf_sim.commands import screen


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        return True


def said(monkeypatch: pytest.MonkeyPatch, text: str, style: str, **variables: str) -> str:
    """Say something on a terminal, and give what it gets."""
    stream = Terminal()
    monkeypatch.setattr("sys.stdout", stream)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    screen.say(text, style)
    return stream.getvalue()


def test_a_terminal_gets_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(monkeypatch, "passed", "good") == click.style("passed", fg="green") + "\n"


@pytest.mark.parametrize("variable", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_who_wants_none_gets_plain_text(
    monkeypatch: pytest.MonkeyPatch, variable: dict[str, str]
) -> None:
    text = screen.styled("passed", "good") + " it"

    assert said(monkeypatch, text, "bad", **variable) == "passed it\n"


def test_what_is_no_terminal_gets_plain_text(capsys: pytest.CaptureFixture[str]) -> None:
    screen.say("passed", "good")

    assert capsys.readouterr().out == "passed\n"


def test_a_table_is_as_wide_as_it_needs() -> None:
    lines = screen.table(("run", "status"), [("a-long-name#1", "failed"), ("b", "completed")])

    assert [click.unstyle(line) for line in lines] == [
        "run            status",
        "a-long-name#1  failed",
        "b              completed",
    ]


def shown(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, seconds: list[float]) -> str:
    """Show progress at these instants, and give what the error output has of it."""
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    times = iter([0.0, *seconds])
    with screen.Progress("cases", clock=lambda: next(times)) as progress:
        for nth, _ in enumerate(seconds):
            progress.show(nth, len(seconds))
    return stream.getvalue()


def test_progress_is_shown_when_a_second_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(monkeypatch, Terminal(), [0.1, 0.9, 1.1, 1.2])

    assert "2/4" in text
    assert "3/4" in text
    assert "1/4" not in text
    assert text.endswith("\033[K\033[?25h")


def test_progress_of_what_is_quick_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, Terminal(), [0.1, 0.9]) == ""


def test_progress_is_for_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, io.StringIO(), [5.0, 6.0]) == ""


def test_what_is_under_way_is_said_on_a_terminal_and_wiped_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    for stream, text in ((Terminal(), "playing a …\r\033[K"), (io.StringIO(), "")):
        monkeypatch.setattr("sys.stderr", stream)

        with screen.busy("playing a"):
            pass

        assert stream.getvalue() == text
