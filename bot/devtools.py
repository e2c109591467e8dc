"""The verbs of somebody who works on the project; ``make`` calls the same ones."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent


def lint() -> list[list[str]]:
    """Style, and everything that ruff can prove wrong."""
    ruff = str(BIN / "ruff")
    return [[ruff, "check", "."], [ruff, "format", "--check", "."]]


def types() -> list[list[str]]:
    """Both checkers, strict: mypy knows pydantic, pyright narrows better."""
    return [
        [str(BIN / "mypy"), "--python-executable", sys.executable],
        [str(BIN / "pyright"), "--pythonpath", sys.executable],
    ]


def imports() -> list[list[str]]:
    """The direction of imports."""
    return [[str(BIN / "lint-imports")]]


def test(arguments: list[str]) -> list[list[str]]:
    """The tests, on two cores."""
    return [[sys.executable, "-m", "pytest", "-n", "2", "--dist", "worksteal", *arguments]]


def check(arguments: list[str]) -> list[list[str]]:
    """All of them."""
    return [*lint(), *types(), *imports(), *test(arguments)]


def commands(verb: str, arguments: list[str]) -> list[list[str]]:
    """What a verb runs; ``arguments`` are for pytest."""
    found = {
        "lint": lint(),
        "types": types(),
        "imports": imports(),
        "test": test(arguments),
        "check": check(arguments),
    }
    return found[verb]


def bench(only: str | None) -> list[list[str]]:
    """What is measured."""
    return [[sys.executable, "-m", "benchmarks", *(["--only", only] if only else [])]]


def pictures() -> list[list[str]]:
    """The README's and the guides', taken anew."""
    return [[sys.executable, "-m", "tests.browser.pictures"]]


def soak(wanted: dict[str, int]) -> list[list[str]]:
    """Kills and faults in plenty, for hours if need be."""
    arguments = [word for name, count in wanted.items() for word in (f"--{name}", str(count))]
    return [[sys.executable, "-m", "tests.e2e.soak", *arguments]]


def run_each(commands: list[list[str]]) -> int:
    """Run one after the other, to the first that fails; its exit code, or 0."""
    for command in commands:
        code = subprocess.run(command, check=False).returncode  # noqa: S603  # the project's own tools
        if code:
            return code
    return 0
