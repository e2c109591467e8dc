"""The house of the end-to-end tests, visited by those who mean no good."""

from __future__ import annotations

from tests.e2e.conftest import empty_house, house, shared_emulator

__all__ = ["empty_house", "house", "shared_emulator"]
