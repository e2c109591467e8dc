"""The rules for application commands.

https://docs.discord.com/developers/interactions/application-commands
"""

import re
from enum import IntEnum

from playground.form import Form, is_list, is_object
from playground.world.locales import LOCALES
from playground.world.model import Json

MAX_CHARACTERS = 8_000
MAX_OPTIONS = 25
MAX_CHOICES = 25
_NAME = re.compile(r"[-_'\w]{1,32}")  # \w covers the letters and digits of every script
_NUMBER_LIMIT = 2**53
_MAX_PERMISSIONS = 2**54


class CommandKind(IntEnum):
    """Command types."""

    SLASH = 1
    USER = 2
    MESSAGE = 3


class OptionKind(IntEnum):
    """Option types."""

    SUB_COMMAND = 1
    SUB_COMMAND_GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


_SUBS = (OptionKind.SUB_COMMAND, OptionKind.SUB_COMMAND_GROUP)
_PLAIN = frozenset(OptionKind) - set(_SUBS)
_INSIDE = {  # what may stand inside what; None is the command itself
    None: frozenset(OptionKind),
    OptionKind.SUB_COMMAND_GROUP: frozenset({OptionKind.SUB_COMMAND}),
    OptionKind.SUB_COMMAND: _PLAIN,
}
_WITH_CHOICES = (OptionKind.STRING, OptionKind.INTEGER, OptionKind.NUMBER)


def read_command(form: Form, *, base: Json | None = None) -> Json:
    """Read a command as Discord stores it; faults land in the form.

    Args:
        form: The body.
        base: The command being changed: what the body leaves out stays as it is there.
    """
    value = {**(base or {}), **form.value}
    form = Form(value, form.faults, form.path)
    kind = form.choice("type", [int(each) for each in CommandKind]) or CommandKind.SLASH
    slash = kind == CommandKind.SLASH
    name = form.text("name", least=1, most=32, required=True)
    if slash and name is not None:
        _check_name(form, name)
    # A menu's description is the empty string; only a slash command must have one.
    description = form.text("description", least=int(slash), most=100, required=slash)
    own: Json = {
        "type": kind,
        "name": name,
        "description": description or "",
        "name_localizations": _names(form)
        if slash
        else read_localizations(form, "name_localizations", 32),
        "description_localizations": read_localizations(form, "description_localizations", 100),
        "default_member_permissions": _permissions(form),
        "nsfw": form.flag("nsfw"),
        "contexts": _choices_of(form, "contexts", 3),
        "integration_types": _choices_of(form, "integration_types", 2) or [0],
    }
    if own["contexts"] is None:
        own["dm_permission"] = form.flag("dm_permission", default=True)
    if form.has("options") and not slash and form.value.get("options"):
        form.fail("options", "APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS", "Menus have no options.")
    options = _read_options(form, None) if slash else []
    if options:
        own["options"] = options
    if _characters(own) > MAX_CHARACTERS:
        form.fail("options", "APPLICATION_COMMAND_TOO_LARGE", f"Over {MAX_CHARACTERS} characters.")
    return own


def _read_options(form: Form, inside: OptionKind | None) -> list[Json]:
    options = form.forms("options", most=MAX_OPTIONS)
    found = [_read_option(each, inside) for each in options]
    names = [each.get("name") for each in found]
    if len(set(names)) != len(names):
        form.fail("options", "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option names repeat.")
    subs = [each.get("type") in _SUBS for each in found]
    if any(subs) and not all(subs):
        form.fail(
            "options",
            "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
            "Sub-commands and other options cannot be mixed.",
        )
    seen_optional = False
    for option, read in zip(options, found, strict=True):
        if read.get("required") and seen_optional:
            option.fail(
                "required",
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before non-required options",
            )
        seen_optional = seen_optional or not read.get("required")
    return found


def _read_option(form: Form, inside: OptionKind | None) -> Json:
    kind = form.choice("type", [int(each) for each in _INSIDE[inside]], required=True)
    if kind is None:
        return {}
    name = form.text("name", least=1, most=32, required=True)
    if name is not None:
        _check_name(form, name)
    own: Json = {
        "type": kind,
        "name": name,
        "description": form.text("description", least=1, most=100, required=True),
        "name_localizations": _names(form),
        "description_localizations": read_localizations(form, "description_localizations", 100),
    }
    if kind in _SUBS:
        own["options"] = _read_options(form, OptionKind(kind))
        return own
    own["required"] = form.flag("required")
    if kind in _WITH_CHOICES:
        own |= _limits(form, OptionKind(kind))
    if kind == OptionKind.CHANNEL and form.has("channel_types"):
        own["channel_types"] = [
            each for each in form.items("channel_types", most=25) if isinstance(each, int)
        ]
    return own


