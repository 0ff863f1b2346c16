"""What a reader sees on every page of the book, with the network off."""

import re
from pathlib import Path

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from book import toc_files
from browser import reader

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(toc_files(yaml.safe_load((ROOT / "_toc.yml").read_text())))
PAGES = [f"{name.removesuffix('.ipynb').removesuffix('.md')}.html" for name in NAMES]
NOTEBOOKS = [name for name in NAMES if (ROOT / f"{name}.ipynb").exists()]

# Text whose colour is too near that of what it stands on, with the ratio of the two by the
# rules of WCAG 2: at least 4.5, or 3 for large text.
FAINT_TEXT = """() => {
  const channel = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parse = colour => colour.match(/[\\d.]+/g).map(Number);
  const over = ([r, g, b, a = 1], under) => [r, g, b].map((v, i) => a * v + (1 - a) * under[i]);
  const background = element => {
    if (!element) return [255, 255, 255];
    const colour = parse(getComputedStyle(element).backgroundColor);
    return colour[3] === 0 ? background(element.parentElement) : over(colour, background(element.parentElement));
  };
  const faint = [];
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const style = getComputedStyle(element);
    const text = walker.currentNode.textContent.trim();
    const box = element.getBoundingClientRect();
    if (!text || !element.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
    if (box.width < 2 || element.closest("script, style, .headerlink, .quiz-unseen")) continue;
    const under = background(element);
    const [dark, bright] = [light(over(parse(style.color), under)), light(under)].sort((a, b) => a - b);
    const ratio = (bright + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) faint.push(`${text.slice(0, 40)} (${ratio.toFixed(2)}, ${element.className})`);
  }
  return faint;
}"""

# Words of the page, outside code, that still look like TeX.
RAW_TEX = """() => {
  const copy = document.querySelector("article").cloneNode(true);
  copy.querySelectorAll("pre, code, script, style, mjx-container").forEach(e => e.remove());
  return copy.textContent.match(/\\\\\\(|\\\\\\[|\\$\\$|\\\\(frac|sigma|odot|begin|tanh|mathbf)/g) || [];
}"""

# What is wider than the paper, or cut off by what it stands in.
CUT_OFF = """() => {
  const paper = document.documentElement.clientWidth;
  const shown = [...document.querySelectorAll("article pre, article img, article table, article .cell_output")]
    .concat([...document.querySelectorAll("article mjx-container[display='true'] > mjx-math")])
    .filter(e => e.getClientRects().length);
  const cut = shown.filter(e =>
    e.getBoundingClientRect().right > paper + 1 || e.tagName !== "MJX-MATH" && e.scrollWidth > e.clientWidth + 1);
  return cut.map(e => `${e.tagName} ${e.className}: ${e.textContent.trim().slice(0, 60)}`);
}"""
A4 = 680  # pixels between margins of 15 mm

# What axe finds and nobody is kept out by: names in formulas, which it does not read; the theme's own arrangement.
NOT_OURS = {"label", "region", "label-content-name-mismatch"}


@pytest.fixture(scope="module", params=PAGES)
def page(browser, site, request):
    """One page of the book, opened once for the tests that look at it."""
    with reader(browser, site) as open_page:
        yield open_page(request.param)


def test_page_is_whole(page):
    assert page.locator("h1:visible").count() == 1
    assert page.locator(".bd-header-article:visible").count() == 1
    assert page.locator(".search-button-field:visible, .search-button__button:visible").count() == 1
    assert page.locator(".search-button__search-container input").count() == 1

    assert page.evaluate(RAW_TEX) == []
    assert page.locator(".math:not(:has(mjx-container))").count() == 0
    assert page.locator("mjx-merror").count() == 0

    for image in page.locator("main img").all():
        assert (image.get_attribute("alt") or "").strip(), f"no alt text: {image.get_attribute('src')}"
    # An image further down is only fetched when the reader comes near it.
    page.evaluate("() => document.querySelectorAll('img').forEach(i => i.loading = 'eager')")
    page.wait_for_function("() => [...document.images].every(i => i.complete)")
    assert page.evaluate("() => [...document.images].filter(i => !i.naturalWidth).map(i => i.src)") == []


def test_text_is_legible_in_both_themes(page):
    page.add_style_tag(content="* { transition: none !important }")
    # What is folded has text as well.
    page.evaluate("() => document.querySelectorAll('.toggle-button-hidden').forEach(button => button.click())")
    colours = {}
    for theme in ("dark", "light"):
        page.emulate_media(color_scheme=theme)
        page.wait_for_function("theme => document.documentElement.dataset.theme === theme", arg=theme)
        assert page.evaluate(FAINT_TEXT) == [], f"faint text in the {theme} theme"
        colours[theme] = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert colours["light"] != colours["dark"]


