"""What a reader finds who types a few words into the search box."""

import pytest

GLOSSARY = "glossary.html#term-"
# The first of the results, and what else must be among the first six.
QUERIES = {
    "perplexity": [f"{GLOSSARY}Perplexity", "chapters/recurrence/language_models.html"],
    "seq2seq": [f"{GLOSSARY}Sequence-to-sequence", "chapters/recurrence/sequence_problems.html"],
    "BPTT": [
        f"{GLOSSARY}Backpropagation-through-time",
        "chapters/recurrence/gradients.html#truncated-backpropagation-through-time",
    ],
    "LSTM vs GRU": [f"{GLOSSARY}Long-short-term-memory", f"{GLOSSARY}Gated-recurrent-unit", "chapters/"],
    "number of weights": [f"{GLOSSARY}Weights-number-of"],
    "how many parameters has an LSTM?": [f"{GLOSSARY}Weights-number-of", f"{GLOSSARY}Long-short-term-memory"],
    "gradient clipping": [f"{GLOSSARY}Clipping", "chapters/recurrence/gradients.html"],
    "vanishing gradient": [f"{GLOSSARY}Vanishing-gradient"],
    "cell state": [f"{GLOSSARY}Cell-state"],
}


@pytest.fixture
def search(open_page):
    def search(query):
        page = open_page(f"search.html?q={query}")
        page.wait_for_function("() => /finished|did not/.test(document.querySelector('#search-results').textContent)")
        # Each result has its passage, unless another one leads to the same place.
        page.wait_for_function(
            """() => [...document.querySelectorAll("#search-results li")].every(e => e.querySelector("p, span:not(a *)"))"""
        )
        return page

    return search


@pytest.mark.parametrize("query", QUERIES)
def test_right_place_is_found(search, site, query):
    page = search(query)
    links = page.locator("#search-results li > a").evaluate_all("links => links.map(a => a.href)")
    found = [link.removeprefix(f"{site}/") for link in links]
    first, *others = QUERIES[query]
    assert found[0].startswith(first), found
    for other in others:
        assert any(link.startswith(other) for link in found[:6]), found
    assert len(set(found)) == len(found)


def test_passages_are_words_of_the_text(search):
    page = search("gate")
    passages = page.locator("#search-results li p").all_inner_texts()
    assert len(passages) > 8
    for passage in passages:
        assert "\\" not in passage
        assert "From scratch: forward Does it agree" not in passage, "the contents that are printed with a page"
        assert "Hide code cell source" not in passage
        assert len(passage) < 260


def test_result_leads_to_the_section_that_has_the_words(search):
    page = search("peephole")
    links = page.locator("#search-results li > a")
    assert page.locator("#search-results").get_by_role("status").count() == 1
    # The tables at the end of the glossary and of the history are pages of one section or two.
    assert sum("#" in link.get_attribute("href") for link in links.all()) >= links.count() - 2
    link = links.filter(has_text="Peephole connections").first
    link.click()
    page.wait_for_url("**#peephole-connections*")


def test_keyboard_is_in_the_box(search):
    page = search("gate")
    assert page.evaluate("() => document.activeElement.closest('.bd-search-container') !== null")
    page.keyboard.press("Control+a")
    page.keyboard.type("dropout")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=dropout*")
