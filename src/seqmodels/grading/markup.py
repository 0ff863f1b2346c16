"""A student's Markdown and HTML, made into HTML that runs nothing, fetches nothing and leads nowhere.

Links are shown as text with their address: a link in an answer may lead back to the server on which a teacher marks,
and what it opens there has the teacher's rights. Pictures are those of the notebook, drawn anew; pictures.py says how.
"""

import html
import re
from collections.abc import Callable

import nh3
from mistune import HTMLRenderer
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments.token import STANDARD_TYPES

from seqmodels.grading.pictures import Refused

# What Markdown needs; no script, no style, no form, no frame.
_TAGS = {
    *("abbr", "acronym", "b", "blockquote", "code", "dd", "del", "div", "dl", "dt", "em", "i", "li", "ol", "strong"),
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "span", "sub", "sup", "ul", "img"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {
    "*": {"class", "title"},
    "img": {"src", "alt"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
# Formgrader's page finds its own fields by names and classes, so that a student's text has neither, but for the colours
# of code.
_CLASSES = {*STANDARD_TYPES.values(), "highlight", "dataframe"}
_OF_PICTURES = {"http", "https", "attachment"}  # only the last are shown
_OF_LINKS = ("http://", "https://")

# Where another tag begins than those above: "x <y> z" and "List<int>" are words of an answer.
_OTHER_TAG = re.compile(rf"<(?!/?(?:{'|'.join(sorted(_TAGS))})[\s/>]|!--)", re.IGNORECASE)
# As nh3 writes it.
_IMAGE = re.compile(r'<img((?: [a-z]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')

# Letters that turn the direction of others round, so that a line of code reads otherwise than it runs.
_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

# Gives a picture's address in the page for the one that it has in the notebook, or raises Refused.
Shown = Callable[[str], str]


def visible(text: str) -> str:
    """A text, or a page, with every letter that turns the direction of others shown by its number."""
    return _TURNS.sub(lambda letter: f"[U+{ord(letter[0]):04X}]", text)


def no_pictures(address: str) -> str:
    """A Shown for what has no pictures of its own."""
    raise Refused("it is not in the notebook")


def from_markdown(source: str, block_code: Callable[[str, str | None], str | None], with_links: bool) -> str:
    """What a Markdown parser makes of a text; to be cleaned.

    Args:
      source: the text.
      block_code: gives the HTML of code and its language, or None where the parser's own will do.
      with_links: whether links to other sites can be followed.
    """
    renderer = _Renderer(block_code, with_links)
    return MarkdownWithMath(renderer=renderer).render(source)


def cleaned(page: str, shown: Shown = no_pictures, with_links: bool = False) -> str:
    """HTML without anything that runs, fetches, leads elsewhere, or is taken for a part of the page around it.

    Args:
      page: the HTML of a student's.
      shown: what pictures become.
      with_links: whether links to other sites can be followed; for what a teacher has written.
    """
    page = nh3.clean(
        page.encode("utf-8", "replace").decode("utf-8"),
        tags=_TAGS | {"a"} if with_links else _TAGS,
        attributes=_ATTRIBUTES | {"a": {"href"}},
        attribute_filter=_kept,
        url_schemes=_OF_PICTURES,
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return visible(_IMAGE.sub(lambda found: _image(dict(_ATTRIBUTE.findall(found[1])), shown), page))


def picture_in_page(address: str, name: str, shown: Shown) -> str:
    """The HTML of a picture, or of why it is not shown.

    Args:
      address: what the notebook calls it, such as ``"attachment:plot.png"``.
      name: what it shows, in words.
      shown: what pictures become.
    """
    try:
        return f'<img alt="{html.escape(name)}" src="{shown(address)}">'
    except Refused as refused:
        called = f'"{name}" ' if name else ""
        return f"<em>[the picture {html.escape(f'{called}({address}) is not shown: {refused}')}]</em>"


class _Renderer(IPythonRenderer):
    """nbconvert's own, without what can fail, take long, or lead elsewhere."""

    def __init__(self, block_code: Callable[[str, str | None], str | None], with_links: bool):
        super().__init__(escape=False, exclude_anchor_links=True)
        self._block_code = block_code
        self._with_links = with_links

    def block_code(self, code: str, info: str | None = None) -> str:
        return self._block_code(code, info) or super().block_code(code, info)

    def inline_html(self, written: str) -> str:
        return written if self._with_links else _OTHER_TAG.sub("&lt;", written)

    block_html = inline_html

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return HTMLRenderer.image(self, text, url, title)

    def link(self, text: str, url: str, title: str | None = None) -> str:
        address = html.escape(url)
        if self._with_links and url.startswith(_OF_LINKS):
            return f'<a href="{address}">{text}</a>'
        return text if text == address else f"{text} (<code>{address}</code>)"

    def task_list_item(self, text: str, checked: bool = False) -> str:
        return f"<li>{'☑' if checked else '☐'} {text}</li>\n"


def _kept(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        return value if _CLASSES.issuperset(value.split()) else None
    if tag == "a" and name == "href":
        return value if value.startswith(_OF_LINKS) else None
    return value


def _image(attributes: dict[str, str], shown: Shown) -> str:
    address, name = (html.unescape(attributes.get(attribute, "")) for attribute in ("src", "alt"))
    return picture_in_page(address, name, shown)
