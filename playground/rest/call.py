"""What a REST handler is given, and what it gives back."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from playground.form import Faults, Form, is_object
from playground.rest.errors import invalid_form
from playground.world.model import Json

Answer: TypeAlias = tuple[int, Json | list[Json] | None]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a request, stored but not yet anyone's attachment."""

    part: str
    filename: str
    content_type: str
    size: int
    path: Path


@dataclass(frozen=True, slots=True)
class Call:
    """One request of the bot, read and authorised."""

    params: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    body: object = None
    uploads: tuple[Upload, ...] = ()

    def form(self) -> Form:
        """Open the body for reading.

        Raises:
            ApiError: 50035, if it is no object.
        """
        faults = Faults()
        if self.body is None:
            return Form({}, faults)
        if not is_object(self.body):
            faults.add((), "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
            raise invalid_form(faults)
        return Form(self.body, faults)

    def whole(self, name: str, *, least: int, most: int, default: int) -> int:
        """Read an integer of the query.

        Raises:
            ApiError: 50035, if it is none, or out of range.
        """
        faults = Faults()
        number = Form(dict(self.query), faults).whole(name, least=least, most=most)
        check(faults)
        return default if number is None else number


Handler: TypeAlias = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation. ``path`` is Discord's own template, as in its OpenAPI document."""

    method: str
    path: str
    handler: Handler
    by_token: bool = False  # authorised by the interaction token in its path


def check(faults: Faults) -> None:
    """Refuse a body that has faults.

    Raises:
        ApiError: 50035.
    """
    if faults:
        raise invalid_form(faults)
