"""The rules for components in messages and modals.

https://docs.discord.com/developers/components/reference
"""

from collections.abc import Callable
from itertools import count

from playground.form import Form
from playground.world.components import SELECTS, Kind, walk
from playground.world.model import Json

MAX_IN_ALL = 40
MAX_TEXT_IN_ALL = 4_000
MAX_OPTIONS = 25
ATTACHED = "attachment://"
_SCHEMES = ("http://", "https://", ATTACHED)


_IN_ROW = SELECTS | {Kind.BUTTON}
_IN_CONTAINER = frozenset(
    {
        Kind.ROW,
        Kind.SECTION,
        Kind.TEXT_DISPLAY,
        Kind.MEDIA_GALLERY,
        Kind.FILE,
        Kind.SEPARATOR,
    }
)
_IN_LABEL = SELECTS | {
    Kind.TEXT_INPUT,
    Kind.FILE_UPLOAD,
    Kind.RADIO_GROUP,
    Kind.CHECKBOX_GROUP,
    Kind.CHECKBOX,
}
_TOP_V1 = frozenset({Kind.ROW})
_TOP_V2 = _IN_CONTAINER | {Kind.CONTAINER}
_TOP_MODAL = frozenset({Kind.ROW, Kind.LABEL, Kind.TEXT_DISPLAY})
_LINK, _PREMIUM = 5, 6  # button styles without a custom_id


