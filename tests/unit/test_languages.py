"""Every text is there in every language, and says the same in each."""

from __future__ import annotations

import ast
import re
import string
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord
import pytest
import pytest_asyncio
from babel.messages.pofile import read_po

from bot.client import INTENTS, add_commands, command_digest
from bot.domain.language import Language, _, language_of, ngettext
from bot.languages import po_path, speaking, translations_into
from bot.services.word_patterns import REFUSALS
from bot.translating import texts_in_code
from cogs.command_words import CommandWords
from cogs.services import ServiceBot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Catalog, Message
    from discord import app_commands

ROOT = Path(__file__).parents[2]
TRANSLATED = [each for each in Language if each is not Language.ENGLISH]
DESCRIPTION_MAX_CHARACTERS = 100  # Discord's, for commands, options and choices
MARKERS = frozenset({"_", "N_", "ngettext", "pgettext"})
Json = dict[str, Any]
Key = tuple[str | None, str | tuple[str, ...]]


def key_of(message: Message) -> Key:
    return message.context, message.id if isinstance(message.id, str) else tuple(message.id)


def forms_of(message: Message) -> list[str]:
    written = message.string
    if isinstance(written, str | None):
        return [written or ""]
    return list(written)


def of_people(catalog: Catalog) -> dict[Key, Message]:
    return {key_of(message): message for message in catalog if message.id}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def texts() -> dict[Key, Message]:
    return of_people(await texts_in_code())


def translations(language: Language) -> Catalog:
    with po_path(language).open("rb") as file:
        return read_po(file, locale=language.replace("-", "_"))


@pytest.fixture(params=TRANSLATED)
def catalog(request: pytest.FixtureRequest) -> Catalog:
    return translations(request.param)


def test_every_text_is_translated_and_no_other(catalog: Catalog, texts: dict[Key, Message]) -> None:
    found = of_people(catalog)
    assert found.keys() - texts.keys() == set(), "gone from the code: run `make texts`"
    assert texts.keys() - found.keys() == set(), "new in the code: run `make texts`"
    assert [key for key, message in found.items() if not all(forms_of(message))] == []
    assert catalog.obsolete == {}
    assert [key for key, message in found.items() if message.fuzzy] == []


def test_a_translation_has_as_many_forms_as_its_language(catalog: Catalog) -> None:
    for key, message in of_people(catalog).items():
        wanted = 1 if isinstance(message.id, str) else catalog.num_plurals
        assert len(forms_of(message)) == wanted, key


def placeholders(text: str) -> set[str]:
    return {name for _text, name, _format, _how in string.Formatter().parse(text) if name}


def test_a_translation_has_the_placeholders_of_its_text(catalog: Catalog) -> None:
    for key, message in of_people(catalog).items():
        wanted = placeholders(message.id if isinstance(message.id, str) else message.id[1])
        for form in forms_of(message):
            assert placeholders(form) == wanted, key


def markup(text: str) -> Counter[str]:
    """What Discord, or a person who types, must find unchanged."""
    marks = re.findall(r"`[^`]+`|\*\*|\|\||</?[^ >]+>|^-# |^# |\n", text, re.MULTILINE)
    return Counter(marks)


def test_a_translation_has_the_markup_and_the_commands_of_its_text(catalog: Catalog) -> None:
    for key, message in of_people(catalog).items():
        wanted = markup(message.id if isinstance(message.id, str) else message.id[1])
        for form in forms_of(message):
            assert markup(form) == wanted, key


def test_text_that_is_put_together_is_marked_where_the_reader_of_texts_sees_it() -> None:
    # Inside an f-string a marked text is found by some versions of Python only; and what is no
    # literal is found by none.
    wrong: list[str] = []
    for path in [*ROOT.glob("cogs/**/*.py"), *ROOT.glob("bot/**/*.py")]:
        tree = ast.parse(path.read_text())
        inside = {
            id(call)
            for joined in ast.walk(tree)
            if isinstance(joined, ast.JoinedStr)
            for call in ast.walk(joined)
        }
        wrong += [
            f"{path.name}:{call.lineno}"
            for call in ast.walk(tree)
            if isinstance(call, ast.Call)
            and isinstance(call.func, ast.Name)
            and call.func.id in MARKERS
            and (id(call) in inside or any(isinstance(arg, ast.JoinedStr) for arg in call.args))
        ]
    assert wrong == []


