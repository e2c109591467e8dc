"""The kinds of components, and how to go through a tree of them."""

from collections.abc import Iterator
from enum import IntEnum

from playground.form import is_list, is_object
from playground.world.model import Json


class Kind(IntEnum):
    """Component types."""

    ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT_DISPLAY = 10
    THUMBNAIL = 11
    MEDIA_GALLERY = 12
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17
    LABEL = 18
    FILE_UPLOAD = 19
    RADIO_GROUP = 21
    CHECKBOX_GROUP = 22
    CHECKBOX = 23


SELECTS = frozenset(
    {
        Kind.STRING_SELECT,
        Kind.USER_SELECT,
        Kind.ROLE_SELECT,
        Kind.MENTIONABLE_SELECT,
        Kind.CHANNEL_SELECT,
    }
)


def words_of(content: str, components: list[Json]) -> str:
    """Give everything that is written in a message, top to bottom."""
    shown = (str(each["content"]) for each in walk(components) if each["type"] == Kind.TEXT_DISPLAY)
    return "\n".join(filter(None, (content, *shown)))


def walk(components: list[Json]) -> Iterator[Json]:
    """Give every component of a tree, parents first."""
    for component in components:
        yield component
        children: object = component.get("components")
        if is_list(children):
            yield from walk([child for child in children if is_object(child)])
        for name in ("component", "accessory"):
            child: object = component.get(name)
            if is_object(child):
                yield from walk([child])
