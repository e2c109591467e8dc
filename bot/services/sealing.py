"""Secrets that servers entrust to the bot, made unreadable for whoever has the database alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from bot.domain.own_key import SealBrokenError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Sealer:
    """Seals with the first of its secrets keys, and opens what any of them sealed.

    What is sealed says for what: moved to another row, it opens to an error.
    """

    def __init__(self, keys: SecretStr) -> None:
        """Hold the secrets keys.

        Args:
            keys: One or more of `new_secrets_key`, with commas between.

        Raises:
            ValueError: There is none, or one of them is no such key.
        """
        listed = [key.strip() for key in keys.get_secret_value().split(",") if key.strip()]
        try:
            fernets = [Fernet(key) for key in listed]
            self._all = MultiFernet(fernets)
        except ValueError:
            raise ValueError("must be one or more secrets keys, with commas between") from None
        self._first = fernets[0]

    def seal(self, secret: SecretStr, use: Mapping[str, str | int]) -> str:
        """A secret, sealed for one use."""
        content = json.dumps({"secret": secret.get_secret_value(), "use": dict(use)})
        return self._first.encrypt(content.encode()).decode("ascii")

    def open(self, sealed: str, use: Mapping[str, str | int]) -> SecretStr:
        """The secret that `seal` sealed for the same use.

        Raises:
            SealBrokenError: None of the keys sealed it, it was changed, or is for another use.
        """
        try:
            content = json.loads(self._all.decrypt(sealed.encode()))
        except InvalidToken:
            raise SealBrokenError("none of the secrets keys opens it") from None
        if content["use"] != use:
            raise SealBrokenError("it was sealed for another use")
        return SecretStr(content["secret"])

    def is_by_first(self, sealed: str) -> bool:
        """Whether the first secrets key sealed it, so that the others are not needed for it."""
        try:
            self._first.decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True


def new_secrets_key() -> str:
    """A new secrets key, as the settings hold it."""
    return Fernet.generate_key().decode("ascii")