def test_no_text_is_translated_before_anybody_reads_it() -> None:
    # What is translated as a module is read stays in the language of that moment, for all.
    early: list[str] = []

    def look(node: ast.AST, path: Path) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                continue
            if (
                isinstance(child, ast.Call)
                and isinstance(child.func, ast.Name)
                and child.func.id in MARKERS - {"N_"}
            ):
                early.append(f"{path.name}:{child.lineno}")
            look(child, path)

    for path in [*ROOT.glob("cogs/**/*.py"), *ROOT.glob("bot/**/*.py")]:
        look(ast.parse(path.read_text()), path)
    assert early == []


# What is said to the log and to programs, and never to a person.
OF_NO_PERSON = frozenset(
    {
        "a channel that has threads",
        "a new thread",
        "a server is in an outage of Discord's",
        "account {}, here {}",  # on record
        "COGREEL_SECRETS_KEY is not set",
        "it was sealed for another use",
        "job {} is no longer {}",
        "no channel is left",
        "none of the secrets keys opens it",
        *REFUSALS,  # RE2's
        "Money | None",  # a type
        "first and last frame",  # a mode's name, marked beside it
        "files not permitted",
        "not as noted",
        "not at hand",
        "not made to fit",
        "cogreel clip\n{}\n{}",  # what a link is signed for
        "room for another thread",
        "the bot is no longer on the server",
        "the bot is on no server with this channel",
        "the media worker did not finish: {}",
        "the thread is locked",
        "this is not a text channel",
        "{} (code {})",
        "{} (this server's own)",  # a name
        "{} is none of {}",
        "channel {} is gone",
        "channel {} takes no messages",
        "the server is not there yet",
        "the server is in an outage of Discord's",
        "missing for me there",  # the end of a text that is marked
        "there are no threads in this channel",
        "age-restricted channels only",  # the value of a choice
        "everything above {}",  # on record
        "being made {}, waiting {}",
        "as the operator allows",
        "-# Log {}",  # a post is found again by these
        "-# Log {} to {}",
        "-# Notice {} · <t:{}:f>",
    }
)
SAID_ELSEWHERE = ("log.", "app_commands.", "re.", "ValueError", "asyncio.")
PEOPLE_READ_FROM = ("cogs", "bot/domain", "bot/services")
OF_THE_OPERATOR = frozenset({"cogs/held_texts.py", "cogs/jobs.py"})  # of `/jobs`, see docs/adr/0011


