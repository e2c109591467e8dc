"""Files shown by embeds and components: ``attachment://name`` becomes the file's link."""

from collections.abc import Sequence

from playground.form import is_list, is_object
from playground.wire.messages import attachment_url
from playground.world.components import Kind
from playground.world.model import Attachment, Json
from playground.world.world import World

_SCHEME = "attachment://"


class Shelf:
    """The files of one message, by name."""

    def __init__(self, world: World, attachments: Sequence[Attachment]) -> None:
        self._world = world
        self._by_name = {each.filename: each for each in attachments}

    def embeds(self, embeds: list[Json]) -> list[Json]:
        """Give embeds with every reference to a file replaced by its link."""
        return [{name: self._linked(each) for name, each in embed.items()} for embed in embeds]

    def components(self, components: list[Json]) -> list[Json]:
        """Give components with every media item unfurled, as Discord returns them."""
        return [self._shown(each) for each in components]

    def _shown(self, component: Json) -> Json:
        shown = {name: self._unfurled(each) for name, each in component.items()}
        if component.get("type") == Kind.FILE:
            attachment = self._find(component["file"]["url"])
            shown["name"] = attachment.filename if attachment else None
            shown["size"] = attachment.size if attachment else None
        return shown

    def _unfurled(self, value: object) -> object:
        if is_list(value):
            return [self._unfurled(each) for each in value]
        if not is_object(value):
            return value
        return self._media(str(value["url"])) if set(value) == {"url"} else self._shown(value)

    def _media(self, url: str) -> Json:
        attachment = self._find(url)
        link = attachment_url(self._world, attachment) if attachment else url
        media: Json = {"id": self._world.ids.next(), "url": link, "proxy_url": link}
        if attachment is not None:
            media |= {
                "attachment_id": attachment.id,
                "content_type": attachment.content_type,
                "width": attachment.width,
                "height": attachment.height,
            }
        return media

    def _linked(self, value: object) -> object:
        if isinstance(value, str) and (attachment := self._find(value)) is not None:
            return attachment_url(self._world, attachment)
        if is_object(value):
            return {name: self._linked(each) for name, each in value.items()}
        return value

    def _find(self, url: str) -> Attachment | None:
        return self._by_name.get(url.removeprefix(_SCHEME)) if url.startswith(_SCHEME) else None