def test_page_fits_a_phone(page):
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390


def test_table_on_a_phone_has_lines_of_several_words(page):
    """What is wide scrolls, and a cell with a sentence is not a column of single words."""
    page.set_viewport_size({"width": 390, "height": 844})
    narrow = """() => [...document.querySelectorAll(".pst-scrollable-table-container :is(td, th)")]
      .filter(cell => cell.textContent.trim().length > 30 && cell.clientWidth < 150)
      .map(cell => `${cell.clientWidth}: ${cell.textContent.trim().slice(0, 60)}`)"""
    assert page.evaluate(narrow) == []


def test_what_scrolls_can_be_reached_by_keyboard(page):
    page.set_viewport_size({"width": 390, "height": 844})
    scrolling = """() => [...document.querySelectorAll("article *")].filter(e =>
        e.scrollWidth > e.clientWidth + 1 && e.clientWidth && /auto|scroll/.test(getComputedStyle(e).overflowX))"""
    page.wait_for_function(f"() => ({scrolling})().every(e => e.tabIndex === 0)")
    # Of formulas only those, as there is nothing to press in one.
    assert page.locator("mjx-container:not([display='true'])[tabindex='0']").count() == 0
    marked = f"() => ({scrolling})().filter(e => e.matches('.pst-scrollable-table-container'))"
    assert page.evaluate(f"() => ({marked})().every(e => e.matches('.has-more[aria-label]'))")


def test_nothing_keeps_people_out(page):
    page.set_viewport_size({"width": 390, "height": 844})
    # Contrast has a test of its own above, in both themes.
    options = {"resultTypes": ["violations"], "preload": False, "rules": {"color-contrast": {"enabled": False}}}
    found = Axe().run(page, options=options).response["violations"]
    ours = [fault for fault in found if fault["id"] not in NOT_OURS]
    assert {fault["id"]: [node["html"][:200] for node in fault["nodes"]] for fault in ours} == {}


def test_nothing_is_cut_off_on_paper(page):
    page.set_viewport_size({"width": A4, "height": 1000})
    page.emulate_media(media="print")
    cut = page.evaluate(CUT_OFF)
    page.emulate_media(media="screen")
    assert cut == []


