"""Checks what the bot sends, and what the playground answers, against Discord's OpenAPI document.

The document is not part of this project. ``DISCORD_OPENAPI`` names it; else
``../shared/discord-openapi.json`` beside the repository is taken if it is there.
"""

import json
import os
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol, TypeAlias, cast

import jsonschema
import jsonschema_rs

from playground.form import is_object

Json: TypeAlias = dict[str, Any]

_DEFAULT = Path(__file__).parents[2] / "shared" / "discord-openapi.json"
# Harmless fields that discord.py sends and the document does not name.
_UNNAMED_FIELDS = {
    "ApplicationCommandCreateRequest": ("nsfw",),
    "ApplicationCommandPatchRequestPartial": ("nsfw",),
    "ApplicationCommandUpdateRequest": ("nsfw",),
    "IncomingWebhookUpdateForInteractionCallbackRequestPartial": ("tts",),
    "IncomingWebhookUpdateRequestPartial": ("tts",),
    # An edit repeats the attachments that stay as they were received.
    "MessageAttachmentRequest": (
        "content_type",
        "height",
        "proxy_url",
        "size",
        "spoiler",
        "url",
        "width",
    ),
    "MessageEditRequestPartial": ("tts",),
    "RichEmbed": ("flags", "type"),
}
_MAX_REPORTED = 300  # characters of a failing value in a report


class Record(Protocol):
    """A request and its answer, as ``playground.rest.dispatcher.RestRecord`` has them."""

    @property
    def method(self) -> str: ...
    @property
    def route(self) -> str: ...
    @property
    def query(self) -> list[tuple[str, str]]: ...
    @property
    def body(self) -> object: ...
    @property
    def files(self) -> tuple[tuple[str, str, int], ...]: ...
    @property
    def status(self) -> int: ...
    @property
    def answer(self) -> object: ...


class OpenApiChecker:
    """A ``Playground(observer=...)`` that gathers violations."""

    def __init__(self, path: Path) -> None:
        self._document = _Document.at(path)
        self.violations: list[str] = []
        self.checked = 0

    def __call__(self, record: Record) -> None:
        """Check one request and its answer."""
        self.checked += 1
        where = f"{record.method} {record.route}"
        operation = self._document.operation(record.method, record.route)
        if operation is None:
            self.violations.append(f"{where}: Discord has no such operation")
            return
        faults = [*_query_faults(operation, record), *_file_faults(record)]
        if record.status != HTTPStatus.REQUEST_ENTITY_TOO_LARGE:  # its body was not read
            faults += self._document.request_faults(where, operation, record.body)
        faults += self._document.answer_faults(where, operation, record.status, record.answer)
        self.violations += [f"{where} ({record.status}): {fault}" for fault in faults]


def document_path() -> Path | None:
    """Where Discord's OpenAPI document is, or None if it is not on this machine."""
    path = Path(os.environ.get("DISCORD_OPENAPI") or _DEFAULT)
    return path if path.is_file() else None


