"""The people API's routes: reads the call, maps refusals, answers JSON."""

from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web

from playground.files import Files
from playground.form import is_object
from playground.gateway.hub import Hub
from playground.log import Log
from playground.people.acting import Acting
from playground.people.captions import Captions
from playground.people.errors import PeopleError
from playground.people.personal import Personal
from playground.people.reading import Reading
from playground.people.request import PeopleRequest, too_large
from playground.people.speaking import Speaking
from playground.people.stream import Streams
from playground.people.switching import Switching
from playground.rest.bodies import BadBodyError, TooLargeError, read_body
from playground.rest.call import Upload
from playground.world.model import Json
from playground.world.world import World

PREFIX = "/playground"
Act = Callable[[PeopleRequest], Awaitable[Json]]
Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


class PeopleApi:
    """Everything under /playground."""

    def __init__(self, world: World, files: Files, log: Log, hub: Hub) -> None:
        self._world = world
        self._files = files
        self._reading = Reading(world, log)
        self._acting = Acting(world, files)
        self._speaking = Speaking(world, files)
        self._personal = Personal(world)
        self._switching = Switching(world, hub)
        self._streams = Streams(world, self._acting.view)
        self._captions = Captions(world, self._streams)

    def close(self) -> None:
        """End the event streams, so that the server can stop."""
        self._streams.close()

    def routes(self) -> list[web.RouteDef]:
        """Give what this module serves."""
        reading, acting, speaking = self._reading, self._acting, self._speaking
        acts: list[tuple[str, str, Act]] = [
            ("GET", "/state", reading.state),
            ("GET", "/channels", reading.channels),
            ("GET", "/messages", reading.messages),
            ("GET", "/commands", reading.commands),
            ("GET", "/log", reading.log),
            ("POST", "/reset-log", reading.reset_log),
            ("POST", "/message", speaking.message),
            ("POST", "/reaction", speaking.react),
            ("DELETE", "/reaction", speaking.unreact),
            ("POST", "/locale", self._personal.locale),
            ("POST", "/dm", self._personal.dm),
            ("POST", "/command", acting.command),
            ("POST", "/autocomplete", acting.autocomplete),
            ("POST", "/click", acting.click),
            ("POST", "/modal", acting.modal),
            ("POST", "/caption", self._captions.add),
            ("POST", "/next-caption", self._captions.next),
            ("GET", "/captions", self._captions.read),
            ("POST", "/knobs", self._switching.knobs),
        ]
        return [
            web.get(f"{PREFIX}/events", self._events),
            *(web.route(method, PREFIX + path, self._wrap(act)) for method, path, act in acts),
            web.route("*", PREFIX + "/{rest:.*}", _nothing),
        ]

    def _wrap(self, act: Act) -> Answering:
        async def handle(request: web.Request) -> web.StreamResponse:
            uploads: tuple[Upload, ...] = ()
            try:
                value, uploads = await self._read(request)
                by_name = {_option_name(each): each for each in uploads}
                return _json(200, await act(PeopleRequest(self._world, value, by_name)))
            except PeopleError as error:
                return _refusal(error)
            except TooLargeError:
                return _refusal(too_large())
            finally:
                await self._files.discard_unused(each.path for each in uploads)

        return handle

    async def _read(self, request: web.Request) -> tuple[Json, tuple[Upload, ...]]:
        if request.method == "GET":
            return dict(request.query), ()
        limit = self._world.knobs.person_limit_bytes
        try:
            body, uploads = await read_body(request, self._files, file_limit_bytes=limit)
        except BadBodyError:
            raise PeopleError("bad_request", "The body is no JSON, or broken multipart.") from None
        if body is not None and not is_object(body):
            await self._files.discard_unused(each.path for each in uploads)
            raise PeopleError("bad_request", "The body must be a JSON object.")
        return body or {}, uploads

    async def _events(self, request: web.Request) -> web.StreamResponse:
        try:
            person = PeopleRequest(self._world, dict(request.query), {}).person(bots=True)
        except PeopleError as error:
            return _refusal(error)
        if self._streams.full:
            return _refusal(PeopleError("too_many", "Too many event streams.", status=429))
        return await self._streams.serve(request, person.id)


def _option_name(upload: Upload) -> str:
    """Give the option or component of a part ``files[<name>]``."""
    return upload.part.removeprefix("files[").removesuffix("]")


def _json(status: int, body: Json) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(body), content_type="application/json")


def _refusal(error: PeopleError) -> web.Response:
    return _json(error.status, {"error": error.code, "message": error.message})


async def _nothing(_request: web.Request) -> web.StreamResponse:
    return _refusal(PeopleError("not_found", "There is no such call.", status=404))
