"""What the pages of the book get beside Sphinx and its theme: an extension, named in _config.yml.

- A page says what it is about where search engines and messengers look for it.
- Readers can answer, where whoever publishes a copy has said how: ``repository: url:`` or ``report_address``.
- The search page gets _static/search.js and the words under which an entry of the glossary is found.
- Remarks to the linter are no business of a reader: they are not shown.
- What keeps a page from being shown quickly goes: a script that draws icons which are a font already; pictures that
  nobody has scrolled to yet. Pictures get their size, so that the text does not jump when they come.
- The list of works has the roles of a list, and the empty corner of a table is no heading.
"""

import html
import json
import os
import re
import struct
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

from docutils import nodes
from sphinx.util import logging

logger = logging.getLogger(__name__)

# Text that gets an address where one is known; without, it is true as it stands.
REPOSITORY_TEXT = ("setup", "`git clone` and its address", "`git clone {}`")
REPORT_TEXT = ("intro", "a report of it is welcome", "[a report of it]({}) is welcome")

REMARK = re.compile(r"[ \t]*# noqa\b.*$", re.MULTILINE)
ICON_SCRIPT = re.compile(r'\s*<script src="[^"]*/fontawesome/[^"]*/js/all\.min\.js[^"]*"></script>')
ICON_FONTS = re.compile(r'\s*<link rel="preload"[^>]*/fa-(?:brands|regular)-[^>]*>')
VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>')
CORNER = re.compile(r'<th class="([^"]*)"><p></p></th>')
# How Sphinx says the size of a figure that was drawn for sharp screens; as attributes it gives way to a narrow page.
STYLE = re.compile(r' style="width: (\d+)px; height: (\d+)px;"')
PICTURE = re.compile(r'<img (?P<rest>[^>]*?src="(?P<source>[^":]+)"[^>]*?)\s*/?>')
LENGTHS = 40, 220  # of a description
INCH = 39.37  # in a metre
DOTS_PER_INCH = 90  # of a figure, as src/seqmodels/plotting.py sets them


def setup(app):
    app.add_config_value("report_address", "", "html")
    app.connect("config-inited", take_addresses)
    app.connect("source-read", name_addresses)
    app.connect("doctree-read", hide_remarks)
    app.connect("html-page-context", add_to_page)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def take_addresses(app, config):
    """Work out where readers may write, and where the copy is published, from what its publisher has said."""
    if (repository := repository_of(config)) and not config.report_address:
        config.report_address = f"{repository}/issues"
    config.html_baseurl = config.html_baseurl or os.environ.get("BOOK_ADDRESS", "")
    # A page for addresses that lead nowhere is shown at any depth, so its own links begin at the top.
    config.notfound_urls_prefix = urlsplit(config.html_baseurl).path.rstrip("/") + "/"


def repository_of(config):
    return (config.html_theme_options.get("repository_url") or "").rstrip("/")


def name_addresses(app, name, source):
    config = app.config
    for (page, plain, linked), address in (
        (REPOSITORY_TEXT, repository_of(config)),
        (REPORT_TEXT, config.report_address),
    ):
        if address and name == page and plain in source[0]:
            source[0] = source[0].replace(plain, linked.format(address))


def hide_remarks(app, doctree):
    for block in doctree.findall(nodes.literal_block):
        shown = REMARK.sub("", block.astext())
        if shown != block.astext():
            block[:] = [nodes.Text(shown)]
            block.rawsource = shown


def add_to_page(app, name, template, context, doctree):
    context["metatags"] = context.get("metatags", "") + meta_tags(app, name, context, doctree)
    if address := app.config.report_address:
        link = f'<a href="{html.escape(address)}">Say what is wrong, or hard to understand, on this page.</a>'
        context["theme_extra_footer"] = f"<p>{link}</p>\n{context.get('theme_extra_footer') or ''}"
    if name == "search":
        forms = json.dumps(glossary_forms(app.env), ensure_ascii=False).replace("</", "<\\/")
        app.add_js_file(None, body=f"const GLOSSARY = {forms};")
    else:
        context["script_files"] = [
            file for file in context["script_files"] if Path(file.filename or "").name != "search.js"
        ]