def shape(node: ast.Constant | ast.JoinedStr) -> str:
    """A text, with braces for what varies."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
    )


def is_prose(text: str) -> bool:
    words = re.findall(r"(?<![\w{<:@#&/`.])[A-Za-z]{2,}(?![\w}>:`])", text)
    begins = text[:1].isupper() or "{}" in text
    return " " in text and len(words) >= (2 if begins else 3)


def is_said_to_somebody(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func)
        return called not in MARKERS and not called.startswith(SAID_ELSEWHERE)
    return not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))  # a docstring


def unmarked(node: ast.AST) -> Iterator[str]:
    """The texts of a module that look as if people should read them, and are not marked."""
    for child in filter(is_said_to_somebody, ast.iter_child_nodes(node)):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            child.decorator_list.clear()  # what is said there of a command is one of its texts
        if isinstance(child, ast.ClassDef):
            child.keywords.clear()  # likewise
        if isinstance(child, ast.JoinedStr) or (
            isinstance(child, ast.Constant) and isinstance(child.value, str)
        ):
            if is_prose(shape(child)):
                yield shape(child)
        else:
            yield from unmarked(child)


OF_A_MODEL = {"bot/domain/looks.py"}
"""Beside what is marked there: words that go into prompts, which models read in English."""


def test_no_text_that_people_read_is_left_unmarked() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {text}"
        for folder in PEOPLE_READ_FROM
        for path in (ROOT / folder).rglob("*.py")
        if str(path.relative_to(ROOT)) not in {*OF_THE_OPERATOR, *OF_A_MODEL}
        for text in unmarked(ast.parse(path.read_text()))
        if text not in OF_NO_PERSON
    }
    assert found == set(), "wrap it in _() or N_(), or say here that it is of no person"


def test_locales_of_discord_are_languages_of_the_bot_or_none() -> None:
    spoken = {locale: language_of(str(locale)) for locale in discord.Locale}
    assert {str(locale): language for locale, language in spoken.items() if language} == {
        "en-US": Language.ENGLISH,
        "en-GB": Language.ENGLISH,
        "zh-CN": Language.CHINESE,
        "ja": Language.JAPANESE,
    }
    assert language_of("made-up") is None


def test_outside_of_everything_english_is_spoken_and_inside_only_there_another() -> None:
    assert _("Again") == "Again"
    with speaking(Language.JAPANESE):
        assert _("Again") == "もう一度"
        with speaking(Language.CHINESE):
            assert _("Again") == "再来一次"
        assert _("Again") == "もう一度"
    assert _("Again") == "Again"


@pytest.mark.parametrize("language", Language)
def test_a_text_that_nobody_translated_is_shown_in_english(language: Language) -> None:
    with speaking(language):
        assert _("there is no such text") == "there is no such text"
        assert ngettext("one of none", "some of none", 2) == "some of none"


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_header_of_the_file_is_no_text(language: Language) -> None:
    assert "nplurals=1" in translations_into(language).gettext("")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def commands() -> list[Json]:
    async with ServiceBot(command_prefix=(), intents=INTENTS) as bot:
        await add_commands(bot)
        translator = CommandWords()
        return [
            await command.get_translated_payload(bot.tree, translator)
            for command in bot.tree.get_commands()
        ]


def parts(definitions: list[Json]) -> Iterator[Json]:
    """Commands, with everything in them that has a name."""
    for each in definitions:
        yield each
        yield from parts([*each.get("options", ()), *each.get("choices", ())])


@pytest.mark.parametrize("locale", TRANSLATED)
def test_discord_describes_every_command_in_every_language(
    commands: list[Json], locale: str
) -> None:
    described = [part for part in parts(commands) if part.get("description")]
    assert len(described) > 50
    for part in described:
        translated = part["description_localizations"]
        assert 1 <= len(translated[locale]) <= DESCRIPTION_MAX_CHARACTERS
        assert set(translated) == set(TRANSLATED)


def test_the_names_that_people_type_are_the_same_for_all(
    commands: list[Json],
) -> None:
    typed = [part for part in parts(commands) if part.get("description")]
    assert [part["name"] for part in typed if part.get("name_localizations")] == []


def test_what_people_pick_is_in_their_language(commands: list[Json]) -> None:
    named = {
        str(part["name"]): part["name_localizations"]
        for part in parts(commands)
        if part.get("name_localizations")
    }
    assert named["week"] == {"zh-CN": "每周", "ja": "1 週間"}
    assert named["Take this video down"] == {"zh-CN": "下架此视频", "ja": "この動画を取り下げる"}


class OtherWords(CommandWords):
    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        return "他" if await super().translate(string, locale, context) else None


async def test_a_changed_translation_is_synced(commands: list[Json]) -> None:
    assert commands
    async with ServiceBot(command_prefix=(), intents=INTENTS) as bot:
        await add_commands(bot)
        await bot.tree.set_translator(CommandWords())
        first = await command_digest(bot.tree)
        assert await command_digest(bot.tree) == first
        await bot.tree.set_translator(OtherWords())
        assert await command_digest(bot.tree) != first
