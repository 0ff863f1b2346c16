"""A student's text, code and outputs as HTML, within a time and a size that no notebook can exceed.

What reads Markdown and HTML, and what colours code, takes the square of the length for some texts, and hours for a
notebook of them. So what may be one of these is shown as it was typed. So is what comes after a page has had its
share. ``nbgrader_config.py`` puts ``page_markdown`` and the others of that name among the filters of both pages, the
feedback and Formgrader's. markup.py says what stays of a text, and room.py how much of it one page holds.
"""

import html
import re
from collections.abc import Iterable, Mapping

from jinja2 import pass_context
from jinja2.runtime import Context
from mistune import HTMLRenderer
from nbconvert.filters import ansi2html
from nbconvert.filters.highlight import Highlight2HTML
from nbformat import NotebookNode

from seqmodels.grading import markup
from seqmodels.grading.attached import Attached
from seqmodels.grading.room import Room, shortened

# No honest cell comes near these.
_LONGEST_MARKDOWN = 10_000  # letters; what is longer is shown as it was typed
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

# What a text can make the parsers raise: they go down into what is nested, and take what they find for well-formed.
UNREADABLE = (AttributeError, LookupError, RecursionError, TypeError, ValueError)


def safe_markdown(
    source: str, attachments: Mapping | None = None, room: Room | None = None, with_links: bool = False
) -> str:
    """Markdown as HTML, with any other HTML in it shown as text.

    Args:
      source: the text of a cell.
      attachments: its pictures, as nbformat keeps them.
      room: what the page may still hold.
      with_links: whether links to other sites can be followed; for what a teacher has written.
    """
    room = room or Room()
    attached = Attached(attachments or {}, room)
    source = attached.take_pasted(source)
    if not _is_heavy_markdown(source) and room.takes("markdown", len(source)):
        try:
            page = markup.from_markdown(source, _block_code, with_links)
            if len(page) <= _MOST_GROWTH * len(source):
                return markup.cleaned(page, attached.address, with_links)
        except UNREADABLE:
            pass
    return _typed(source, room) + attached.all_in(source)


def safe_output(page: str, room: Room | None = None) -> str:
    """The HTML of a cell's output without anything that runs, fetches, or is taken for a part of the page around it."""
    attached = Attached({}, room or Room())
    return markup.cleaned(attached.take_pasted(page), attached.address)


def safe_code(source: str, language: str = "ipython3") -> str:
    """Python in colours as HTML; without the colours if these might take long."""
    source = shortened(source)
    if _is_heavy_code(source):
        return as_typed(source)
    return markup.visible(Highlight2HTML(pygments_lexer=language)(source))


def as_typed(source: str) -> str:
    """A text as HTML that shows it letter by letter."""
    return f"<pre>{markup.visible(html.escape(shortened(source)))}</pre>"


def unchanged(page: str) -> str:
    """A Jinja filter in the place of nbconvert's strip_files_prefix, which takes the cube of a line's length."""
    return page


def safe_ansi(text: str) -> str:
    """A Jinja filter: what was printed as HTML, with its colours, and with every letter in its place."""
    return markup.visible(ansi2html(text))


@pass_context
def page_markdown(context: Context, source: str) -> str:
    """A Jinja filter: safe_markdown of a student's cell, as long as the page has room for it."""
    return _page_markdown(context, source, with_links=False)


@pass_context
def course_markdown(context: Context, source: str) -> str:
    """A Jinja filter: page_markdown of what a teacher has written, with its links."""
    return _page_markdown(context, source, with_links=True)


@pass_context
def page_output(context: Context, page: str) -> str:
    """A Jinja filter: safe_output, with pictures as long as the page has room for them."""
    return safe_output(page, _room(context))


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
    return _typed(source, _room(context))


@pass_context
def page_outputs(context: Context, outputs: Iterable[NotebookNode], of_test: bool) -> list[NotebookNode]:
    """A Jinja filter: of a cell's outputs those for which the page has room. Tests have a room of their own."""
    return _room(context, "room of tests" if of_test else "room").outputs(outputs)


def _page_markdown(context: Context, source: str, with_links: bool) -> str:
    cell = context.get("cell") or {}
    return safe_markdown(source, cell.get("attachments"), _room(context), with_links)


def _room(context: Context, name: str = "room") -> Room:
    """A room of the page that is being made: what is known about a page lasts as long as making it."""
    return context["resources"].setdefault(name, Room())


def _typed(source: str, room: Room) -> str:
    source = shortened(source)
    has_room = room.takes("typed", len(source) + 100)
    return as_typed(source) if has_room else f"<pre>[{len(source):,} letters are not shown]</pre>"


def _block_code(code: str, info: str | None) -> str | None:
    """Code in a text without its colours, where these might take long."""
    language = (info or "").split(maxsplit=1)[:1]
    if language and (language[0] not in _LANGUAGES or _is_heavy_code(code)):
        return HTMLRenderer().block_code(code, info)
    return None


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
