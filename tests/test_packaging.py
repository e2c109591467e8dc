"""What is delivered with the program: the image's recipe, the unit, alerts and dashboard."""

from __future__ import annotations

import ast
import asyncio
import compileall
import fnmatch
import json
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tomllib
from configparser import RawConfigParser
from hashlib import sha256
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from bot.metrics import REGISTRY
from bot.settings import Settings
from emulator.server import Emulator
from playground.person import PeopleApi
from tests.e2e.crash_house import CrashHouse, crash_house, until
from tests.e2e.pictures import gradient

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
OURS = {"bot", "cogs", "storage", "providers", "media", "emulator", "playground"}


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, with continued lines joined."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if line[:1] != "#"]
    joined = re.sub(r"\\\n", " ", "\n".join(lines))
    return [
        (word, rest.strip())
        for word, _, rest in (line.strip().partition(" ") for line in joined.splitlines())
        if word
    ]


def copied() -> list[str]:
    """What is copied from the repository, in either stage."""
    sources: list[str] = []
    for word, rest in instructions():
        if word == "COPY" and not rest.startswith("--from"):
            sources += shlex.split(rest)[:-1]
    return sources


def ignored(path: str) -> bool:
    """Whether .dockerignore keeps a path out; the last line that matches it or a folder above."""
    above = ["/".join(path.split("/")[: n + 1]) for n in range(path.count("/") + 1)]
    out = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!").removeprefix("**/")
        anywhere = "**/" in line
        names = [each.rpartition("/")[2] if anywhere else each for each in above]
        if any(_matches(name, pattern) for name in names):
            out = not line.startswith("!")
    return out


def _matches(name: str, pattern: str) -> bool:
    # A star of Docker's matches no slash.
    return name.count("/") == pattern.count("/") and fnmatch.fnmatchcase(name, pattern)


def in_image() -> list[str]:
    """The repository's files that are in the image."""
    tracked = subprocess.run(
        ["git", "ls-files", *copied()],  # noqa: S607  # the developer's own git
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [path for path in tracked if not ignored(path)]


def test_the_image_begins_and_ends_as_it_should() -> None:
    words = [word for word, _ in instructions()]
    bases = [rest.split()[0] for word, rest in instructions() if word == "FROM"]
    assert bases == ["python:3.13-slim", "python:3.13-slim"]
    last_stage = instructions()[len(words) - 1 - words[::-1].index("FROM") :]
    assert ("USER", "10001:10001") in last_stage
    assert not any("pip" in rest or "uv " in rest for word, rest in last_stage if word == "RUN")
    assert {"HEALTHCHECK", "ENTRYPOINT", "CMD", "VOLUME"} <= {word for word, _ in last_stage}
    assert all(json.loads(rest) for word, rest in last_stage if word in {"ENTRYPOINT", "CMD"})


def test_all_that_is_copied_is_there_and_not_ignored() -> None:
    assert len(copied()) >= 8
    for source in copied():
        assert (ROOT / source).exists(), source
        assert not ignored(source), source


@pytest.mark.parametrize("secret", [".env", "cogreel-state", "tests", ".git", "bot/demo", ".venv"])
def test_what_is_secret_or_of_no_use_stays_out_of_the_image(secret: str) -> None:
    assert ignored(secret)
    assert not any(path == secret or path.startswith(secret + "/") for path in in_image())


def test_the_image_has_every_package_that_it_imports_and_every_migration() -> None:
    present = set(in_image())
    packages = {path.split("/")[0] for path in present if path.endswith(".py")}
    for path in present:
        if not path.endswith(".py"):
            continue
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                top = node.module.split(".")[0]
                is_demo = node.module.startswith("bot.demo")
                assert top not in OURS - packages or is_demo, f"{path} imports {node.module}"
    migrations = {f"storage/migrations/{each.name}" for each in _migrations()}
    assert migrations
    assert migrations <= present


def _migrations() -> list[Path]:
    return list((ROOT / "storage" / "migrations").glob("*.sql"))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The repository's files as the image has them."""
    for path in in_image():
        target = tmp_path / "app" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, target)
    # As the image does: a process that may not write finds them compiled.
    assert compileall.compile_dir(tmp_path / "app", quiet=1)
    return tmp_path / "app"


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def health_check() -> list[str]:
    """The image's health check, for the interpreter of the tests."""
    [rest] = [rest for word, rest in instructions() if word == "HEALTHCHECK"]
    command: list[str] = json.loads(rest[rest.index("[") :])
    assert command[0] == "python"
    return [sys.executable, *command[1:]]


