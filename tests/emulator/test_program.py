"""``python -m emulator`` on the command line."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_it_prints_its_addresses_serves_and_stops_cleanly(number: signal.Signals) -> None:
    command = [
        sys.executable,
        "-m",
        "emulator",
        "--port",
        "0",
        "--in-flight",
        "3",
        "--key",
        "one.two",
        "--key",
        "three",
    ]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        printed = json.loads(process.stdout.readline())
        assert printed.keys() == {
            "url",
            "api_base",
            "api_key",
            "bases",
            "keys",
            "ledger",
            "knobs",
        }
        assert printed["api_key"] == "one.two"
        assert printed["bases"]["zai"] == printed["api_base"]
        assert printed["keys"]["bigmodel"] == "one.two"
        assert printed["keys"]["302ai"].startswith("sk-")
        with httpx.Client(timeout=10) as client:
            assert client.get(printed["knobs"]).json()["in_flight_limit"] == 3
        process.send_signal(number)
        assert process.wait(10) == 0
        assert process.stdout.read() == ""
        assert process.stderr.read() == ""


@pytest.mark.parametrize(
    ("options", "word"),
    [(["--in-flight", "0"], "in_flight_limit"), (["--port", "taken"], "in use")],
)
def test_options_that_cannot_be_are_refused_in_one_line(options: list[str], word: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [
            sys.executable,
            "-m",
            "emulator",
            *(port if one == "taken" else one for one in options),
        ]
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
        )
    assert done.returncode == 1
    assert word in done.stderr
    assert done.stderr.count("\n") == 1
