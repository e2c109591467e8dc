"""The rules for embeds.

https://docs.discord.com/developers/resources/message#embed-object-embed-limits
"""

from datetime import datetime
from typing import Any

from playground.form import Form
from playground.world.model import Json

MAX_EMBEDS = 10
MAX_TEXT_IN_ALL = 6_000
_MAX_URL = 2_048


def read_embeds(form: Form) -> list[Json]:
    """Read a message's ``embeds`` as Discord returns them; faults land in the form."""
    embeds = form.forms("embeds", most=MAX_EMBEDS)
    found = [_read(each) for each in embeds]
    if sum(_text_length(each) for each in found) > MAX_TEXT_IN_ALL:
        form.fail(
            "embeds",
            "MAX_EMBED_SIZE_EXCEEDED",
            f"Embed size exceeds maximum size of {MAX_TEXT_IN_ALL}",
        )
    return found


def _read(form: Form) -> Json:
    own: Json = {
        "type": "rich",
        "title": form.text("title", most=256),
        "description": form.text("description", most=4096),
        "url": _url(form, "url"),
        "color": form.whole("color", most=0xFFFFFF),
        "timestamp": _instant(form),
    }
    fields = [_field(each) for each in form.forms("fields", most=25)]
    if fields:
        own["fields"] = fields
    for name, text, most in (("footer", "text", 2048), ("author", "name", 256)):
        part = form.form(name)
        if part is not None:
            own[name] = _without_none(
                {
                    text: part.text(text, least=1, most=most, required=True),
                    "url": _url(part, "url"),
                    "icon_url": _url(part, "icon_url"),
                }
            )
    for name in ("image", "thumbnail"):
        part = form.form(name)
        if part is not None:
            own[name] = {"url": _url(part, "url", required=True) or ""}
    own = _without_none(own)
    if set(own) <= {"type", "color", "url", "timestamp"} and not own.get("timestamp"):
        form.fail("description", "BASE_TYPE_REQUIRED", "This field is required")
    return own


def _field(form: Form) -> Json:
    return {
        "name": form.text("name", least=1, most=256, required=True),
        "value": form.text("value", least=1, most=1024, required=True),
        "inline": form.flag("inline"),
    }


def _url(form: Form, name: str, *, required: bool = False) -> str | None:
    url = form.text(name, most=_MAX_URL, required=required)
    if url and not url.startswith(("http://", "https://", "attachment://")):
        form.fail(
            name,
            "URL_TYPE_INVALID_SCHEME",
            "Scheme must be one of ('http', 'https', 'attachment').",
        )
        return None
    return url or None


def _instant(form: Form) -> str | None:
    text = form.text("timestamp", most=64)
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError:
        form.fail("timestamp", "DATE_TIME_TYPE_PARSE", "Could not parse as ISO 8601.")
        return None


def _text_length(embed: dict[str, Any]) -> int:
    parts = [embed.get("title"), embed.get("description")]
    parts += [embed.get("footer", {}).get("text"), embed.get("author", {}).get("name")]
    for field in embed.get("fields", ()):
        parts += [field["name"], field["value"]]
    return sum(len(part) for part in parts if part)


def _without_none(value: Json) -> Json:
    return {key: each for key, each in value.items() if each is not None}
