"""Modals: what was opened for whom, and what a person filled in."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from playground.files import Files
from playground.form import Form
from playground.people.resolved import Resolved
from playground.rest.call import Upload
from playground.world.components import SELECTS, Kind, walk
from playground.world.interactions import Interaction
from playground.world.model import Channel, Json

_KEPT = 1_000
_NAMED = SELECTS - {Kind.STRING_SELECT}


@dataclass(frozen=True, slots=True)
class OpenModal:
    """A modal on a person's screen."""

    id: str
    interaction: Interaction
    modal: Json


class OpenModals:
    """The modals that can still be sent; the oldest are forgotten."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, OpenModal] = OrderedDict()

    def open(self, interaction: Interaction, modal: Json) -> Json:
        """Show a modal, and give it as the people API does. Its id is its interaction's."""
        self._open[interaction.id] = OpenModal(interaction.id, interaction, modal)
        while len(self._open) > _KEPT:
            self._open.popitem(last=False)
        return {
            "id": interaction.id,
            "title": modal["title"],
            "components": modal["components"],
        }

    def find(self, modal_id: str, user_id: str) -> OpenModal | None:
        """Find a modal open for a person."""
        found = self._open.get(modal_id)
        return found if found and found.interaction.user_id == user_id else None

    def close(self, modal_id: str) -> None:
        """Forget a modal: it can be sent once."""
        self._open.pop(modal_id, None)


class ModalReader:
    """Fills in a modal's components; faults land in the form."""

    def __init__(self, form: Form, resolved: Resolved, channel: Channel, user_id: str) -> None:
        self._form = form.form("values") or Form({}, form.faults, ("values",))
        self._resolved = resolved
        self._channel = channel
        self._user_id = user_id

    async def read(self, modal: Json, uploads: Mapping[str, Upload], files: Files) -> list[Json]:
        """Give the components as the interaction's data has them."""
        inputs = {
            each["custom_id"]: each for each in walk(modal["components"]) if "custom_id" in each
        }
        for name in (set(self._form.value) | set(uploads)) - set(inputs):
            self._form.fail(name, "UNKNOWN", "This modal has no such component.")
        filled = {name: self._one(each, uploads) for name, each in inputs.items()}
        if self._form.faults:
            return []
        for name, each in inputs.items():
            if each["type"] == Kind.FILE_UPLOAD and name in uploads:
                upload = uploads[name]
                attachment = await files.attach(
                    upload.path,
                    channel_id=self._channel.id,
                    filename=upload.filename,
                    content_type=upload.content_type,
                    size=upload.size,
                    ephemeral=True,
                )
                self._resolved.add_attachment(attachment)
                filled[name]["values"] = [attachment.id]
        return [_placed(each, filled) for each in modal["components"]]

    def _one(self, component: Json, uploads: Mapping[str, Upload]) -> Json:
        kind, name = Kind(component["type"]), component["custom_id"]
        own: Json = {"type": int(kind), "id": component["id"], "custom_id": name}
        match kind:
            case Kind.TEXT_INPUT:
                own["value"] = self._text(component)
            case Kind.FILE_UPLOAD:
                own["values"] = []
                if component["required"] and component["min_values"] and name not in uploads:
                    self._form.fail(name, "BASE_TYPE_REQUIRED", "A file is required.")
            case Kind.CHECKBOX:
                own["value"] = self._form.flag(name)
            case Kind.RADIO_GROUP:
                picked = self.picked(component, required=component["required"])
                own["value"] = picked[0] if picked else None
            case _:
                own["values"] = self.picked(component, required=component.get("required", True))
        return own

    def _text(self, component: Json) -> str:
        name = component["custom_id"]
        value = self._form.text(name, most=int(component.get("max_length", 4_000))) or ""
        least = int(component.get("min_length", 0))
        if not value and component.get("required", True):
            self._form.fail(name, "BASE_TYPE_REQUIRED", "This field is required.")
        elif value and len(value) < least:
            self._form.fail(name, "BASE_TYPE_BAD_LENGTH", f"Must be at least {least} long.")
        return value

    def picked(self, component: Json, *, required: bool) -> list[str]:
        """Read what was picked in a select or a group: ids are resolved, options checked."""
        name = component["custom_id"]
        least, most = int(component["min_values"]), int(component["max_values"])
        given: object = self._form.value.get(name)
        form = Form({name: [given] if isinstance(given, str) else given}, self._form.faults)
        values = form.texts(name, most=25, longest=100)
        if not (values or required):
            return []
        if not least <= len(values) <= most or len(set(values)) != len(values):
            form.fail(name, "BASE_TYPE_BAD_LENGTH", f"Pick {least} to {most} different ones.")
        kind = Kind(component["type"])
        for value in values:
            if not self._is_pickable(component, kind, value):
                form.fail(name, "BASE_TYPE_CHOICES", "There is no such thing to pick.")
        return values

    def _is_pickable(self, component: Json, kind: Kind, value: str) -> bool:
        if kind not in _NAMED:
            return value in [each["value"] for each in component["options"]]
        if kind is Kind.CHANNEL_SELECT:
            kinds: list[int] | None = component.get("channel_types")
            return self._resolved.add_channel(value, kinds, self._user_id)
        is_user = kind is not Kind.ROLE_SELECT and self._resolved.add_user(value)
        return is_user or (kind is not Kind.USER_SELECT and self._resolved.add_role(value))


def _placed(component: Json, filled: dict[str, Json]) -> Json:
    """Give a top component with what was filled in inside."""
    own: Json = {"type": component["type"], "id": component["id"]}
    if component["type"] == Kind.LABEL:
        own["component"] = filled[component["component"]["custom_id"]]
    elif component["type"] == Kind.ROW:
        own["components"] = [filled[each["custom_id"]] for each in component["components"]]
    return own
