"""What tools/pages.py does to a page, and the sentences that it looks for."""

import struct
import zlib
from pathlib import Path

import pages
import pytest
from docutils.core import publish_doctree

ROOT = Path(__file__).resolve().parents[1]


def png(width, height, dots=None):
    """The beginning of a picture, with its dots for a metre."""
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))]
    chunks += [(b"pHYs", struct.pack(">IIB", dots, dots, 1))] if dots else []
    written = [struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


SIZES = {
    "without dots": ("a.png", png(640, 316), (640, 316)),
    "90 dots an inch": ("a.png", png(640, 316, 3543), (640, 316)),
    "180 dots an inch, for sharp screens": ("a.png", png(1280, 632, 7087), (640, 316)),
    "points": ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" width="300pt" height="150pt"/>', (400, 200)),
    "pixels": ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="150px"/>', (300, 150)),
    "no size": ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>', None),
    "another kind": ("a.jpg", b"", None),
}


@pytest.mark.parametrize("case", SIZES)
def test_size_of_a_picture(tmp_path, case):
    name, content, size = SIZES[case]
    (tmp_path / name).write_bytes(content)
    assert pages.size_of(tmp_path / name) == size


def test_pictures_that_are_left_alone(tmp_path):
    for tag in (
        '<img src="a.svg" class="logo__image"/>',
        '<img src="data:image/png;base64,AA"/>',
        '<img loading="lazy" src="a"/>',
    ):
        assert pages.finished(tag, tmp_path, {}) == tag
    assert pages.finished('<img alt="x" src="gone.png" />', tmp_path, {}) == (
        '<img alt="x" src="gone.png" loading="lazy" decoding="async" />'
    )


def test_size_of_a_sharp_figure_gives_way_to_a_narrow_page(tmp_path):
    tag = '<img alt="x" src="gone.png" style="width: 573px; height: 307px;" />'
    assert pages.finished(tag, tmp_path, {}) == (
        '<img alt="x" src="gone.png" width="573" height="307" loading="lazy" decoding="async" />'
    )


def test_what_the_theme_loads_in_vain_is_left_out(tmp_path):
    head = (
        '<meta name="viewport" content="a" /><meta name="viewport" content="b" />'
        '<link rel="preload" as="font" href="../vendor/fontawesome/6/webfonts/fa-solid-900.woff2" />'
        '<link rel="preload" as="font" href="../vendor/fontawesome/6/webfonts/fa-brands-400.woff2" />'
        '<script src="../vendor/fontawesome/6/js/all.min.js?digest=1"></script><script src="doctools.js"></script>'
    )
    assert pages.finished(head, tmp_path, {}) == (
        '<meta name="viewport" content="a" />'
        '<link rel="preload" as="font" href="../vendor/fontawesome/6/webfonts/fa-solid-900.woff2" />'
        '<script src="doctools.js"></script>'
    )


def test_corner_of_a_table_is_no_heading(tmp_path):
    row = '<tr><th class="head"><p></p></th><th class="head"><p>a</p></th></tr>'
    assert pages.finished(row, tmp_path, {}) == '<tr><td class="head"></td><th class="head"><p>a</p></th></tr>'


@pytest.mark.parametrize("text", [pages.REPOSITORY_TEXT, pages.REPORT_TEXT], ids=lambda text: text[0])
def test_sentence_that_gets_an_address_is_there(text):
    page, plain, _ = text
    assert (ROOT / f"{page}.md").read_text(encoding="utf-8").count(plain) == 1


DESCRIPTIONS = {
    "One sentence that is long enough to stand alone.": "One sentence that is long enough to stand alone.",
    "Too short.\n\nThe second paragraph says more than that.": "The second paragraph says more than that.",
    "A list follows, and this leads to it and no further:\n\n- one": "",
    "The letter :math:`x` stands for what goes into the network.": "",
    f"A beginning that is long enough to stand alone. {'More of it. ' * 40}": None,
}


@pytest.mark.parametrize("source", DESCRIPTIONS, ids=lambda source: source[:20])
def test_description(source):
    found = pages.description(
        publish_doctree(f"Page\n====\n\nPart\n----\n\n{source}", settings_overrides={"doctitle_xform": False})
    )
    expected = DESCRIPTIONS[source]
    if expected is None:
        assert source.startswith(found)
        assert pages.LENGTHS[0] < len(found) <= pages.LENGTHS[1] + 1
        assert found.endswith(".")
    else:
        assert found == expected
