"""The table of works in the chapter on history: searched by keyboard, and whole without a script."""

import pytest

from seqmodels import timeline

PAGE = "chapters/review/history.html"


@pytest.fixture(scope="module")
def works(request):
    return timeline.load(request.config.rootpath / "chapters" / "review" / "history.toml").works


def shown(page):
    """The names of the works whose rows can be seen."""
    return page.locator(".timeline tbody tr:visible th strong").all_inner_texts()


def search(page, words):
    box = page.get_by_role("searchbox", name="Show rows")
    box.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type(words)


def test_rows_are_found_by_keyboard(open_page, works):
    page = open_page(PAGE)
    said = page.locator(".timeline").get_by_role("status")
    assert shown(page) == [work.name for work in works.values()]
    assert said.inner_text() == f"{len(works)} of {len(works)} works"
    search(page, "speech 2013")
    assert shown(page) == ["Deep RNN"]
    assert said.inner_text() == f"1 of {len(works)} works"
    # Order, capitals and accents don't matter, and a word of any column will do.
    for words in ("re goel", "Goel  RÉ"):
        search(page, words)
        assert shown(page) == ["S4"]
    search(page, "speech 1812")
    assert shown(page) == []
    assert said.inner_text() == f"0 of {len(works)} works"
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    assert len(shown(page)) == len(works)


@pytest.mark.parametrize("width", [1280, 390])
def test_it_remains_a_table_for_a_screen_reader(open_page, works, width):
    page = open_page(PAGE, width=width)
    table = page.locator(".timeline").get_by_role("table")
    assert table.get_by_role("columnheader").all_inner_texts() == list(timeline.table.COLUMNS)
    assert table.get_by_role("rowheader").count() == len(works)
    assert table.get_by_role("row").count() == len(works) + 1
    assert table.get_by_role("row", name="Hochreiter and Schmidhuber: Long").get_by_role("cell").count() == 4


def test_the_table_is_whole_without_a_script(browser, site, works):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/{PAGE}")
    assert shown(page) == [work.name for work in works.values()]
    assert page.get_by_role("searchbox").locator("visible=true").count() == 0, "a box that does nothing"
    context.close()
