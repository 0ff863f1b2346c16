"""path.md against the book: what it lists is all there is, the hours add up, and nothing comes before what it needs."""

import json
import re
from pathlib import Path

import pytest
import yaml
from book import toc_files

ROOT = Path(__file__).resolve().parents[1]
PATH = (ROOT / "path.md").read_text(encoding="utf-8")
TOC = {name.removesuffix(".md") for name in toc_files(yaml.safe_load((ROOT / "_toc.yml").read_text()))}
CHAPTERS = {name for name in TOC if name.startswith("chapters/")}
ASSIGNMENTS = {name for name in TOC if name.startswith("handouts/")} - {"handouts/how_assignments_work"}
SCHEDULES = {"Four weeks": 4, "Eight weeks": 8, "Twelve weeks": 12}
WORDS_A_MINUTE, LINES_A_MINUTE, MINUTES_AN_EXERCISE = 100, 10, 15


def links(text):
    """The pages of the book that a text links to, in its order, without .md and .ipynb."""
    return [re.sub(r"\.(md|ipynb)$", "", target) for target in re.findall(r"\]\(([^)#:]+)\)", text)]


def table(heading):
    """The rows of the first table whose first column has this heading, each a list of cells."""
    lines = PATH[PATH.index(f"| {heading} |") :].splitlines()[2:]
    rows = lines[: next((i for i, line in enumerate(lines) if not line.startswith("|")), len(lines))]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def hours():
    rows = table("Chapter") + table("Assignment")
    return {links(name)[0]: float(number) for name, number, _ in rows}


def schedule(title):
    """The weeks of a schedule: what is read, what is handed in, and the hours, as numbers."""
    start = PATH.index(f"## {title}\n")
    rows = re.findall(r"^\| \d+ \|.*\|$", PATH[start : PATH.index("\n## ", start + 1)], re.MULTILINE)
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return [(int(number), links(read), links(due), float(total)) for number, read, due, total in cells]


def test_every_chapter_and_assignment_is_listed_once():
    for heading, expected in (("Chapter", CHAPTERS), ("Assignment", ASSIGNMENTS)):
        listed = [links(row[0])[0] for row in table(heading)]
        assert sorted(listed) == sorted(expected), f"the table {heading} of path.md and _toc.yml differ"


@pytest.mark.parametrize("name", sorted(CHAPTERS))
def test_hours_follow_the_length_of_the_chapter(name):
    """The rule that the page gives, to half an hour more or less, so that a small edit changes nothing."""
    cells = json.loads((ROOT / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    text, code = (
        "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == kind)
        for kind in ("markdown", "code")
    )
    minutes = len(re.findall(r"\w+", text)) / WORDS_A_MINUTE + code.count("\n") / LINES_A_MINUTE
    minutes += MINUTES_AN_EXERCISE * text.count("{exercise}")
    assert abs(hours()[name] - minutes / 60) <= 0.5, f"{minutes / 60:.1f} hours by the rule; mend path.md"


@pytest.mark.parametrize("name", sorted(ASSIGNMENTS))
def test_hours_and_needs_are_those_of_the_handout(name):
    handout = (ROOT / f"{name}.md").read_text(encoding="utf-8")
    numbers = {"four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
    low, high = (numbers[word] for word in re.search(r"Reckon with (\w+) to (\w+) hours", handout).groups())
    assert hours()[name] == (low + high) / 2
    before = handout[handout.index("## Before you start") : handout.index("## Time")]
    needs = next(links(row[2]) for row in table("Assignment") if links(row[0]) == [name])
    assert sorted(needs) == sorted(link.removeprefix("../") for link in links(before))


@pytest.mark.parametrize("title", SCHEDULES)
def test_a_schedule_has_everything_once_and_its_hours_add_up(title):
    weeks = schedule(title)
    assert [number for number, *_ in weeks] == list(range(1, SCHEDULES[title] + 1))
    assert sorted(page for _, read, due, _ in weeks for page in read + due) == sorted(CHAPTERS | ASSIGNMENTS)
    cost = hours()
    for number, read, due, total in weeks:
        assert sum(cost[page] for page in read + due) == total, f"week {number}"


def _asked_for(name):
    """The chapters that a chapter names where it says what one needs, or what it helps to have read."""
    first = "".join(json.loads((ROOT / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"][0]["source"])
    said = re.search(r"^(?:You need|It helps) .*?\.(?= [A-Z]|$)", first, re.MULTILINE)
    named = re.findall(r"\{doc\}`(?:[^`<]*<)?([^`<>]+)>?`", said[0]) if said else []
    return {(ROOT / name).parent.joinpath(other).resolve().relative_to(ROOT).as_posix() for other in named}


def _all_before(name, needs):
    """What a chapter builds on, directly or not."""
    return set(needs[name]).union(*(_all_before(other, needs) for other in needs[name]))


@pytest.mark.parametrize("name", sorted(filter(_asked_for, CHAPTERS)))
def test_a_chapter_asks_for_what_the_table_says(name):
    needs = {links(row[0])[0]: links(row[2]) for row in table("Chapter")}
    assert set(needs[name]) <= _asked_for(name), "path.md lists what the chapter does not ask for"
    assert _asked_for(name) <= _all_before(name, needs), "the chapter asks for what path.md does not list"


@pytest.mark.parametrize("title", SCHEDULES)
def test_nothing_comes_before_what_it_builds_on(title):
    order = [page for _, read, due, _ in schedule(title) for page in read + due]
    rows = table("Chapter") + table("Assignment")
    needs = [(links(row[0])[0], link) for row in rows for link in links(row[2])]
    needs += [(name, "chapters/recurrence/recurrent_networks") for name in ASSIGNMENTS]
    assert [(page, needed) for page, needed in needs if order.index(needed) > order.index(page)] == []