class _Document:
    """The document twice: as published for answers, with closed objects for requests."""

    def __init__(self, text: str) -> None:
        self._paths: Json = json.loads(text)["paths"]
        self._open: Json = json.loads(text)["components"]["schemas"]
        self._closed = _close(json.loads(text)["components"]["schemas"])
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    @staticmethod
    @cache
    def at(path: Path) -> "_Document":
        """Read a document once a process."""
        return _Document(path.read_text())

    def operation(self, method: str, route: str) -> Json | None:
        """Find an operation: its path in the document is the route itself."""
        path: Json = self._paths.get(route, {})
        operation: Json | None = path.get(method.lower())
        if operation is None:
            return None
        return {
            **operation,
            "parameters": [*path.get("parameters", ()), *operation.get("parameters", ())],
        }

    def request_faults(self, where: str, operation: Json, body: object) -> list[str]:
        """Check a JSON body, or the ``payload_json`` of a multipart one."""
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            return [] if body is None else ["a body where none belongs"]
        if body is None and not operation["requestBody"].get("required"):
            return []
        return self._faults(f"> {where}", content["application/json"]["schema"], self._closed, body)

    def answer_faults(self, where: str, operation: Json, status: int, answer: object) -> list[str]:
        """Check an answer against the schema of the status actually sent."""
        responses: Json = operation["responses"]
        if status >= 400:
            # The knob `ban` stands for Cloudflare in front of Discord, which answers no JSON.
            is_ban = status == 429 and answer is None
            fits = is_ban or (isinstance(answer, dict) and "message" in answer)
            return [] if fits else ["an error without a message"]
        if str(status) not in responses:
            return [f"status {status} is none of {sorted(responses)}"]
        content = responses[str(status)].get("content", {})
        if "application/json" not in content:
            return [] if answer is None else ["an answer where none belongs"]
        schema = content["application/json"]["schema"]
        return self._faults(f"< {where} {status}", schema, self._open, answer)

    def _faults(self, key: str, schema: Json, schemas: Json, value: Any) -> list[str]:  # noqa: ANN401  # any JSON value
        whole = {**schema, "components": {"schemas": schemas}}
        validator = self._validators.get(key)
        if validator is None:
            validator = self._validators[key] = jsonschema_rs.Draft202012Validator(whole)
        if validator.is_valid(value):
            return []
        # Only now the slow one, which can tell what is wrong inside an anyOf.
        slow = jsonschema.Draft202012Validator(whole)
        errors = slow.iter_errors(value)  # pyright: ignore[reportUnknownMemberType]  # its stub is
        return [f"{key[0]} {_told(error)}" for error in errors]


def _close(schemas: Json) -> Json:
    """Refuse fields the document does not name, and take ids that are integers."""
    for name, schema in schemas.items():
        for unnamed in _UNNAMED_FIELDS.get(name, ()):
            schema["properties"][unnamed] = True
        _close_objects(schema)
    # discord.py sends attachments[].id as 0, 1, ...; Discord's documentation allows it.
    schemas["SnowflakeType"] = {
        "anyOf": [schemas["SnowflakeType"], {"type": "integer", "minimum": 0}]
    }
    return schemas


def _close_objects(schema: object) -> None:
    if isinstance(schema, list):
        for each in cast("list[object]", schema):
            _close_objects(each)
    elif isinstance(schema, dict):
        found = cast("Json", schema)
        if "properties" in found and "additionalProperties" not in found:
            found["unevaluatedProperties"] = False
        for each in found.values():
            _close_objects(each)


def _query_faults(operation: Json, record: Record) -> list[str]:
    known = {each["name"]: each for each in operation["parameters"] if each["in"] == "query"}
    sent = {name for name, _ in record.query}
    faults = [f"unknown query parameter {name}" for name in sorted(sent - set(known))]
    needed = {name for name, each in known.items() if each.get("required")}
    return faults + [f"query parameter {name} is missing" for name in sorted(needed - sent)]


def _file_faults(record: Record) -> list[str]:
    """A part ``files[n]`` belongs to the entry of ``attachments`` with the id n."""
    body: Json = record.body if is_object(record.body) else {}
    data: Json = body.get("data") or body  # a callback has its message inside
    entries = {str(each.get("id")) for each in data.get("attachments") or ()}
    return [
        f"file part {part} has no entry in attachments"
        for part, _, _ in record.files
        if part.removeprefix("files[").removesuffix("]") not in entries
    ]


def _told(error: jsonschema.ValidationError) -> str:
    """Tell the fault, going into the branch of a union that was meant."""
    while error.context:
        error = _meant_branch(error.context)[0]
    path = "/".join(str(step) for step in error.absolute_path)
    return f"{path}: {error.message[:_MAX_REPORTED]}"


def _meant_branch(context: list[jsonschema.ValidationError]) -> list[jsonschema.ValidationError]:
    """Give the faults of the branch whose ``type`` fits; of several, the one with the fewest."""
    branches: dict[object, list[jsonschema.ValidationError]] = {}
    for error in context:
        branches.setdefault(error.relative_schema_path[0], []).append(error)
    return min(branches.values(), key=lambda errors: (any(map(_misfit, errors)), len(errors)))


def _misfit(error: jsonschema.ValidationError) -> bool:
    return list(error.relative_path) == ["type"] or (
        error.validator == "type" and not error.relative_path
    )
