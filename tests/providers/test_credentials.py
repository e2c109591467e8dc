"""What is sent for a key: itself, or a token that is the vendor's own to the byte."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from providers.credentials import TOKEN_LIFETIME_MS, TOKEN_USED_MS, Credentials, signed_token

KEY = "0123456789abcdef0123456789abcdef.ABCDEFGHIJKLMNOP"


class StillClock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 10, 3, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@given(now_ms=st.integers(min_value=0, max_value=2**45), secret=st.text("aZ09", min_size=1))
@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
def test_a_token_is_that_of_the_vendors_own_client(now_ms: int, secret: str) -> None:
    payload = {"api_key": "id", "exp": now_ms + 210_000, "timestamp": now_ms}
    theirs = cast("Any", jwt).encode(  # its own type names an optional package
        payload, secret, algorithm="HS256", headers={"alg": "HS256", "sign_type": "SIGN"}
    )
    assert signed_token(f"id.{secret}", now_ms=now_ms) == theirs


def test_a_token_is_kept_for_three_minutes_and_then_signed_anew() -> None:
    clock = StillClock()
    credentials = Credentials(SecretStr(KEY), kind="jwt", clock=clock)
    first = credentials.bearer()
    clock.at += timedelta(milliseconds=TOKEN_USED_MS - 1)
    assert credentials.bearer() == first
    clock.at += timedelta(milliseconds=1)
    assert credentials.bearer() != first
    assert TOKEN_USED_MS < TOKEN_LIFETIME_MS


def test_a_token_that_was_refused_is_signed_anew_and_a_key_cannot_be() -> None:
    clock = StillClock()
    signing = Credentials(SecretStr(KEY), kind="jwt", clock=clock)
    first = signing.bearer()
    clock.at += timedelta(seconds=1)
    assert signing.renew()
    assert signing.bearer() != first
    raw = Credentials(SecretStr(KEY), kind="raw", clock=clock)
    assert (raw.bearer(), raw.renew()) == (KEY, False)


@pytest.mark.parametrize("key", ["sk-abc", "", ".", "a.", ".b", "a.b.c", "a b.c"])
def test_a_key_that_cannot_sign_is_refused_at_the_start_and_not_shown(key: str) -> None:
    with pytest.raises(ValueError, match="can sign tokens") as refused:
        Credentials(SecretStr(key), kind="jwt", clock=StillClock())
    assert "sk-abc" not in str(refused.value)


def test_nothing_shows_the_key_or_the_token() -> None:
    credentials = Credentials(SecretStr(KEY), kind="jwt", clock=StillClock())
    token = credentials.bearer()
    assert {KEY.encode(), KEY.split(".")[1].encode(), token.encode()} == set(credentials.secrets())
    for secret in credentials.secrets():
        assert secret.decode() not in f"{credentials!r} {credentials!s}"
