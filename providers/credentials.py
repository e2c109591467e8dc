"""What goes into ``Authorization: Bearer``: the key itself, or a token signed with it. No I/O.

The token is that of the vendor's own client: a JWT whose times are milliseconds, with a header of
exactly three fields. It spares the key from being sent; the vendor takes either.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import SecretStr

    from bot.clock import Clock

TOKEN_LIFETIME_MS = 210_000  # as the vendor's client: half a minute longer than it is used
TOKEN_USED_MS = 180_000
_HEADER = {"alg": "HS256", "sign_type": "SIGN", "typ": "JWT"}
_HALF_MIN_CHARACTERS = 8  # after a dot in a key that is no pair, less would be any word
_SIGNING_KEY = re.compile(r"[^.\s]+\.[^.\s]+")


class Credentials:
    """One account's key, and what is sent for it. Shows neither."""

    def __init__(self, key: SecretStr, *, kind: Literal["raw", "jwt"], clock: Clock) -> None:
        """Hold the key.

        Args:
            key: As the vendor's console shows it.
            kind: Whether it is sent itself, or signs a token.
            clock: Says when a token was made.

        Raises:
            ValueError: ``jwt``, and the key is not ``<id>.<secret>``.
        """
        if kind == "jwt" and not _SIGNING_KEY.fullmatch(key.get_secret_value()):
            raise ValueError("only a key of the form <id>.<secret> can sign tokens")
        self._key = key
        self._signs = kind == "jwt"
        self._clock = clock
        self._token = ""
        self._token_until_ms = 0

    def bearer(self) -> str:
        """The key, or a token that is good for half a minute at least."""
        if not self._signs:
            return self._key.get_secret_value()
        now_ms = int(self._clock.now().timestamp() * 1000)
        if now_ms >= self._token_until_ms:
            self._token = signed_token(self._key.get_secret_value(), now_ms=now_ms)
            self._token_until_ms = now_ms + TOKEN_USED_MS
        return self._token

    def renew(self) -> bool:
        """Sign anew at the next `bearer`; False where there is nothing to sign."""
        self._token_until_ms = 0
        return self._signs

    def secrets(self) -> tuple[bytes, ...]:
        """What must be shown nowhere: the key, its secret half, the token in use."""
        key = self._key.get_secret_value()
        half = key.partition(".")[2]
        if not self._signs and len(half) < _HALF_MIN_CHARACTERS:
            half = ""
        return tuple(text.encode() for text in (key, half, self._token) if text)


def signed_token(key: str, *, now_ms: int) -> str:
    """A JWT for a key.

    Args:
        key: ``<id>.<secret>``.
        now_ms: The time, milliseconds since the epoch.
    """
    key_id, _, secret = key.partition(".")
    payload = {"api_key": key_id, "exp": now_ms + TOKEN_LIFETIME_MS, "timestamp": now_ms}
    signed = f"{_part(_HEADER)}.{_part(payload)}"
    signature = hmac.digest(secret.encode(), signed.encode(), hashlib.sha256)
    return f"{signed}.{_base64(signature)}"


def _part(fields: Mapping[str, object]) -> str:
    return _base64(json.dumps(fields, separators=(",", ":")).encode())


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")