def meta_tags(app, name, context, doctree):
    """What a page is, for programs that show a link to it."""
    tags = {
        "og:title": re.sub(r"<[^>]*>", "", context.get("title") or app.config.html_title),
        "og:site_name": app.config.html_title,
        "og:type": "website" if name == app.config.root_doc else "article",
    }
    lines = []
    if doctree is not None and (text := description(doctree)):
        lines.append(f'<meta name="description" content="{html.escape(text)}" />')
        tags["og:description"] = text
    if base := app.config.html_baseurl:
        base = base.rstrip("/")
        tags["og:url"] = f"{base}/{app.builder.get_target_uri(name)}"
        tags["og:image"] = f"{base}/_static/screenshot.png"
    lines += [f'<meta property="{key}" content="{html.escape(html.unescape(text))}" />' for key, text in tags.items()]
    return "\n" + "\n".join(lines)


def description(doctree):
    """What a page says first, as many sentences as a search engine shows; a lead-in to a list says nothing."""
    for paragraph in doctree.findall(nodes.paragraph):
        if not isinstance(paragraph.parent, nodes.section) or next(paragraph.findall(nodes.math), None):
            continue
        text = " ".join(paragraph.astext().split())
        sentences = re.match(rf".{{{LENGTHS[0]},{LENGTHS[1]}}}[.?!](?= |$)", text)
        if sentences:
            return sentences[0]
    return ""


def glossary_forms(env):
    """The words for each entry of the glossary, as [its name, its place, its names and those that its text gives]."""
    entries = []
    if "glossary" not in env.all_docs:
        return entries
    for item in env.get_doctree("glossary").findall(nodes.definition_list_item):
        term = next(item.findall(nodes.term))
        text = " ".join(item.astext().split())
        forms = [term.astext(), *re.findall(r"Short: (\w+)\.", text)]
        forms += [
            node.astext() for node in item.findall(nodes.emphasis) if not isinstance(node.parent, nodes.reference)
        ]
        entries.append([term.astext(), term["ids"][0], forms])
    return entries


def finish(app, failed):
    if failed or app.builder.format != "html":
        return
    output = Path(app.outdir)
    sizes = {}
    found = False
    pages = [path for path in output.rglob("*.html") if "_static" not in path.relative_to(output).parts]
    for path in pages:
        text = path.read_text(encoding="utf-8")
        found = found or bool(ICON_SCRIPT.search(text))
        path.write_text(finished(text, path.parent, sizes), encoding="utf-8")
    if not found:
        logger.warning("The theme no longer loads its icons by a script; take that out of tools/pages.py.")
    for path in output.glob("_static/vendor/fontawesome/*/js"):
        for file in path.iterdir():
            file.unlink()
        path.rmdir()


def finished(text, folder, sizes):
    """The text of a page as it is published."""
    text = ICON_FONTS.sub("", ICON_SCRIPT.sub("", text))
    first, rest = VIEWPORT.search(text), VIEWPORT.split(text)
    if first and len(rest) > 2:
        text = rest[0] + first[0] + "".join(rest[1:])
    text = text.replace(' role="doc-biblioentry"', ' role="listitem"')
    text = CORNER.sub(r'<td class="\1"></td>', text)
    return PICTURE.sub(lambda match: picture(match, folder, sizes), text)


def picture(match, folder, sizes):
    rest = STYLE.sub(r' width="\1" height="\2"', match["rest"])
    if "logo__image" in rest or "loading=" in rest:
        return match[0]
    file = (folder / match["source"].partition("?")[0]).resolve()
    if file not in sizes:
        sizes[file] = size_of(file)
    width_and_height = "" if "width" in rest or sizes[file] is None else ' width="{}" height="{}"'.format(*sizes[file])
    return f'<img {rest}{width_and_height} loading="lazy" decoding="async" />'


def size_of(file):
    """How wide and high a picture is shown, in pixels of CSS; None if its file doesn't say."""
    if not file.is_file():
        return None
    if file.suffix == ".svg":
        root = ElementTree.parse(file).getroot()
        lengths = [re.fullmatch(r"([\d.]+)(px|pt)?", root.get(name, "")) for name in ("width", "height")]
        if not all(lengths):
            return None
        return tuple(round(float(length[1]) * (4 / 3 if length[2] == "pt" else 1)) for length in lengths)
    content = file.read_bytes()
    if file.suffix != ".png" or content[:8] != b"\x89PNG\r\n\x1a\n":
        return None
    width, height = struct.unpack(">II", content[16:24])
    # A figure drawn for sharp screens has twice as many dots for an inch.
    place = content.find(b"pHYs", 0, 4096)
    dots = struct.unpack(">I", content[place + 4 : place + 8])[0] / INCH if place > 0 else 0
    times = 2 if round(dots / DOTS_PER_INCH) == 2 else 1
    return width // times, height // times
