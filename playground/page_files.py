"""The page's own files: those in the folder at start, and no other."""

from pathlib import Path

from aiohttp import web

_FOLDER = Path(__file__).parent / "page"
_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".json": "application/json",
}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' data: blob:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class PageFiles:
    """Serves / and /page/{file}."""

    def __init__(self, origin: str, folder: Path = _FOLDER) -> None:
        self._origin = origin
        self._files = {
            path.relative_to(folder).as_posix(): path
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.suffix in _TYPES
        }

    def routes(self) -> list[web.RouteDef]:
        """Give what this module serves."""
        return [web.get("/", self.index), web.get("/page/{file:.+}", self.file)]

    async def index(self, request: web.Request) -> web.StreamResponse:
        """Serve the page itself, under the one name that its policy lets it load files from."""
        if f"http://{request.host}" != self._origin:
            raise web.HTTPFound(f"{self._origin}/")
        if "index.html" not in self._files:
            return web.Response(text="The page is not installed; the JSON API is at /playground.")
        return self._serve("index.html")

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Serve one of its files."""
        name = request.match_info["file"]
        if name not in self._files:
            raise web.HTTPNotFound(text="No such file.")
        return self._serve(name)

    def _serve(self, name: str) -> web.StreamResponse:
        path = self._files[name]
        return web.FileResponse(path, headers={**_HEADERS, "Content-Type": _content_type(path)})


def _content_type(path: Path) -> str:
    kind = _TYPES[path.suffix]
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
