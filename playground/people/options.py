"""Fills in a command's options, holding a person to what Discord's own client lets through."""

from collections.abc import Mapping

from playground.files import Files
from playground.form import Form
from playground.people.menu import Runnable
from playground.people.resolved import Resolved
from playground.rest.call import Upload
from playground.rest.command_rules import OptionKind
from playground.world.model import Channel, Json

_MAX_STRING = 6_000
_MAX_NUMBER = 2**53


class OptionReader:
    """Reads the options of one command use; faults land in the form."""

    def __init__(self, form: Form, resolved: Resolved, files: Files, channel: Channel) -> None:
        self._form = form.form("options") or Form({}, form.faults, ("options",))
        self._resolved = resolved
        self._files = files
        self._channel = channel

    async def read(
        self, runnable: Runnable, uploads: Mapping[str, Upload], user_id: str
    ) -> list[Json]:
        """Give the options as the interaction's data has them.

        Everything is checked before a file is kept, so a refused command leaves nothing behind.
        """
        known = {option["name"] for option in runnable.options}
        for name in (set(self._form.value) | set(uploads)) - known:
            self._form.fail(name, "UNKNOWN", "This command has no such option.")
        filled = [
            each
            for option in runnable.options
            if (each := self._one(option, uploads, user_id)) is not None
        ]
        if self._form.faults:
            return []
        for option in filled:
            if option["type"] == OptionKind.ATTACHMENT:
                option["value"] = await self._attach(uploads[option["name"]])
        return filled

    def partial(self, runnable: Runnable, focused: str) -> list[Json]:
        """Give the options of an autocomplete: unchecked, with the one being typed marked."""
        kinds = {option["name"]: OptionKind(option["type"]) for option in runnable.options}
        ok = focused in kinds and any(
            option["name"] == focused and option.get("autocomplete") for option in runnable.options
        )
        if not ok:
            self._form.fail("focused", "UNKNOWN", "This option has no autocomplete.")
        found: list[Json] = []
        for name, value in {focused: "", **self._form.value}.items():
            if name not in kinds or not isinstance(value, str | int | float):
                self._form.fail(name, "UNKNOWN", "Not an option, or not a plain value.")
                continue
            option: Json = {"type": int(kinds[name]), "name": name, "value": value}
            if name == focused:
                # What is being typed is text, whatever the option's type.
                option |= {"value": str(value)[:_MAX_STRING], "focused": True}
            found.append(option)
        return found

    def _one(self, option: Json, uploads: Mapping[str, Upload], user_id: str) -> Json | None:
        name, kind = option["name"], OptionKind(option["type"])
        given = name in uploads if kind is OptionKind.ATTACHMENT else self._is_given(name)
        if not given:
            if option.get("required"):
                self._form.fail(name, "BASE_TYPE_REQUIRED", "This option is required.")
            elif self._is_given(name):
                self._form.fail(name, "UNKNOWN", f"Send the file in the part files[{name}].")
            return None
        filled: Json = {"type": int(kind), "name": name}
        match kind:
            case OptionKind.STRING:
                filled["value"] = self._string(option)
            case OptionKind.INTEGER | OptionKind.NUMBER:
                filled["value"] = self._number(option, whole=kind is OptionKind.INTEGER)
            case OptionKind.BOOLEAN:
                filled["value"] = self._form.flag(name)
            case OptionKind.ATTACHMENT:
                filled["value"] = ""
            case _:
                filled["value"] = self._named(option, kind, user_id)
        return filled

    def _is_given(self, name: str) -> bool:
        return self._form.value.get(name) is not None

    def _string(self, option: Json) -> str | None:
        least = int(option.get("min_length") or 0)
        most = int(option.get("max_length") or _MAX_STRING)
        text = self._form.text(option["name"], least=least, most=most)
        return text if self._is_choice(option, text) else None

    def _number(self, option: Json, *, whole: bool) -> int | float | None:
        name = option["name"]
        least = option.get("min_value", -_MAX_NUMBER)
        most = option.get("max_value", _MAX_NUMBER)
        value = self._form.number(name, least=least, most=most)
        if whole and isinstance(value, float):
            self._form.fail(name, "NUMBER_TYPE_COERCE", "Must be a whole number.")
            return None
        return value if self._is_choice(option, value) else None

    def _is_choice(self, option: Json, value: object) -> bool:
        choices: list[Json] = option.get("choices", [])
        if value is not None and choices and value not in [each["value"] for each in choices]:
            self._form.fail(option["name"], "BASE_TYPE_CHOICES", "Must be one of the choices.")
            return False
        return value is not None

    def _named(self, option: Json, kind: OptionKind, user_id: str) -> str | None:
        name = option["name"]
        value = self._form.id(name)
        if value is None:
            return None
        known = False
        if kind in {OptionKind.USER, OptionKind.MENTIONABLE}:
            known = self._resolved.add_user(value)
        if kind in {OptionKind.ROLE, OptionKind.MENTIONABLE} and not known:
            known = self._resolved.add_role(value)
        if kind is OptionKind.CHANNEL:
            known = self._resolved.add_channel(value, option.get("channel_types"), user_id)
        if not known:
            self._form.fail(name, "UNKNOWN", "There is no such user, role or channel here.")
        return value

    async def _attach(self, upload: Upload) -> str:
        attachment = await self._files.attach(
            upload.path,
            channel_id=self._channel.id,
            filename=upload.filename,
            content_type=upload.content_type,
            size=upload.size,
            ephemeral=True,
        )
        self._resolved.add_attachment(attachment)
        return attachment.id


def nested(runnable: Runnable, options: list[Json]) -> list[Json]:
    """Wrap options in the sub-commands that lead to them."""
    for step in reversed(runnable.path):
        options = [{"type": step["type"], "name": step["name"], "options": options}]
    return options
