"""The pages as static files, mounted at the root behind everything else."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from backend.errors import MissingToolError

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import Scope

__all__ = ["mount_pages"]

# A browser refuses modules of another type, whatever the machine's own table says.
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


class _Pages(StaticFiles):
    """Files that are asked for again each time, and answered with 304 where they are the same."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """One file."""
        if any(part.startswith(".") for part in Path(path).parts if part != "."):
            raise HTTPException(404)
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def mount_pages(app: FastAPI, folder: Path) -> None:
    """Serve the pages.

    Raises:
        MissingToolError: If they are not there.
    """
    if not folder.is_dir():
        raise MissingToolError(
            f"There are no pages in {folder}; set PARTAGE_PAGES to the folder of frontend_static."
        )
    for ending, media_type in _TYPES.items():
        mimetypes.add_type(media_type, ending)
    app.mount("/", _Pages(directory=folder, html=True), name="pages")
