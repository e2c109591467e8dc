"""The CDN: attachments under signed links that expire, with ranges for seeking in a video."""

from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from playground.files import Files


class Cdn:
    """Serves /attachments."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def routes(self) -> list[web.RouteDef]:
        """Give what this module serves."""
        path = "/attachments/{channel_id}/{attachment_id}/{filename}"
        return [web.get(path, self.attachment)]

    async def attachment(self, request: web.Request) -> web.StreamResponse:
        """Stream a file; 404 for an unknown, forged or expired link."""
        found = self._files.find(request.match_info["attachment_id"])
        if (
            found is None
            or found.channel_id != request.match_info["channel_id"]
            or found.filename != request.match_info["filename"]
            or not self._files.answers(
                found,
                expires=request.query.get("ex", ""),
                signature=request.query.get("hm", ""),
            )
        ):
            raise web.HTTPNotFound(text="This content is no longer available.")
        return _file(found.path, found.content_type, found.filename)


_SHOWN_INLINE = ("image/png", "image/jpeg", "image/gif", "image/webp", "video/mp4", "video/webm")


def _file(path: Path, content_type: str, filename: str) -> web.FileResponse:
    """Answer with a file. What a browser could run as a page comes as a download."""
    how = "inline" if content_type in _SHOWN_INLINE else "attachment"
    return web.FileResponse(
        path,
        headers={
            "Content-Type": content_type,
            "Content-Disposition": f"{how}; filename*=UTF-8''{quote(filename, safe='')}",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, max-age=3600",
        },
    )
