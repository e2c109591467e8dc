"""Patterns of prompts are whole, and what is left empty leaves no trace."""

from __future__ import annotations

from dataclasses import astuple, replace

import pytest

from bot.domain.looks import (
    FIELD_MAX_CHARACTERS,
    LOOKS,
    LookNameError,
    UnknownLookError,
    look_named,
    own_look,
    prompt_of,
)

LEAST_PROMPT_MAX_CHARACTERS = 512  # of the models that there are


def test_every_look_has_a_name_of_its_own_and_fills_every_field() -> None:
    assert len({look.name for look in LOOKS}) == len(LOOKS)
    for look in LOOKS:
        assert all(0 < len(field) <= FIELD_MAX_CHARACTERS for field in astuple(look))
        assert len(prompt_of(look)) <= LEAST_PROMPT_MAX_CHARACTERS


def test_what_is_left_empty_leaves_no_trace() -> None:
    look = replace(LOOKS[0], style="Film.", subject="a cat", action="", setting="", camera=" ")
    assert prompt_of(replace(look, light="calm")) == "Film. a cat. calm."


def test_a_look_is_found_by_its_name_and_its_title() -> None:
    assert look_named(" Ink-Wash ").name == look_named("ink wash").name == "ink-wash"
    with pytest.raises(UnknownLookError, match="`photo`"):
        look_named("cubism")


@pytest.mark.parametrize("name", ["", "Anime!", "anime", " Photo", "a" * 31, "-x", "two words"])
def test_a_servers_own_look_has_a_plain_name_that_not_every_server_has(name: str) -> None:
    with pytest.raises(LookNameError):
        own_look(replace(LOOKS[0], name=name))


def test_a_servers_own_look_is_kept_on_one_line_a_field() -> None:
    kept = own_look(replace(LOOKS[0], name=" Noir-2 ", style="Film\n  noir", camera="x" * 999))
    assert (kept.name, kept.title, kept.style) == ("noir-2", "noir-2", "Film noir")
    assert len(kept.camera) == FIELD_MAX_CHARACTERS
