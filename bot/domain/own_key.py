"""A server's own key: what one looks like, what is told of it, and why one is not kept.

No error here, and nothing else that is shown, holds any part of a key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.errors import CogreelError, MemberError
from bot.domain.language import _

if TYPE_CHECKING:
    from datetime import datetime

KEPT_AFTER_REMOVAL = timedelta(hours=23)  # looked at every hour: gone within a day
KEY_MIN_CHARACTERS = 16  # a shorter one is no key of any gateway, and might stand in other words
KEY_MAX_CHARACTERS = 256
_KEY = re.compile(r"[0-9A-Za-z._-]+")


class OwnKeysOffError(MemberError):
    """The operator has not set the bot up to keep keys."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This bot cannot keep keys of servers, because its operator has set no secrets "
                "key. Ask the operator to set `COGREEL_SECRETS_KEY`."
            )
        )


class OwnKeyFormError(MemberError):
    """What was typed cannot be a key.

    Attributes:
        reason: Why, in words, as the end of the sentence "This … ".
    """

    def __init__(self, *, reason: str) -> None:
        self.reason = reason
        super().__init__(
            _(
                "This {reason}. Nothing was kept or sent. Use the copy button at the gateway, and "
                "paste the key alone."
            ).format(reason=reason)
        )


class OwnKeyRefusedError(MemberError):
    """The gateway refuses the key.

    Attributes:
        gateway: Its name for people.
        reason: Why, in words, as the end of the sentence "Z.AI says that … ".
    """

    def __init__(self, *, gateway: str, reason: str) -> None:
        self.gateway, self.reason = gateway, reason
        super().__init__(
            _(
                "{gateway} says that {reason}. The key was not kept. See to it at {gateway}, or "
                "choose the gateway that the key is from."
            ).format(gateway=gateway, reason=reason)
        )


class OwnKeyUntestedError(MemberError):
    """The gateway did not say whether it takes the key.

    Attributes:
        gateway: Its name for people.
    """

    def __init__(self, *, gateway: str) -> None:
        self.gateway = gateway
        super().__init__(
            _(
                "{gateway} did not say whether it takes this key. The key was not kept. Try again "
                "in a few minutes."
            ).format(gateway=gateway)
        )


class SealBrokenError(CogreelError):
    """A sealed key cannot be opened: its secrets key is gone, or it was sealed for other use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKeyState:
    """What is told of a server's own key.

    Attributes:
        gateway: The gateway's name for people.
        set_by: Who brought it.
        set_at: When.
        is_opened: Whether it can be used; otherwise it has to be given again.
        paused_since: Since when the gateway refuses it; None where it does not.
    """

    gateway: str
    set_by: int
    set_at: datetime
    is_opened: bool
    paused_since: datetime | None


def checked_key(typed: str) -> str:
    """The key that somebody typed, without the white space around it.

    Raises:
        OwnKeyFormError: It cannot be a key; says why, and shows nothing of it.
    """
    key = typed.strip()
    if not key:
        raise OwnKeyFormError(reason=_("is empty"))
    if any(character.isspace() for character in key):
        raise OwnKeyFormError(reason=_("has spaces or several lines, which no key has"))
    if len(key) > KEY_MAX_CHARACTERS:
        raise OwnKeyFormError(
            reason=_("is longer than any key: at most {count} characters").format(
                count=KEY_MAX_CHARACTERS
            )
        )
    if len(key) < KEY_MIN_CHARACTERS:
        raise OwnKeyFormError(
            reason=_("is shorter than any key: at least {count} characters").format(
                count=KEY_MIN_CHARACTERS
            )
        )
    if not _KEY.fullmatch(key):
        raise OwnKeyFormError(
            reason=_("has characters that no key has: letters, digits, dots and dashes only")
        )
    return key
