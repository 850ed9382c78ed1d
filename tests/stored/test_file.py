"""Files of stored failures: what is written is read, and what is none is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from dwf_sim.errors import ConfigError
from dwf_sim.stored.file import check_fields, name_for, read_stored, write_stored


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / "found" / "a.json"

    write_stored(file, "finding", {"seed": 7})

    assert read_stored(file) == {"format": 1, "kind": "finding", "seed": 7}


def test_a_file_without_a_kind_is_that_of_a_test(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text('{"format": 1}')

    assert read_stored(file)["kind"] == "test"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": "1"}', '{"format": 1, "kind": 3}', "[" * 100_000]
)
def test_what_is_no_stored_failure_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.json"
    file.write_text(text)

    with pytest.raises(ConfigError, match=r"a\.json: this is no stored failure: "):
        read_stored(file)


def test_a_field_that_is_missing_or_wrong_is_named() -> None:
    content = {"format": 1, "kind": "scenario", "row": 3}

    with pytest.raises(ConfigError, match="it lacks file; a file of that kind has format, kind,"):
        check_fields(Path("a.json"), content, {"file": str})
    with pytest.raises(ConfigError, match="its row is 3"):
        check_fields(Path("a.json"), content, {"row": str})


def test_names_are_those_of_files_however_long_they_are() -> None:
    assert name_for("shop/test_pay.py::test_it[a b]") == "shop-test-pay-py-test-it-a-b"
    assert name_for("/é/ß") == "é-ß"

    long = [name_for("é" * 300 + end) for end in ("a", "b")]

    assert long[0] != long[1]
    assert all(len(f"{name}.json".encode()) < 255 for name in long)
