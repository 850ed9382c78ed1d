"""Makes one site of the pages here and of the files around them; `mkdocs build` calls it.

Pages link to files by their paths in the repository, so that links work wherever the repository is
looked at. The site has another shape: only `docs/` is in it. What makes up for that is here:

- README.md, CHANGELOG.md and CONTRIBUTING.md are pages of the site (`TOP`);
- every other file outside `docs/` that a page links to is carried along, as `repository/<path>`;
- links are written anew for that (`site_link`);
- a rule that a docstring names, such as A60, leads to its row in fidelity.md, a page to itself;
- a page that would fetch something from elsewhere fails the build (`fetched_from_elsewhere`).
"""

from __future__ import annotations

import html.parser
import posixpath
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
# Pages that are kept beside `docs/`, by the names that they have in the site.
TOP = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
}
CARRIED = "repository"  # The folder of the site for files from outside of `docs/`.

_LINK = re.compile(r"(?P<code>^ *```.*?^ *```$|`[^`\n]+`)|\]\((?P<target>[^)\s]+)\)", re.M | re.S)
_ELSEWHERE = re.compile(r"(https?:)?//", re.IGNORECASE)
_RULES = re.compile(r"\([AB]\d+[a-z]?(?:(?:, |-)[AB]\d+[a-z]?)*[),]")
_RULE = re.compile(r"[AB]\d+[a-z]?")
_PAGE = re.compile(r"\bdocs/([\w/-]+)\.md\b")
_RULE_ROW = re.compile(r"<td>([AB]\d+[a-z]?)</td>")


def links(text: str) -> list[str]:
    """List where the links of a page lead to, but for those that only look like some in code."""
    return [found["target"] for found in _LINK.finditer(text) if found["target"]]


def in_repository(page: str) -> str:
    """Say where the page of this name in the site is kept, from the root of the repository."""
    if page.startswith(f"{CARRIED}/"):
        return page.removeprefix(f"{CARRIED}/")
    kept = {name: path for path, name in TOP.items()}
    return kept.get(page, f"docs/{page}")


def in_site(path: str) -> str:
    """Say where a file of the repository is in the site."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    return TOP.get(path, f"{CARRIED}/{path}")


def leads_to(target: str, page: str) -> str | None:
    """Say which file of the repository a link of a page leads to; None if it leads elsewhere."""
    path = target.partition("#")[0]
    if not path or _ELSEWHERE.match(target) or target.startswith("mailto:"):
        return None
    return posixpath.normpath(posixpath.join(posixpath.dirname(in_repository(page)), path))


def site_link(target: str, page: str) -> str:
    """Write a link of a page so that it leads to the same in the site."""
    path = leads_to(target, page)
    if path is None:
        return target
    _, mark, anchor = target.partition("#")
    return posixpath.relpath(in_site(path), posixpath.dirname(page) or ".") + mark + anchor


class _Assets(html.parser.HTMLParser):
    """Finds what a browser fetches for a page without being asked to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the address of what a page is made of; links to follow are none of these."""
        given = dict(attrs)
        rels = (given.get("rel") or "").split()
        is_asset = tag in ("script", "img", "iframe", "source", "video", "audio", "embed")
        if is_asset or (tag == "link" and rels != ["canonical"]):
            self.found += [given.get("src") or "", given.get("href") or ""]


def fetched_from_elsewhere(text: str) -> list[str]:
    """List what a page of HTML would fetch from other servers: nobody is told who reads it."""
    assets = _Assets()
    assets.feed(text)
    return [address for address in assets.found if _ELSEWHERE.match(address)]


def with_docstrings_linked(text: str, page: str) -> str:
    """Have the rules and the pages that docstrings name lead to their row and to themselves."""
    top = posixpath.relpath(".", posixpath.dirname(page) or ".")

    def linked(found: re.Match[str]) -> str:
        return _RULE.sub(rf'<a href="{top}/fidelity.html#\g<0>">\g<0></a>', found[0])

    text = _RULES.sub(linked, text)
    return _PAGE.sub(rf'<a href="{top}/\1.html">\g<0></a>', text)


# What mkdocs calls.


def on_config(config: Any) -> None:
    """Leave out of the navigation what the repository does not have."""
    missing = [name for path, name in TOP.items() if not (ROOT / path).exists()]
    config["nav"] = _without(missing, config["nav"])


def on_files(files: Any, config: Any) -> None:
    """Add the pages from outside of `docs/`, and the files that any page links to."""
    from mkdocs.structure.files import File

    for path, name in TOP.items():
        if (ROOT / path).exists():
            files.append(File.generated(config, name, abs_src_path=str(ROOT / path)))
    for file in [*files.documentation_pages()]:
        for target in links(file.content_string):
            linked = leads_to(target, file.src_uri)
            if linked is None or not (ROOT / linked).is_file():
                continue  # Of a file that is not there, mkdocs complains.
            name = in_site(linked)
            if files.get_file_from_path(name) is None:
                files.append(File.generated(config, name, abs_src_path=str(ROOT / linked)))


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Write the links of a page anew."""

    def rewritten(found: re.Match[str]) -> str:
        if found["code"]:
            return found[0]
        return f"]({site_link(found['target'], page.file.src_uri)})"

    return _LINK.sub(rewritten, markdown)


def on_page_content(html: str, page: Any, **_: Any) -> str:
    """Give rules an address; in the API, lead to what docstrings name."""
    if page.file.src_uri == "fidelity.md":
        return _RULE_ROW.sub(r'<td id="\1">\1</td>', html)
    return with_docstrings_linked(html, page.file.src_uri) if "api/" in page.file.src_uri else html


def on_post_build(config: Any) -> None:
    """Refuse a site that fetches something from elsewhere."""
    from mkdocs.exceptions import Abort

    for path in sorted(Path(config["site_dir"]).rglob("*.html")):
        if found := fetched_from_elsewhere(path.read_text("utf-8")):
            raise Abort(f"{path} fetches {', '.join(found)}: keep a copy in the repository")


def _without(pages: list[str], nav: Any) -> Any:
    """Leave pages out of a part of the navigation."""
    if isinstance(nav, dict):
        return {title: _without(pages, part) for title, part in nav.items()}
    if isinstance(nav, list):
        return [_without(pages, part) for part in nav if part not in pages]
    return nav