def test_formulas_are_whole_to_the_pixel(page):
    """A formula looks as it does where nothing cuts it off."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate("() => document.querySelectorAll('.toggle-button-hidden').forEach(button => button.click())")
    page.add_style_tag(content="* { transition: none !important; animation: none !important }")
    for formula in page.locator("article mjx-container[display='true']").all():
        if formula.evaluate("e => e.scrollWidth > e.clientWidth"):
            continue  # it scrolls
        formula.evaluate("e => e.scrollIntoView({block: 'center', behavior: 'instant'})")
        box = formula.bounding_box()
        clip = {"x": box["x"], "y": box["y"] - 6, "width": box["width"], "height": box["height"] + 12}
        shown = page.screenshot(clip=clip)
        formula.evaluate("e => e.style.overflow = 'visible'")
        assert page.screenshot(clip=clip) == shown, formula.inner_text()


def test_formulas_have_their_own_fonts(open_page):
    page = open_page("notation.html")
    assert page.locator("mjx-container").count() > 20
    loaded = page.evaluate("() => [...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)")
    assert any("MJXTEX" in family for family in loaded)


def test_theme_button(open_page):
    page = open_page("intro.html")
    seen = []
    for _ in range(3):
        page.locator(".theme-switch-button:visible").click()
        seen.append(page.evaluate("() => document.documentElement.dataset.mode"))
    assert sorted(seen) == ["auto", "dark", "light"]
    while page.evaluate("() => document.documentElement.dataset.mode") != "dark":
        page.locator(".theme-switch-button:visible").click()
    page.goto(page.url.replace("intro", "glossary"))
    assert page.evaluate("() => document.documentElement.dataset.theme") == "dark", "the choice is not kept"


def test_menu_on_a_phone(open_page):
    page = open_page("intro.html", width=390, height=844)
    link = page.locator(".bd-sidebar-primary a", has_text="Glossary")
    assert not link.is_visible() or link.bounding_box()["x"] < 0
    page.locator(".primary-toggle:visible").click()
    page.wait_for_function("() => document.querySelector('.bd-sidebar-primary').getBoundingClientRect().x >= 0")
    link.click()
    page.wait_for_url("**/glossary.html")


def test_head_of_a_page(html):
    """What a page says of itself, and what it does not load before it is shown."""
    descriptions = {}
    for name in PAGES:
        head, _, body = (html / name).read_text(encoding="utf-8").partition("</head>")
        assert re.findall(r"[^/]*\.min\.js", head.replace("?", "/")) in ([], ["clipboard.min.js"])
        assert head.count('name="viewport"') == 1
        (descriptions[name],) = re.findall(r'<meta name="description" content="([^"]{40,})"', head)
        for key in ("og:title", "og:description", "og:site_name", "og:type"):
            assert head.count(f'<meta property="{key}" content="') == 1
        assert "search.js" not in head
        for picture in re.findall(r"<img [^>]*>", body):
            if "logo__image" not in picture and 'src="data:' not in picture:
                assert 'loading="lazy"' in picture
                assert re.search(r' width="\d+" height="\d+"', picture), picture
        assert "# noqa" not in body
    assert len(set(descriptions.values())) == len(PAGES)


def test_icons_are_letters_of_a_font(open_page):
    for width in (1280, 390):
        page = open_page("chapters/recurrence/lstm.html", width=width)
        icons = page.locator("i[class*='fa-']:visible")
        assert icons.count() >= 4
        for icon in icons.all():
            assert icon.bounding_box()["width"] > 5
            assert "Font Awesome" in icon.evaluate("e => getComputedStyle(e, '::before').fontFamily")
        assert page.evaluate("() => [...document.fonts].some(f => /Awesome/.test(f.family) && f.status === 'loaded')")


def test_picture_keeps_its_place_and_shape(open_page):
    page = open_page("chapters/recurrence/lstm.html")
    shapes = """() => [...document.querySelectorAll("article .cell_output img")].map(i => {
      const box = i.getBoundingClientRect();
      return [box.height, box.width, i.height, i.width, i.getAttribute("width") / i.getAttribute("height")];
    })"""
    before = page.evaluate(shapes)
    page.evaluate("() => document.querySelectorAll('img').forEach(i => i.loading = 'eager')")
    page.wait_for_function("() => [...document.images].every(i => i.complete)")
    # A box may be half a pixel higher or lower than the figure, whose size is told in whole pixels.
    for after, one in zip(page.evaluate(shapes), before, strict=True):
        assert after == pytest.approx(one, abs=1)
    for *_, height, width, ratio in before:
        assert abs(width / height - ratio) < 0.02


def test_contents_of_every_page_have_words(html):
    for name in PAGES:
        for entry in re.findall(r'<a class="[^"]*nav-link"[^>]*>(.*?)</a>', (html / name).read_text(encoding="utf-8")):
            assert re.search(r"\w", re.sub(r"<[^>]*>", "", entry)), name


def test_lost_reader_finds_the_way(open_page, site):
    page = open_page("404.html")
    assert page.locator("h1:visible").inner_text().strip() == "No such page"
    assert page.locator(".bd-sidebar-primary a", has_text="Glossary").get_attribute("href") == "/glossary.html"
    assert page.locator("form.bd-search").first.get_attribute("action") == "/search.html"


def test_search_finds_a_term(open_page):
    page = open_page("intro.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("forget gate")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results .search-summary, #search-results li")
    page.wait_for_function("() => /finished|found/.test(document.querySelector('#search-results').textContent)")
    found = page.locator("#search-results li a").evaluate_all("links => links.map(a => a.getAttribute('href'))")
    pages = {href.split("?")[0].split("#")[0] for href in found}
    assert "glossary.html" in pages
    assert "chapters/recurrence/lstm.html" in pages


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_can_be_downloaded(open_page, name):
    page = open_page(f"{name}.html")
    page.get_by_role("button", name="Download this page").click()
    with page.expect_download() as download:
        page.locator("a.btn-download-source-button").click()
    assert download.value.suggested_filename == f"{Path(name).name}.ipynb"
    assert Path(download.value.path()).read_bytes() == (ROOT / f"{name}.ipynb").read_bytes()


def test_assignment_can_be_downloaded(open_page):
    page = open_page("handouts/seven_day_forecast.html")
    with page.expect_download() as download:
        page.locator("article a.download").click()
    released = ROOT / "assignments" / "seven_day_forecast" / "seven_day_forecast.ipynb"
    assert Path(download.value.path()).read_bytes() == released.read_bytes()
