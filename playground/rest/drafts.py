"""Reads what a message is to say: text, embeds, components, files, mentions, flags."""

from dataclasses import dataclass, field

from playground.form import Form
from playground.rest.bodies import safe_name
from playground.rest.call import Call, Upload, check
from playground.rest.components import read_components
from playground.rest.embeds import read_embeds
from playground.rest.errors import Refusal, refuse
from playground.world.mentions import AllowedMentions
from playground.world.model import Json, Message, MessageFlag

MAX_CONTENT = 2_000
MAX_FILES = 10
_PARSE = frozenset({"users", "roles", "everyone"})


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to attach."""

    upload: Upload
    filename: str
    description: str | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A checked message body. None means that the field was not sent: an edit leaves it alone."""

    content: str | None
    embeds: list[Json] | None
    components: list[Json] | None
    flags: int
    allowed: AllowedMentions
    kept_attachments: frozenset[str] | None
    files: tuple[NewFile, ...]
    tts: bool = False
    v2: bool = False

    @property
    def empty(self) -> bool:
        """Whether a new message of it would show nothing."""
        return not (self.content or self.embeds or self.components or self.files)


@dataclass(frozen=True, slots=True)
class _Files:
    kept: frozenset[str] | None = None
    new: tuple[NewFile, ...] = field(default=())


def read_draft(
    form: Form,
    call: Call,
    *,
    settable: int,
    editing: Message | None = None,
    defaults: AllowedMentions | None = None,
) -> Draft:
    """Read and check a message body.

    Args:
        form: The body, or the ``data`` of an interaction callback.
        call: The request, for its files.
        settable: Flags that may be set here; others are ignored, as Discord does.
        editing: The message that is edited: its components v2 cannot be taken off, and files
            that it keeps may be shown.
        defaults: What may ping where the body does not say.

    Raises:
        ApiError: 50035 with all faults.
    """
    flags = (form.whole("flags", most=2**31 - 1) or 0) & settable
    was_v2 = editing is not None and bool(editing.flags & MessageFlag.COMPONENTS_V2)
    v2 = was_v2 or bool(flags & MessageFlag.COMPONENTS_V2)
    files = _files(form, call)
    names = frozenset(each.filename for each in files.new) | _kept_names(editing, files)
    draft = Draft(
        content=(form.text("content", most=MAX_CONTENT) or "") if form.has("content") else None,
        embeds=read_embeds(form) if form.has("embeds") else None,
        components=read_components(form, v2=v2, files=names) if form.has("components") else None,
        flags=flags,
        allowed=_allowed(form, defaults or AllowedMentions()),
        kept_attachments=files.kept,
        files=files.new,
        tts=form.flag("tts"),
        v2=v2,
    )
    if v2:
        old = editing or Message("", "", "", 0)
        for name, new, before in (
            ("content", draft.content, old.content),
            ("embeds", draft.embeds, old.embeds),
        ):
            if before if new is None else new:
                form.fail(
                    name,
                    "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                    f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
                )
    check(form.faults)
    return draft


def check_not_empty(draft: Draft) -> None:
    """Refuse a new message that would show nothing.

    Raises:
        ApiError: 50006.
    """
    if draft.empty:
        raise refuse(Refusal.EMPTY_MESSAGE)


def _kept_names(editing: Message | None, files: _Files) -> frozenset[str]:
    held = editing.attachments if editing is not None else []
    return frozenset(each.filename for each in held if files.kept is None or each.id in files.kept)


def _allowed(form: Form, defaults: AllowedMentions) -> AllowedMentions:
    allowed = form.form("allowed_mentions")
    if allowed is None:
        return defaults
    parse = frozenset(allowed.texts("parse", most=3, longest=20))
    if parse - _PARSE:
        allowed.fail("parse", "BASE_TYPE_CHOICES", f"Value must be one of {sorted(_PARSE)}.")
    users, roles = allowed.ids("users", most=100), allowed.ids("roles", most=100)
    for name, single in (("users", users), ("roles", roles)):
        if single and name in parse:
            allowed.fail(
                name,
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                f"parse:[{name}] and {name}: [ids...] are mutually exclusive.",
            )
    replied = allowed.flag("replied_user")
    return AllowedMentions(parse, frozenset(users), frozenset(roles), replied)


def _files(form: Form, call: Call) -> _Files:
    """Match ``attachments`` with the uploads: an entry's id is the n of ``files[n]``, or kept."""
    by_part = {upload.part: upload for upload in call.uploads}
    if not form.has("attachments"):
        return _Files(
            None, tuple(NewFile(upload, upload.filename, None) for upload in call.uploads)
        )
    kept: set[str] = set()
    new: list[NewFile] = []
    for entry in form.forms("attachments", most=MAX_FILES):
        entry_id = entry.id("id", required=True)
        filename = entry.text("filename", most=1024)
        description = entry.text("description", most=1024)
        if entry_id is None:
            continue
        upload = by_part.get(f"files[{entry_id}]")
        if upload is None:
            kept.add(entry_id)
        else:
            new.append(NewFile(upload, safe_name(filename or upload.filename), description))
    return _Files(frozenset(kept), tuple(new))
