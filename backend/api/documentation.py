"""``/docs``: the API described on one page, without scripts, from the same description that ``/openapi.json`` gives."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from backend.api.access import ACCESS
from backend.api.problems import PROBLEMS

if TYPE_CHECKING:
    from fastapi import FastAPI

    from backend.api.access import Access

__all__ = ["STYLE", "write_documentation"]

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 64rem; padding: 2rem 1rem 4rem; }
h1 { margin: 0 0 .5rem; } h2 { margin: 2.5rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding: .5rem .75rem .5rem 0;
  text-align: left; vertical-align: top; }
code { font: .875rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
td:first-child { white-space: nowrap; }
"""


def _who(row: Access) -> str:
    if row.public:
        return "anyone"
    if row.consent is not None:
        return f"the participant, or with their consent ({row.consent.name.lower()})"
    return " or ".join(sorted(row.roles)) if row.roles else "any user"


def write_documentation(app: FastAPI) -> str:
    """The page as HTML."""
    described: dict[str, Any] = app.openapi()
    groups: dict[str, list[str]] = {}
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            row = ACCESS[method.upper(), path]
            groups.setdefault((operation.get("tags") or ["chain"])[0], []).append(
                f"<tr><td><code>{method.upper()}</code></td><td><code>{escape(path)}</code></td>"
                f"<td>{escape(operation.get('description', ''))}</td><td>{escape(_who(row))}</td></tr>"
            )
    sections = "".join(
        f"<h2>{escape(tag.capitalize())}</h2><table><thead><tr><th>Method</th><th>Address</th><th>What</th>"
        f"<th>Who</th></tr></thead><tbody>{''.join(rows)}</tbody></table>"
        for tag, rows in groups.items()
    )
    problems = "".join(
        f'<tr id="{kind.slug}"><td>{kind.status}</td><td><code>{kind.slug}</code></td>'
        f"<td>{escape(kind.title)}</td></tr>"
        for kind in PROBLEMS.values()
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Partage API</title>'
        '<link rel="stylesheet" href="/docs.css"></head><body><main><h1>Partage API</h1>'
        f"<p>{escape(described['info']['description'])} The full description for programs is "
        '<a href="/openapi.json">/openapi.json</a>.</p>'
        f"{sections}<h2>Problems</h2><table><thead><tr><th>Status</th><th>Type</th><th>What</th></tr></thead>"
        f"<tbody>{problems}</tbody></table></main></body></html>"
    )
