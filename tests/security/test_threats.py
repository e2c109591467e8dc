"""``SECURITY.md`` promises nothing that no test attacks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOLD = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
THREATS = re.findall(r"^\| (?!threat|---)(.+?) \| .+? \| (.+?) \|$", TOLD, re.MULTILINE)


TESTS = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^(?:async )?def (test_\w+)\(", path.read_text("utf-8"), re.MULTILINE)
}


def test_there_are_threats() -> None:
    assert len(THREATS) > 40
    assert TOLD.count("\n| ") - TOLD.count("\n| threat ") == len(THREATS)


@pytest.mark.parametrize(("threat", "named"), THREATS, ids=[threat for threat, _ in THREATS])
def test_each_threat_names_a_test_that_there_is(threat: str, named: str) -> None:
    assert threat
    assert named.strip("`") in TESTS


def test_every_file_of_these_attacks_is_on_the_list() -> None:
    named = {name.strip("`") for _, name in THREATS}
    for path in Path(__file__).parent.glob("test_*.py"):
        if path.name == Path(__file__).name:
            continue
        assert any(f"def {name}(" in path.read_text(encoding="utf-8") for name in named), path.name