class _Reader:
    """Checks one tree of components and gives it as Discord returns it."""

    def __init__(self, *, modal: bool, files: frozenset[str] = frozenset()) -> None:
        self.modal = modal
        self.files = files
        self.count = 0
        self.text = 0
        self.custom_ids: set[str] = set()

    def read(self, form: Form, allowed: frozenset[Kind]) -> Json:
        kind = form.choice("type", [int(each) for each in allowed], required=True)
        if kind is None:
            return {}
        self.count += 1
        own: Json = {"type": kind, "id": form.whole("id", most=2**31 - 1) or 0}
        return own | _READERS[Kind(kind)](self, form)

    def custom_id(self, form: Form) -> str | None:
        custom_id = form.text("custom_id", least=1, most=100, required=True)
        if custom_id is not None and custom_id in self.custom_ids:
            form.fail(
                "custom_id",
                "COMPONENT_CUSTOM_ID_DUPLICATED",
                "Component custom id cannot be duplicated",
            )
        if custom_id is not None:
            self.custom_ids.add(custom_id)
        return custom_id

    def row(self, form: Form) -> Json:
        allowed = frozenset({Kind.TEXT_INPUT}) if self.modal else _IN_ROW
        children = form.forms("components", most=5, required=True)
        kinds = {child.value.get("type") for child in children}
        alone = kinds != {int(Kind.BUTTON)}
        if not children or (alone and len(children) > 1):
            form.fail(
                "components",
                "BASE_TYPE_BAD_LENGTH",
                "A row holds 1 to 5 buttons, or one select or text input.",
            )
        return {"components": [self.read(child, allowed) for child in children]}

    def button(self, form: Form) -> Json:
        style = form.choice("style", range(1, 7), required=True)
        own: Json = {"style": style, "disabled": form.flag("disabled")}
        label = form.text("label", most=80)
        emoji = form.form("emoji")
        if style == _LINK:
            own["url"] = form.text("url", least=1, most=512, required=True)
        elif style == _PREMIUM:
            own["sku_id"] = form.id("sku_id", required=True)
        else:
            own["custom_id"] = self.custom_id(form)
        if style != _PREMIUM and not label and emoji is None:
            form.fail("label", "BUTTON_COMPONENT_INVALID", "A button needs a label or an emoji.")
        if label:
            own["label"] = label
        if emoji is not None:
            own["emoji"] = _emoji(emoji)
        return own

    def select(self, form: Form) -> Json:
        own: Json = {"custom_id": self.custom_id(form), "disabled": form.flag("disabled")}
        own |= _range(form, most=25)
        placeholder = form.text("placeholder", most=150)
        if placeholder is not None:
            own["placeholder"] = placeholder
        if form.has("channel_types"):
            own["channel_types"] = form.items("channel_types", most=25)
        if form.has("default_values"):
            own["default_values"] = [
                {"id": each.id("id", required=True), "type": each.text("type", most=10)}
                for each in form.forms("default_values", most=25)
            ]
        if self.modal:
            own["required"] = form.flag("required", default=True)
        return own

    def string_select(self, form: Form) -> Json:
        return {**self.select(form), "options": _options(form, most=MAX_OPTIONS)}

    def text_input(self, form: Form) -> Json:
        own: Json = {
            "custom_id": self.custom_id(form),
            "style": form.choice("style", (1, 2), required=True),
            "required": form.flag("required", default=True),
        }
        for name, most in (("label", 45), ("placeholder", 100), ("value", 4000)):
            text = form.text(name, most=most)
            if text is not None:
                own[name] = text
        for name, most in (("min_length", 4000), ("max_length", 4000)):
            number = form.whole(name, most=most)
            if number is not None:
                own[name] = number
        return own

    def section(self, form: Form) -> Json:
        parts = form.forms("components", most=3, required=True)
        if not parts:
            form.fail("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 3 in length.")
        accessory = form.form("accessory", required=True)
        own: Json = {
            "components": [self.read(part, frozenset({Kind.TEXT_DISPLAY})) for part in parts]
        }
        if accessory is not None:
            own["accessory"] = self.read(accessory, frozenset({Kind.BUTTON, Kind.THUMBNAIL}))
        return own

    def text_display(self, form: Form) -> Json:
        content = form.text("content", least=1, most=MAX_TEXT_IN_ALL, required=True) or ""
        self.text += len(content)
        return {"content": content}

    def media(self, form: Form) -> Json:
        own: Json = {"media": self.shown(form, "media"), "spoiler": form.flag("spoiler")}
        own["description"] = form.text("description", least=1, most=1024)
        return own

    def shown(self, form: Form, name: str, schemes: tuple[str, ...] = _SCHEMES) -> Json:
        media = form.form(name, required=True)
        url = media.text("url", least=1, most=2048, required=True) if media else None
        if media is None or url is None:
            return {"url": ""}
        if not url.startswith(schemes):
            allowed = ", ".join(schemes)
            media.fail("url", "URL_TYPE_INVALID_SCHEME", f"Scheme must be one of {allowed}.")
        elif url.startswith(ATTACHED) and url.removeprefix(ATTACHED) not in self.files:
            media.fail(
                "url",
                "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
                "The message has no such attachment.",
            )
        return {"url": url}

    def gallery(self, form: Form) -> Json:
        items = form.forms("items", most=10, required=True)
        if not items:
            form.fail("items", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 10 in length.")
        return {"items": [self.media(item) for item in items]}

    def file(self, form: Form) -> Json:
        shown = self.shown(form, "file", (ATTACHED,))
        return {"file": shown, "spoiler": form.flag("spoiler")}

    def separator(self, form: Form) -> Json:
        return {
            "divider": form.flag("divider", default=True),
            "spacing": form.choice("spacing", (1, 2)) or 1,
        }

    def container(self, form: Form) -> Json:
        children = form.forms("components", most=MAX_IN_ALL, required=True)
        if not children:
            form.fail("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 40 in length.")
        return {
            "components": [self.read(child, _IN_CONTAINER) for child in children],
            "accent_color": form.whole("accent_color", most=0xFFFFFF),
            "spoiler": form.flag("spoiler"),
        }

    def label(self, form: Form) -> Json:
        own: Json = {"label": form.text("label", least=1, most=45, required=True)}
        description = form.text("description", most=100)
        if description is not None:
            own["description"] = description
        child = form.form("component", required=True)
        if child is not None:
            own["component"] = self.read(child, frozenset(_IN_LABEL))
        return own

    def file_upload(self, form: Form) -> Json:
        return {
            "custom_id": self.custom_id(form),
            "required": form.flag("required", default=True),
            **_range(form, most=10),
        }

    def group(self, form: Form) -> Json:
        return {
            "custom_id": self.custom_id(form),
            "required": form.flag("required", default=True),
            "options": _options(form, most=10),
            **_range(form, most=10),
        }

    def checkbox(self, form: Form) -> Json:
        return {"custom_id": self.custom_id(form), "default": form.flag("default")}


_READERS: dict[Kind, Callable[[_Reader, Form], Json]] = {
    Kind.ROW: _Reader.row,
    Kind.BUTTON: _Reader.button,
    Kind.STRING_SELECT: _Reader.string_select,
    Kind.TEXT_INPUT: _Reader.text_input,
    Kind.USER_SELECT: _Reader.select,
    Kind.ROLE_SELECT: _Reader.select,
    Kind.MENTIONABLE_SELECT: _Reader.select,
    Kind.CHANNEL_SELECT: _Reader.select,
    Kind.SECTION: _Reader.section,
    Kind.TEXT_DISPLAY: _Reader.text_display,
    Kind.THUMBNAIL: _Reader.media,
    Kind.MEDIA_GALLERY: _Reader.gallery,
    Kind.FILE: _Reader.file,
    Kind.SEPARATOR: _Reader.separator,
    Kind.CONTAINER: _Reader.container,
    Kind.LABEL: _Reader.label,
    Kind.FILE_UPLOAD: _Reader.file_upload,
    Kind.RADIO_GROUP: _Reader.group,
    Kind.CHECKBOX_GROUP: _Reader.group,
    Kind.CHECKBOX: _Reader.checkbox,
}


def read_components(form: Form, *, v2: bool, files: frozenset[str]) -> list[Json]:
    """Read a message's ``components``; faults land in the form.

    Args:
        form: The message.
        v2: Whether it is one of components v2.
        files: The names of its attachments, which components may refer to.
    """
    reader = _Reader(modal=False, files=files)
    top = form.forms("components", most=MAX_IN_ALL if v2 else 5)
    found = [reader.read(each, _TOP_V2 if v2 else _TOP_V1) for each in top]
    if reader.count > MAX_IN_ALL:
        form.fail("components", "COMPONENT_MAX_TOTAL", f"At most {MAX_IN_ALL} components in all.")
    if reader.text > MAX_TEXT_IN_ALL:
        form.fail(
            "components",
            "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
            f"At most {MAX_TEXT_IN_ALL} characters of text in all.",
        )
    _number(form, found)
    return found


def read_modal(form: Form) -> Json:
    """Read the data of a modal callback; faults land in the form."""
    top = form.forms("components", most=5, required=True)
    if not top:
        form.fail("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    reader = _Reader(modal=True)
    found = [reader.read(each, _TOP_MODAL) for each in top]
    _number(form, found)
    return {
        "custom_id": form.text("custom_id", least=1, most=100, required=True),
        "title": form.text("title", least=1, most=45, required=True),
        "components": found,
    }


def _number(form: Form, components: list[Json]) -> None:
    """Give every component without an id, or with 0, the next that is free in its message."""
    everything = [each for each in walk(components) if each]
    given = [each["id"] for each in everything if each["id"]]
    if len(set(given)) != len(given):
        form.fail("components", "COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated")
    free = (number for number in count(1) if number not in set(given))
    for component in everything:
        component["id"] = component["id"] or next(free)


def _range(form: Form, *, most: int) -> Json:
    least = form.whole("min_values", most=most)
    highest = form.whole("max_values", least=1, most=most)
    return {
        "min_values": 1 if least is None else least,
        "max_values": 1 if highest is None else highest,
    }


def _options(form: Form, *, most: int) -> list[Json]:
    options = form.forms("options", most=most, required=True)
    if not options:
        form.fail("options", "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {most} in length.")
    found: list[Json] = []
    for option in options:
        own: Json = {
            "label": option.text("label", least=1, most=100, required=True),
            "value": option.text("value", most=100, required=True),
            "default": option.flag("default"),
        }
        description = option.text("description", most=100)
        if description is not None:
            own["description"] = description
        emoji = option.form("emoji")
        if emoji is not None:
            own["emoji"] = _emoji(emoji)
        found.append(own)
    values = [each["value"] for each in found]
    if len(set(values)) != len(values):
        form.fail("options", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "Duplicated values.")
    return found


def _emoji(form: Form) -> Json:
    own: Json = {"name": form.text("name", most=100) or "", "animated": form.flag("animated")}
    emoji_id = form.id("id")
    return {**own, "id": emoji_id} if emoji_id else own
