"""Reads JSON objects from outside and gathers every fault, as Discord's error 50035 does."""

from collections.abc import Collection
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

from playground.world.ids import is_snowflake
from playground.world.model import Json

if TYPE_CHECKING:
    from collections.abc import Iterator

Path: TypeAlias = tuple[str | int, ...]
_SHOWN = 100  # characters of a bad value repeated in its fault


def is_object(value: object) -> TypeGuard[Json]:
    """Whether a parsed JSON value is an object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[object]]:
    """Whether a parsed JSON value is an array."""
    return isinstance(value, list)


class Faults:
    """The faults of one body, as the tree that Discord answers with."""

    def __init__(self) -> None:
        self.tree: Json = {}
        self._lines: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._lines)

    def add(self, path: Path, code: str, message: str) -> None:
        """Note a fault at a place in the body."""
        node = self.tree
        for step in path:
            node = node.setdefault(str(step), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})
        self._lines.append(f"{'.'.join(map(str, path))}: {message}")

    def __str__(self) -> str:
        return "; ".join(self._lines)


class Form:
    """One JSON object. A reader gives None, or its default, for what is absent, null or bad."""

    def __init__(self, value: Json, faults: Faults, path: Path = ()) -> None:
        self.value = value
        self.faults = faults
        self.path = path

    def has(self, name: str) -> bool:
        """Whether the field was sent at all, be it as null."""
        return name in self.value

    def fail(self, name: str | int, code: str, message: str) -> None:
        """Note a fault of a field."""
        self.faults.add((*self.path, name), code, message)

    def text(self, name: str, *, most: int, least: int = 0, required: bool = False) -> str | None:
        """Read a string of ``least`` to ``most`` characters."""
        value = self._given(name, required=required)
        if value is None:
            return None
        if not isinstance(value, str):
            self.fail(
                name, "STRING_TYPE_CONVERT", f'Could not interpret "{_shown(value)}" as string.'
            )
            return None
        if not least <= len(value) <= most:
            message = (
                f"Must be between {least} and {most} in length."
                if least
                else f"Must be {most} or fewer in length."
            )
            self.fail(name, "BASE_TYPE_BAD_LENGTH" if least else "BASE_TYPE_MAX_LENGTH", message)
            return None
        return value

    def whole(
        self, name: str, *, least: int = 0, most: int = 2**53, required: bool = False
    ) -> int | None:
        """Read an integer in a closed range. A string of digits counts, as it does at Discord."""
        value = self._given(name, required=required)
        if value is None:
            return None
        if isinstance(value, str) and len(value) <= len(str(most)) and value.isascii():
            value = int(value) if value.isdigit() else value
        if isinstance(value, bool) or not isinstance(value, int):
            self.fail(name, "NUMBER_TYPE_COERCE", f'Value "{_shown(value)}" is not int.')
            return None
        if not least <= value <= most:
            self.fail(name, "NUMBER_TYPE_MAX", f"int value should be between {least} and {most}.")
            return None
        return value

    def number(
        self, name: str, *, least: float, most: float, required: bool = False
    ) -> int | float | None:
        """Read a finite number in a closed range."""
        value = self._given(name, required=required)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fail(name, "NUMBER_TYPE_COERCE", f'Value "{_shown(value)}" is no number.')
            return None
        if not least <= value <= most:
            self.fail(name, "NUMBER_TYPE_MAX", f"Value should be between {least} and {most}.")
            return None
        return value

    def choice(self, name: str, allowed: Collection[int], *, required: bool = False) -> int | None:
        """Read an integer that must be one of a few."""
        value = self.whole(name, required=required, least=-(2**53))
        if value is not None and value not in allowed:
            self.fail(name, "BASE_TYPE_CHOICES", f"Value must be one of {sorted(allowed)}.")
            return None
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Read a boolean."""
        value = self._given(name, required=False)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.fail(name, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
            return default
        return value

    def id(self, name: str, *, required: bool = False) -> str | None:
        """Read a snowflake; a plain integer counts, as discord.py sends some."""
        value = self._given(name, required=required)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str) and is_snowflake(value):
            return str(int(value))
        self.fail(name, "NUMBER_TYPE_COERCE", f'Value "{_shown(value)}" is not snowflake.')
        return None

    def items(self, name: str, *, most: int, required: bool = False) -> list[object]:
        """Read an array of at most ``most`` values of any kind."""
        value = self._given(name, required=required)
        if value is None:
            return []
        if not is_list(value):
            self.fail(name, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return []
        if len(value) > most:
            self.fail(name, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
            return []
        return value

    def forms(self, name: str, *, most: int, required: bool = False) -> "list[Form]":
        """Read an array of objects."""
        return list(self._forms(name, self.items(name, most=most, required=required)))

    def form(self, name: str, *, required: bool = False) -> "Form | None":
        """Read an object."""
        value = self._given(name, required=required)
        if value is None:
            return None
        if not is_object(value):
            self.fail(name, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
            return None
        return Form(value, self.faults, (*self.path, name))

    def ids(self, name: str, *, most: int) -> list[str]:
        """Read an array of snowflakes; plain integers count, as in `id`."""
        values = [
            str(value) if isinstance(value, int) and not isinstance(value, bool) else value
            for value in self.items(name, most=most)
        ]
        bad = [at for at, value in enumerate(values) if not is_snowflake(value)]
        for at in bad:
            self.faults.add(
                (*self.path, name, at),
                "NUMBER_TYPE_COERCE",
                f'Value "{_shown(values[at])}" is not snowflake.',
            )
        return [] if bad else [str(value) for value in values]

    def texts(self, name: str, *, most: int, longest: int) -> list[str]:
        """Read an array of strings of at most ``longest`` characters."""
        good: list[str] = []
        for at, value in enumerate(self.items(name, most=most)):
            if isinstance(value, str) and len(value) <= longest:
                good.append(value)
            else:
                self.faults.add(
                    (*self.path, name, at),
                    "STRING_TYPE_CONVERT",
                    f"Must be a string of {longest} or fewer in length.",
                )
        return good

    def _forms(self, name: str, values: list[object]) -> "Iterator[Form]":
        for at, value in enumerate(values):
            if is_object(value):
                yield Form(value, self.faults, (*self.path, name, at))
            else:
                self.faults.add(
                    (*self.path, name, at),
                    "MODEL_TYPE_CONVERT",
                    "Only dictionaries may be used in a ModelType",
                )

    def _given(self, name: str, *, required: bool) -> object:
        value: object = self.value.get(name)
        if value is None and required:
            self.fail(name, "BASE_TYPE_REQUIRED", "This field is required")
        return value


def _shown(value: object) -> str:
    return str(value)[:_SHOWN]
