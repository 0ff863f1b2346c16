"""What a reader sees on every page of the book, with the network off."""

from pathlib import Path

import pytest
import yaml
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
