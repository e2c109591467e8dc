"""A sealed secret opens for its own use, with a secrets key that is still there, and never else."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from bot.domain.errors import StartupError
from bot.domain.own_key import (
    KEY_MAX_CHARACTERS,
    KEY_MIN_CHARACTERS,
    OwnKeyFormError,
    SealBrokenError,
    checked_key,
)
from bot.own_accounts import sealer_of
from bot.services.sealing import Sealer, new_secrets_key
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

SECRET = "0123456789abcdef0123456789abcdef.ABCDEFGHIJKLMNOP"
USE: Mapping[str, str | int] = {"guild_id": 1, "gateway": "zai"}


def sealer(*keys: str) -> Sealer:
    return Sealer(SecretStr(",".join(keys)))


def test_what_is_sealed_opens_again_and_shows_nothing() -> None:
    by = sealer(new_secrets_key())
    sealed = by.seal(SecretStr(SECRET), USE)
    assert by.open(sealed, USE).get_secret_value() == SECRET
    assert SECRET not in sealed
    assert SECRET.encode() not in base64.urlsafe_b64decode(sealed)
    assert sealed != by.seal(SecretStr(SECRET), USE), "equal secrets cannot be told from outside"


@pytest.mark.parametrize("other", [{"guild_id": 2}, {"gateway": "bigmodel"}])
def test_what_is_moved_to_another_row_does_not_open(other: dict[str, str | int]) -> None:
    by = sealer(new_secrets_key())
    sealed = by.seal(SecretStr(SECRET), USE)
    with pytest.raises(SealBrokenError, match="another use"):
        by.open(sealed, {**USE, **other})


@pytest.mark.parametrize("changed", ["", "gAAAA", "\u00e9"])
def test_what_was_changed_does_not_open(changed: str) -> None:
    by = sealer(new_secrets_key())
    sealed = by.seal(SecretStr(SECRET), USE)
    for broken in (changed, sealed[:-8], sealed[:40] + ("A" if sealed[40] != "A" else "B")):
        with pytest.raises(SealBrokenError):
            by.open(broken, USE)


def test_another_secrets_key_opens_nothing() -> None:
    sealed = sealer(new_secrets_key()).seal(SecretStr(SECRET), USE)
    with pytest.raises(SealBrokenError) as raised:
        sealer(new_secrets_key()).open(sealed, USE)
    assert sealed not in str(raised.value)


def test_the_first_secrets_key_seals_and_all_of_them_open() -> None:
    old, new = new_secrets_key(), new_secrets_key()
    sealed_before = sealer(old).seal(SecretStr(SECRET), USE)
    both = sealer(new, f" {old} ")
    assert both.open(sealed_before, USE).get_secret_value() == SECRET
    assert not both.is_by_first(sealed_before)
    sealed_now = both.seal(SecretStr(SECRET), USE)
    assert both.is_by_first(sealed_now)
    assert sealer(new).open(sealed_now, USE).get_secret_value() == SECRET


@pytest.mark.parametrize(
    "wrong", ["", " , ", "passphrase", f"{'A' * 43}=,passphrase", "\u00e9" * 44]
)
def test_a_setting_that_is_no_secrets_key_is_refused_at_the_start_unshown(wrong: str) -> None:
    settings = Settings.model_validate({"discord_token": "x", "api_key": "x", "secrets_key": wrong})
    with pytest.raises(StartupError, match=r"^COGREEL_SECRETS_KEY: .*new-secrets-key") as refused:
        sealer_of(settings)
    assert "passphrase" not in str(refused.value)
    assert "\u00e9" not in str(refused.value)


def test_without_the_setting_nothing_is_sealed() -> None:
    settings = Settings.model_validate({"discord_token": "x", "api_key": "x"})
    assert sealer_of(settings) is None


@pytest.mark.parametrize("typed", [SECRET, f"  {SECRET}\n", "sk-" + "a1" * 24])
def test_a_key_is_taken_without_the_white_space_around_it(typed: str) -> None:
    assert checked_key(typed) == typed.strip()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("   ", "is empty"),
        ("abc def ghi jkl mno", "has spaces"),
        ("abcdefghijkl\nmnopqrstuvw", "several lines"),
        ("a" * (KEY_MAX_CHARACTERS + 1), "is longer than any key"),
        ("a" * (KEY_MIN_CHARACTERS - 1), "is shorter than any key"),
        ("Bearer:abcdefghijklmnopq", "characters that no key has"),
        ("\u0430bcdefghijklmnopqrst", "characters that no key has"),
    ],
)
def test_what_cannot_be_a_key_is_refused_without_being_shown(typed: str, told: str) -> None:
    with pytest.raises(OwnKeyFormError, match=re.escape(told)) as refused:
        checked_key(typed)
    assert not typed.strip() or typed.strip() not in str(refused.value)
