"""No link inside the book leads nowhere: neither to a missing file nor to a missing place in a page."""

import html.parser
import posixpath
from urllib.parse import unquote, urlsplit


class Page(html.parser.HTMLParser):
    """The links of a page, and the ids that a link may name."""

    def __init__(self, text):
        super().__init__()
        self.links, self.ids = set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("id", "name") and value:
                self.ids.add(value)
            elif name in ("href", "src") and value:
                self.links.add(value)


def test_no_internal_link_is_broken(html):
    pages = {
        path.relative_to(html).as_posix(): Page(path.read_text(encoding="utf-8"))
        for path in html.rglob("*.html")
        if "_static" not in path.relative_to(html).parts
    }
    assert len(pages) > 5
    broken = []
    for name, page in sorted(pages.items()):
        for link in sorted(page.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            # The page for lost readers is shown at any address, so its links begin at the top of the book.
            if name == "404.html":
                assert link.startswith(("/", "#")), f"{name}: {link}"
                parts = parts._replace(path=parts.path.lstrip("/"))
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path)))
            target = path if parts.path else name
            if not (html / target).exists():
                broken.append(f"{name}: {link}")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids:
                broken.append(f"{name}: {link} (no such place)")
    assert broken == []


def test_no_page_loads_anything_from_elsewhere(html):
    """The browser tests see what a page asks for when it opens; this sees what it could ask for later."""
    for path in html.rglob("*.html"):
        if "_static" in path.relative_to(html).parts:
            continue
        for cdn in ("unpkg.com", "jsdelivr", "cdnjs", "googleapis", "mybinder", "THEBE"):
            assert cdn not in path.read_text(encoding="utf-8"), path
