"""The fields of a create, read by kind; a refusal names the field."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from emulator.errors import ApiError

_Choice = TypeVar("_Choice", int, str)


class Fields:
    """A JSON object whose fields are read by kind; ``null`` counts as absent."""

    def __init__(self, values: dict[str, Any], *, lenient: bool) -> None:
        """Read ``values``.

        Args:
            values: The object.
            lenient: 302.AI documents numbers as strings and quality as a boolean: both are taken.
        """
        self._values = values
        self._lenient = lenient

    def has(self, name: str) -> bool:
        """Whether the field is there."""
        return self._values.get(name) is not None

    def text(self, name: str, *, shortest: int = 0, longest: int | None) -> str | None:
        """A string, its length in characters within the limits."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or not _is_unicode(value):
            raise ApiError("1214", f"{name}: must be a string")
        if len(value) < shortest or (longest is not None and len(value) > longest):
            raise ApiError("1214", f"{name}: must have {shortest} to {longest} characters")
        return value

    def choice(self, name: str, allowed: tuple[_Choice, ...]) -> _Choice:
        """One of the allowed values; the first where the field is absent."""
        value = self._values.get(name)
        if value is None:
            return allowed[0]
        for one in allowed:
            if type(value) is type(one) and value == one:  # True is not 1, 30.0 is not 30
                return one
            if self._lenient and value == str(one):
                return one
        raise ApiError("1214", f"{name}: must be one of {', '.join(map(str, allowed))}")

    def quality(self, allowed: tuple[str, ...]) -> str:
        """One of two strings, or leniently a boolean, whose true is the second."""
        value = self._values.get("quality")
        if self._lenient and isinstance(value, bool):
            return allowed[int(value)]
        return self.choice("quality", allowed)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """True or false."""
        value = self._values.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise ApiError("1214", f"{name}: must be true or false")
        return value

    def addresses(self, name: str) -> list[str] | str | None:
        """A string, a list of strings, or None for nothing at all."""
        value = self._values.get(name)
        if value is None or value in ("", []):
            return None
        given = cast("list[object]", value) if isinstance(value, list) else [value]
        addresses = [item for item in given if isinstance(item, str) and item and _is_unicode(item)]
        if len(addresses) != len(given):
            raise ApiError("1214", f"{name}: must be a string or a list of strings")
        return addresses if isinstance(value, list) else addresses[0]


def _is_unicode(text: str) -> bool:
    """Whether it can be written as UTF-8: JSON can smuggle in halves of surrogate pairs."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