def _limits(form: Form, kind: OptionKind) -> Json:
    own = _read_choices(form, kind)
    if kind is OptionKind.STRING:
        lengths = (("min_length", 0), ("max_length", 1))
        bounds: dict[str, int | float | None] = {
            name: form.whole(name, least=least, most=6_000) for name, least in lengths
        }
    else:
        whole = kind is OptionKind.INTEGER
        bounds = {name: _number(form, name, whole=whole) for name in ("min_value", "max_value")}
    return own | {name: bound for name, bound in bounds.items() if bound is not None}


def _read_choices(form: Form, kind: OptionKind) -> Json:
    own: Json = {"autocomplete": form.flag("autocomplete")}
    choices = [_choice(each, kind) for each in form.forms("choices", most=MAX_CHOICES)]
    if form.value.get("choices") is not None:
        own["choices"] = choices
    names = [each["name"] for each in choices]
    if len(set(names)) != len(names):
        form.fail("choices", "APPLICATION_COMMAND_OPTIONS_CHOICES_NAME", "Choice names repeat.")
    if own["autocomplete"] and choices:
        form.fail("autocomplete", "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES", "Not with choices.")
    return own


def _choice(form: Form, kind: OptionKind) -> Json:
    own: Json = {
        "name": form.text("name", least=1, most=100, required=True),
        "name_localizations": read_localizations(form, "name_localizations", 100),
    }
    if kind is OptionKind.STRING:
        own["value"] = form.text("value", most=100, required=True)
    else:
        own["value"] = _number(form, "value", whole=kind is OptionKind.INTEGER, required=True)
    return own


def _number(form: Form, name: str, *, whole: bool, required: bool = False) -> int | float | None:
    number = form.number(name, least=-_NUMBER_LIMIT, most=_NUMBER_LIMIT, required=required)
    if number is not None and whole and number != int(number):
        form.fail(name, "NUMBER_TYPE_COERCE", f'Value "{number}" is not int.')
        return None
    return number


def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and name == name.lower()


def _check_name(form: Form, name: str) -> None:
    if not _is_name(name):
        form.fail("name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def read_localizations(form: Form, field: str, most: int) -> Json | None:
    """Read a text's translations; a locale that Discord does not have is a fault."""
    texts = form.form(field)
    if texts is None:
        return None
    if not set(texts.value) <= set(LOCALES):
        form.fail(field, "BASE_TYPE_CHOICES", f"Value must be one of {sorted(LOCALES)}.")
        return None
    return {locale: texts.text(locale, least=1, most=most) for locale in texts.value}


def _names(form: Form) -> Json | None:
    """Read the translations of a name that is typed: the rules of the name hold for each."""
    names = read_localizations(form, "name_localizations", 32)
    for name in (names or {}).values():
        if name is not None and not _is_name(name):
            form.fail(
                "name_localizations",
                "APPLICATION_COMMAND_INVALID_NAME",
                "Command name is invalid",
            )
    return names


def _permissions(form: Form) -> str | None:
    number = form.whole("default_member_permissions", most=_MAX_PERMISSIONS)
    return None if number is None else str(number)


def _choices_of(form: Form, field: str, count: int) -> list[int] | None:
    if form.value.get(field) is None:
        return None
    found = [each for each in form.items(field, most=count) if isinstance(each, int)]
    if not found or set(found) - set(range(count)) or len(set(found)) != len(found):
        form.fail(field, "BASE_TYPE_CHOICES", f"One or more of 0 to {count - 1}, each once.")
    return found


def _characters(value: object) -> int:
    """Count names, descriptions and values, of localisations the longest only."""
    if is_list(value):
        return sum(_characters(each) for each in value)
    if not is_object(value):
        return 0
    total = sum(_characters(value.get(field)) for field in ("options", "choices"))
    for field in ("name", "description", "value"):
        localised: object = value.get(f"{field}_localizations")
        texts: list[object] = [value.get(field)]
        texts += localised.values() if is_object(localised) else ()
        total += max((len(text) for text in texts if isinstance(text, str)), default=0)
    return total
