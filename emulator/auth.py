"""Who calls: a raw key, or a token signed with it, in ``Authorization: Bearer``."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any, cast

from emulator.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterable


class KeyRing:
    """The accepted keys: ``<id>.<secret>``, or in any other form for raw use only."""

    def __init__(self, keys: Iterable[str], *, signed_tokens: bool = True) -> None:
        """Accept ``keys`` as they are and, unless told otherwise, tokens signed with them."""
        self._keys = tuple(keys)
        self._signed_tokens = signed_tokens

    def __repr__(self) -> str:
        return f"KeyRing({len(self._keys)} keys)"

    def authenticate(self, header: str | None, *, now_s: float) -> str:
        """Return the key behind an ``Authorization`` header.

        Args:
            header: Its value, or None.
            now_s: The caller's time, seconds since the epoch.

        Raises:
            ApiError: 1001 without a header, 1002 for a token that is not ours, 1000 for a bad
                signature, 1003 for an expired one.
        """
        if not header or not header.strip():
            raise ApiError("1001")
        scheme, _, token = header.strip().partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise ApiError("1002")
        for key in self._keys:
            if hmac.compare_digest(token.encode(errors="replace"), key.encode()):
                return key
        if not self._signed_tokens:
            raise ApiError("1002")
        return self._from_jwt(token, now_s)

    def _from_jwt(self, token: str, now_s: float) -> str:
        """Check a JSON Web Token as the vendor's clients sign it: HS256, times in milliseconds."""
        parts = token.split(".")
        if len(parts) != 3:  # noqa: PLR2004  # header, payload, signature
            raise ApiError("1002")
        header, payload = _part(parts[0]), _part(parts[1])
        key = next(
            (key for key in self._keys if key.partition(".")[0] == payload.get("api_key")), None
        )
        if key is None or header.get("alg") != "HS256" or header.get("sign_type") != "SIGN":
            raise ApiError("1002")
        secret = key.partition(".")[2]
        signed = f"{parts[0]}.{parts[1]}".encode(errors="replace")
        expected = base64.urlsafe_b64encode(
            hmac.digest(secret.encode(), signed, hashlib.sha256)
        ).rstrip(b"=")
        if not secret or not hmac.compare_digest(parts[2].encode(errors="replace"), expected):
            raise ApiError("1000")
        expires_ms = payload.get("exp")
        if not isinstance(expires_ms, int) or expires_ms < now_s * 1000:
            raise ApiError("1003")
        return key


def _part(text: str) -> dict[str, Any]:
    try:
        value: Any = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        raise ApiError("1002") from None
    if not isinstance(value, dict):
        raise ApiError("1002")
    return cast("dict[str, Any]", value)


def key_digest(key: str) -> str:
    """What the ledger says instead of a key: enough to tell keys apart, nothing to use."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]
