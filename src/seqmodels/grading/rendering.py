"""A student's text, code and outputs as HTML, within a time and a size that no notebook can exceed.

What reads Markdown and HTML, and what colours code, takes the square of the length for some texts, and hours for a
notebook of them. So what may be one of these is shown as it was typed. So is what comes after a page has had its
share. ``nbgrader_config.py`` puts ``page_markdown``, ``page_code``, ``page_text`` and ``page_outputs`` among the filters
of both pages, the feedback and Formgrader's.
"""

import html
import re
from collections.abc import Iterable, Iterator

import bleach
from bleach.html5lib_shim import Filter
from bleach.sanitizer import Cleaner
from jinja2 import pass_context
from jinja2.runtime import Context
from mistune import HTMLRenderer
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from nbformat.v4 import new_output
from pygments.token import STANDARD_TYPES

PICTURES = ("image/png", "image/jpeg")

# No honest cell comes near these.
_LONGEST_MARKDOWN = 10_000  # letters; what is longer is shown as it was typed
_LONGEST_HTML = 30_000  # of an output; as a table of pandas
_LONGEST_SHOWN = 50_000
_A_LINE = 100  # no more than what says that something is left out, so that what has been cut is not cut again
_LONGEST_LINE = 10_000  # letters of a line of code
_MOST_LINES = 3_000  # of code
_MOST_TAGS = 50  # in a text: each that stays open is opened again in every paragraph after it
_MOST_OPENED = 5_000  # tags times lines: how often that can happen
_MOST_GROWTH = 40  # letters of HTML for one of Markdown: a link that is defined once may be used a thousand times
# Where a lexer tries each of its rules at each letter, and one of them reads on to the end of the run.
_LONG_RUN = re.compile(r"\s{200}|[\w.*]{1000}|[?%!]{200}")
# The rules for these languages are anybody's guess.
_OTHER_LANGUAGE = re.compile(r"%%(!|html|javascript|js|latex|perl|ruby)", re.IGNORECASE)
_LANGUAGES = ("python", "py", "python3", "py3", "ipython", "ipython3", "pycon", "bash", "sh", "console", "json", "text")

_TAG = re.compile(r"<[a-zA-Z/]")
_FORMATTING = re.compile(r"<(a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)\b", re.IGNORECASE)
_LONG_TAG = re.compile(r"<[a-zA-Z][^>]{500}")

# Of an output no more than these is shown.
_RICH = ("text/html", "text/markdown", "text/latex")
_SHOWN = ("text/plain", *_RICH, "image/svg+xml", *PICTURES)

# Letters on one page, of each kind. An assignment with long answers has less than half of these.
_ROOM = {"markdown": 100_000, "code": 200_000, "typed": 1_000_000, "output": 500_000, "html": 100_000}
_PICTURES_ROOM = 50_000_000
_NOT_SHOWN = "[further output is not shown]"

# What a text can make the parsers raise: they go down into what is nested, and take what they find for well-formed.
UNREADABLE = (AttributeError, LookupError, RecursionError, TypeError, ValueError)

