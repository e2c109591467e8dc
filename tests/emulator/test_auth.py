"""Who may call."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

import pytest

from emulator.auth import KeyRing
from emulator.errors import ApiError

if TYPE_CHECKING:
    from tests.emulator.conftest import Caller

KEY = "0123456789abcdef0123456789abcdef.fedcba9876543210"
NOW_S = 1_800_000_000.0


def token(
    *,
    key: str = KEY,
    expires_in_s: float = 210,
    header: dict[str, Any] | None = None,
    secret: str = "",
) -> str:
    name, _, own_secret = key.partition(".")
    parts = [
        header or {"alg": "HS256", "sign_type": "SIGN", "typ": "JWT"},
        {
            "api_key": name,
            "exp": int((NOW_S + expires_in_s) * 1000),
            "timestamp": int(NOW_S * 1000),
        },
    ]
    signed = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts
    )
    signature = hmac.digest((secret or own_secret).encode(), signed.encode(), hashlib.sha256)
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


@pytest.mark.parametrize("header", [f"Bearer {KEY}", f"bearer  {KEY}", f"Bearer {token()}"])
def test_a_raw_key_and_a_signed_token_are_both_accepted(header: str) -> None:
    assert KeyRing([KEY]).authenticate(header, now_s=NOW_S) == KEY


REFUSED = {
    "no header": (None, "1001"),
    "empty header": (" ", "1001"),
    "another scheme": (f"Basic {KEY}", "1002"),
    "no token": ("Bearer", "1002"),
    "an unknown key": ("Bearer 1234.5678", "1002"),
    "not a token": ("Bearer a.b.c", "1002"),
    "letters beyond ASCII": ("Bearer ü.ü.ü", "1002"),
    "half a surrogate pair": ("Bearer \udc80", "1002"),
    "unsigned": (f"Bearer {token(header={'alg': 'none', 'sign_type': 'SIGN'})}", "1002"),
    "a foreign key": (f"Bearer {token(key='other.secret')}", "1002"),
    "a bad signature": (f"Bearer {token(secret='guess')}", "1000"),
    "expired": (f"Bearer {token(expires_in_s=-1)}", "1003"),
}


@pytest.mark.parametrize(("header", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_a_refused_caller_is_told_why(header: str | None, code: str) -> None:
    with pytest.raises(ApiError) as refused:
        KeyRing([KEY]).authenticate(header, now_s=NOW_S)
    assert (refused.value.status, refused.value.code) == (401, code)


def test_keys_never_show() -> None:
    assert KEY not in repr(KeyRing([KEY]))


async def test_every_call_of_the_api_needs_a_key(caller: Caller) -> None:
    for method, path in (
        ("POST", "/videos/generations"),
        ("GET", "/async-result/1"),
        ("GET", "/else"),
    ):
        answer = await caller.call(method, caller.api_base + path, headers={})
        assert (answer.status, answer.code) == (401, "1001")