async def checked(port: int) -> int:
    process = await asyncio.create_subprocess_exec(
        *health_check(),
        env={"COGREEL_HEALTH_PORT": str(port)},
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


async def test_the_image_s_files_alone_make_a_video_and_are_not_written_to(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    before = await asyncio.to_thread(digests, tree)
    port = free_port()
    (tmp_path / "state").mkdir()
    async with Emulator() as emulator, crash_house(emulator, tmp_path / "state") as house:
        house.root = tree
        assert await checked(port) != 0, "nobody is there yet"
        await house.start_bot(health="true", health_port=str(port))
        await _video(house)
        assert await checked(port) == 0
        assert house.bot is not None
        house.bot.terminate()
        assert await house.bot.wait() == 0
        assert await checked(port) != 0
    assert await asyncio.to_thread(digests, tree) == before


async def _video(house: CrashHouse) -> None:
    async with aiohttp.ClientSession() as session:
        alice = await PeopleApi(session, house.playground.people_api).person("Alice")
        lab = await alice.channel("video-lab")
        files = {"image": ("gradient.png", gradient())}
        await alice.command(lab, "video create", files, prompt="A boat", size="1280x720")
        await until(lambda: house.state() == "delivered")


def test_compose_keeps_the_container_small_and_its_state_outside() -> None:
    read = yaml.safe_load((ROOT / "compose.yaml").read_text())
    service = read["services"]["cogreel"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    [volume] = service["volumes"]
    name, _, path = volume.partition(":")
    assert name in read["volumes"]
    assert service["environment"]["COGREEL_STATE_DIR"] == path == "/state"
    assert "ports" not in service
    for setting in service["environment"]:
        assert setting.removeprefix("COGREEL_").lower() in Settings.model_fields


def test_the_unit_is_one_and_runs_the_bot_without_rights() -> None:
    read = RawConfigParser(strict=False)
    read.optionxform = str  # type: ignore[assignment,method-assign]  # names are not lower case
    read.read(DEPLOY / "cogreel.service")
    service = read["Service"]
    assert service["ExecStart"].endswith("/python -m bot run")
    assert service["User"] == "cogreel"
    assert service["ProtectSystem"] == "strict"
    assert service["NoNewPrivileges"] == "yes"
    assert service["StateDirectory"] == "cogreel"
    assert service["RestartPreventExitStatus"] == "2", "a wrong setting, as bot/__main__.py has it"
    for setting in re.findall(r"COGREEL_(\w+)=", service["Environment"]):
        assert setting.lower() in Settings.model_fields


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    unit = (DEPLOY / "cogreel.service").read_text()
    here = tmp_path / "cogreel.service"
    here.write_text(unit.replace("/opt/cogreel/.venv/bin/python", sys.executable))
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", here],  # noqa: S607  # the system's own
        capture_output=True,
        text=True,
        check=False,
    )
    assert "cogreel.service" not in verified.stderr, verified.stderr


def offered() -> set[str]:
    """The names of all samples that /metrics may show."""
    names: set[str] = set()
    for family in REGISTRY.collect():
        ends = {
            "counter": ("_total",),
            "histogram": ("_bucket", "_count", "_sum"),
        }.get(family.type, ("",))
        names |= {family.name + end for end in ends}
    return names


def asked(expressions: list[str]) -> set[str]:
    return {name for text in expressions for name in re.findall(r"\b(?:cogreel|process)_\w+", text)}


def alerts() -> list[dict[str, Any]]:
    read = yaml.safe_load((DEPLOY / "alerts.yml").read_text())
    return [rule for group in read["groups"] for rule in group["rules"]]


def test_every_metric_of_the_alerts_exists() -> None:
    expressions = [rule["expr"] for rule in alerts()]
    assert asked(expressions)
    assert asked(expressions) <= offered()


def test_every_alert_says_what_it_means() -> None:
    for rule in alerts():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["description"]


def test_every_metric_of_the_dashboard_exists_and_every_one_of_ours_is_on_it() -> None:
    read = json.loads((DEPLOY / "grafana-dashboard.json").read_text())
    targets = [target["expr"] for panel in read["panels"] for target in panel["targets"]]
    assert asked(targets) <= offered()
    shown = {re.sub(r"_(bucket|total)$", "", name) for name in asked(targets)}
    ours = {family.name for family in REGISTRY.collect() if family.name.startswith("cogreel_")}
    assert ours <= shown


def test_every_metric_is_explained_in_the_manual() -> None:
    explained = (ROOT / "docs" / "operating.md").read_text()
    ours = {family.name for family in REGISTRY.collect() if family.name.startswith("cogreel_")}
    assert {name for name in ours if name not in explained} == set()


def test_the_licence_of_everything_in_the_image_is_told() -> None:
    told = (ROOT / "docs" / "licences.md").read_text().lower()
    needed = _in_lock()
    assert {"av", "aiohttp", "discord-py"} <= needed
    assert {name for name in needed if f"| {name} |" not in told} == set()


def _in_lock() -> set[str]:
    """What `uv sync --no-dev` installs."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    packages = {package["name"]: package for package in lock["package"]}
    found: set[str] = set()
    waiting = [each["name"] for each in packages["cogreel"]["dependencies"]]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [each["name"] for each in packages[name].get("dependencies", [])]
    return found
