"""The pages people meet when they look at the API with a browser. They work without a CDN and without inline code."""

from html import escape

from starlette.responses import HTMLResponse

from api.assets import url
from api.problem_kinds import ProblemKind

PLAIN = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
DOCUMENTATION = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def problem_page(kind: ProblemKind) -> HTMLResponse:
    return _page(
        kind.title,
        f"<p><code>{escape(kind.type)}</code>, HTTP status {kind.status}</p><p>{escape(kind.meaning)}</p>"
        '<p><a href="/problems">All problems</a></p>',
    )


def problem_list(kinds: list[ProblemKind]) -> HTMLResponse:
    shown = "".join(
        f'<dt><a href="{escape(kind.type)}">{escape(kind.title)}</a> ({kind.status})</dt>'
        f"<dd>{escape(kind.meaning)}</dd>"
        for kind in kinds
    )
    return _page("Problems of this API", f"<dl>{shown}</dl>")


def documentation_page() -> HTMLResponse:
    head = (
        f'<link rel="stylesheet" href="{url("swagger-ui/swagger-ui.css")}">'
        f'<script src="{url("swagger-ui/swagger-ui-bundle.js")}" defer></script>'
        f'<script src="{url("docs.js")}" defer></script>'
    )
    response = HTMLResponse(_document("API documentation", '<div id="api"></div>', head))
    response.headers["content-security-policy"] = DOCUMENTATION
    response.headers["cache-control"] = "no-cache"
    return response


def _page(title: str, content: str) -> HTMLResponse:
    response = HTMLResponse(_document(title, f"<main><h1>{escape(title)}</h1>{content}</main>"))
    response.headers["content-security-policy"] = PLAIN
    return response


def _document(title: str, body: str, head: str = "") -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="icon" href="data:,">'
        f'<link rel="stylesheet" href="{url("page.css")}">{head}</head><body>{body}</body></html>'
    )