# What Markdown needs; no script, no style, no form, no frame.
_TAGS = {
    *bleach.ALLOWED_TAGS,
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "span", "div", "sub", "sup", "del", "img"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_PROTOCOLS = ("http", "https", "mailto", "data")
# Formgrader's page finds its own fields by names and classes, so that a student's text has neither, but for the colours
# of code.
_CLASSES = {*STANDARD_TYPES.values(), "highlight", "dataframe"}


class Room:
    """What one page may still hold, in letters of each kind."""

    def __init__(self):
        self._left = {**_ROOM, "picture": _PICTURES_ROOM}

    def takes(self, kind: str, letters: int) -> bool:
        """Whether so many letters still have room. If so, they have taken it."""
        if letters > self._left[kind]:
            return False
        self._left[kind] -= letters
        return True

    def outputs(self, outputs: Iterable[NotebookNode]) -> list[NotebookNode]:
        """The outputs of a cell, with their texts cut; a word in place of those for which there is no room."""
        shown = []
        for output in outputs:
            _keep_what_is_shown(output)
            _shorten(output)
            # Each is a frame on the page, even if it is empty.
            if not (
                self.takes("output", _text_letters(output) + 100) and self.takes("picture", _picture_letters(output))
            ):
                return [*shown, new_output("stream", text=_NOT_SHOWN)]
            self._leave_out_html(output)
            shown.append(output)
        return shown

    def _leave_out_html(self, output: NotebookNode) -> None:
        for kind in _RICH:
            written = output.get("data", {}).get(kind)
            if written is not None and (_is_heavy_html(written) or not self.takes("html", len(written))):
                del output.data[kind]
                output.data.setdefault("text/plain", _NOT_SHOWN)


def safe_markdown(source: str) -> str:
    """Markdown as HTML, with any other HTML in it shown as text."""
    if _is_heavy_markdown(source):
        return as_typed(source)
    try:
        page = MarkdownWithMath(renderer=_Renderer(escape=False, exclude_anchor_links=True)).render(source)
        return as_typed(source) if len(page) > _MOST_GROWTH * len(source) else safe_html(page)
    except UNREADABLE:
        return as_typed(source)


def safe_html(page: str) -> str:
    """HTML without anything that runs, fetches, or is taken for a part of the page around it."""
    return bleach.clean(page, tags=_TAGS, attributes=_is_allowed, protocols=_PROTOCOLS)


def safe_output(page: str) -> str:
    """safe_html of a cell's output, without the styles that pandas writes before a table; a Jinja filter, too."""
    return Cleaner(
        tags=_TAGS | {"style"}, attributes=_is_allowed, protocols=_PROTOCOLS, filters=[_WithoutStyles]
    ).clean(page)


def safe_code(source: str, language: str = "ipython3") -> str:
    """Python in colours as HTML; without the colours if these might take long."""
    source = shortened(source)
    return as_typed(source) if _is_heavy_code(source) else Highlight2HTML(pygments_lexer=language)(source)


def as_typed(source: str) -> str:
    """A text as HTML that shows it letter by letter."""
    return f"<pre>{html.escape(shortened(source))}</pre>"


def shortened(text: str) -> str:
    """What is shown of a text on a page; its beginning, if it is longer than anybody would read."""
    left_out = len(text) - _LONGEST_SHOWN
    return text if left_out <= _A_LINE else f"{text[:_LONGEST_SHOWN]}\n[{left_out:,} more letters are not shown]"


def unchanged(page: str) -> str:
    """A Jinja filter in the place of nbconvert's strip_files_prefix, which takes the cube of a line's length."""
    return page


@pass_context
def page_markdown(context: Context, source: str) -> str:
    """A Jinja filter: safe_markdown, as long as the page has room for it."""
    return safe_markdown(source) if _room(context).takes("markdown", len(source)) else page_text(context, source)


@pass_context
def page_code(context: Context, source: str, metadata: NotebookNode | None = None) -> str:
    """A Jinja filter: safe_code, as long as the page has room for it. Other languages that metadata names do not count."""
    source = shortened(source)
    if not _room(context).takes("code", len(source)):
        return page_text(context, source)
    known = context["nb"].metadata.get("language_info", {})
    return safe_code(source, "python" if known.get("pygments_lexer", known.get("name")) == "python" else "ipython3")


@pass_context
def page_text(context: Context, source: str) -> str:
    """A Jinja filter: as_typed, as long as the page has room for it, and then only how long the text is."""
    source = shortened(source)
    has_room = _room(context).takes("typed", len(source) + 100)
    return as_typed(source) if has_room else f"<pre>[{len(source):,} letters are not shown]</pre>"


@pass_context
def page_outputs(context: Context, outputs: Iterable[NotebookNode], of_test: bool) -> list[NotebookNode]:
    """A Jinja filter: of a cell's outputs those for which the page has room. Tests have a room of their own."""
    return _room(context, "room of tests" if of_test else "room").outputs(outputs)


class _WithoutStyles(Filter):
    """Leaves style elements out, with what is in them."""

    def __iter__(self) -> Iterator[dict]:
        inside = False
        for token in super().__iter__():
            if token.get("name") == "style":
                inside = token["type"] == "StartTag"
            elif not inside:
                yield token


class _Renderer(IPythonRenderer):
    """nbconvert's own, without what can fail or take long."""

    def block_code(self, code: str, info: str | None = None) -> str:
        language = (info or "").split(maxsplit=1)[:1]
        if language and (language[0] not in _LANGUAGES or _is_heavy_code(code)):
            return HTMLRenderer.block_code(self, code, info)
        return super().block_code(code, info)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        # Pictures that were pasted into a cell stay behind in the student's notebook; nbconvert gives up on the page.
        return HTMLRenderer.image(self, text, url, title)


def _room(context: Context, name: str = "room") -> Room:
    """A room of the page that is being made: what is known about a page lasts as long as making it."""
    return context["resources"].setdefault(name, Room())


def _is_heavy_markdown(source: str) -> bool:
    tags = len(_TAG.findall(source))
    return len(source) > _LONGEST_MARKDOWN or tags > _MOST_TAGS or tags * source.count("\n") > _MOST_OPENED


def _is_heavy_code(source: str) -> bool:
    lines = source.splitlines()
    return bool(
        len(lines) > _MOST_LINES
        or max(map(len, lines), default=0) > _LONGEST_LINE
        or _LONG_RUN.search(source)
        or _OTHER_LANGUAGE.search(source)
    )


def _is_heavy_html(written: str) -> bool:
    return bool(
        len(written) > _LONGEST_HTML or len(_FORMATTING.findall(written)) > _MOST_TAGS or _LONG_TAG.search(written)
    )


def _is_allowed(tag: str, name: str, value: str) -> bool:
    if tag == "img" and name == "src":
        return value.startswith(tuple(f"data:{kind};base64," for kind in PICTURES))
    if tag == "a" and name == "href":
        return not value.lower().startswith("data:")
    if name == "class":
        return _CLASSES.issuperset(value.split())
    return name in ("alt", "title", "colspan", "rowspan")


def _keep_what_is_shown(output: NotebookNode) -> None:
    if output.output_type in ("display_data", "execute_result"):
        # The page writes some of it into its own markup.
        output.metadata = NotebookNode()
        output.data = NotebookNode({kind: output.data[kind] for kind in _SHOWN if kind in output.data})


def _shorten(output: NotebookNode) -> None:
    if output.output_type == "stream":
        output.text = shortened(output.text)
    elif output.output_type == "error":
        output.evalue = shortened(output.evalue)
        output.traceback = [shortened("\n".join(output.traceback))]
    elif "text/plain" in output.data:
        output.data["text/plain"] = shortened(output.data["text/plain"])


def _text_letters(output: NotebookNode) -> int:
    data = output.get("data", {})
    return sum(
        len(text)
        for text in (
            output.get("text", ""),
            *output.get("traceback", ()),
            output.get("evalue", ""),
            data.get("text/plain", ""),
        )
    )


def _picture_letters(output: NotebookNode) -> int:
    return sum(len(value) for kind, value in output.get("data", {}).items() if kind.startswith("image/"))
