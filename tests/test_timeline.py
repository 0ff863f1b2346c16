"""seqmodels.timeline, and the file of works of the chapter on history, which is compared with references.bib."""

import copy
import html.parser
import json
import re
import xml.etree.ElementTree as ElementTree
from itertools import pairwise
from pathlib import Path

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.patches import FancyBboxPatch
from pybtex.database import parse_file
from pybtex.richtext import Text

from seqmodels import timeline
from seqmodels.timeline import TimelineError, Work, picture

ROOT = Path(__file__).resolve().parents[1]
CHAPTER = ROOT / "chapters" / "review" / "history.ipynb"


@pytest.fixture(scope="module")
def history():
    return timeline.load(CHAPTER.with_suffix(".toml"))


# --- reading ------------------------------------------------------------------------------

LANES = [{"id": "cells", "name": "Cells"}, {"id": "text", "name": "Text & more"}]
FIRST = {
    "key": "first1990",
    "name": "First",
    "year": 1990,
    "who": "A and B",
    "title": "A <title>",
    "lane": "cells",
    "builds_on": [],
    "problem": "Is 1 < 2?",
    "cost": "High & low.",
    "after": "Second.",
}
SECOND = FIRST | {"key": "second1995", "name": "Second", "year": 1995, "lane": "text", "builds_on": ["first1990"]}


def toml(works):
    """The works as the text of a file; JSON's strings, numbers and lists are TOML's too."""
    tables = [("lane", lane) for lane in LANES] + [("work", work) for work in works]
    return "\n".join(
        f"[[{name}]]\n" + "\n".join(f"{key} = {json.dumps(value)}" for key, value in table.items())
        for name, table in tables
    )


@pytest.fixture
def write(tmp_path):
    def write(works):
        path = tmp_path / "works.toml"
        path.write_text(works if isinstance(works, str) else toml(works))
        return path

    return write


def altered(number, **changes):
    """The two works, one of them with other fields; None takes a field away."""
    works = copy.deepcopy([FIRST, SECOND])
    works[number] = {key: value for key, value in (works[number] | changes).items() if value is not None}
    return works


def test_good_works_are_read(write):
    loaded = timeline.load(write([FIRST, SECOND]))
    assert loaded.lanes == {"cells": "Cells", "text": "Text & more"}
    assert list(loaded.works) == ["first1990", "second1995"]
    assert loaded.works["second1995"] == Work(**SECOND | {"builds_on": ("first1990",)})
    assert loaded.followers("first1990") == [loaded.works["second1995"]]
    assert loaded.followers("second1995") == []


BAD = {
    "no TOML": ("[[work]", "not valid TOML"),
    "no works": ([], "there is no work in it"),
    "a field missing": (altered(1, cost=None), "work 2 (second1995): cost missing"),
    "the key missing": (altered(1, key=None), "work 2 (without a key): key missing"),
    "an empty field": (altered(1, after="  "), "work 2 (second1995): after is empty"),
    "an empty link": (altered(0, link=""), "work 1 (first1990): link is empty"),
    "a field too many": (altered(1, price="?"), "work 2 (second1995): price is no field"),
    "a key twice": (altered(1, key="first1990"), "this key is there already"),
    "a name twice": (altered(1, name="First"), "the name First is there already"),
    "an unknown lane": (altered(1, lane="music"), "the lane music is not one of cells, text"),
    "a year in words": (altered(1, year="1995"), "the year '1995' is no whole number"),
    "a year too early": (altered(1, year=1989), "the year 1989 stands after 1990"),
    "an unknown forerunner": (altered(1, builds_on=["nobody1900"]), "it builds on nobody1900, which is not"),
    "a forerunner that comes later": (altered(0, builds_on=["second1995"]), "it builds on second1995, which is not"),
    "its own forerunner": (altered(1, builds_on=["second1995"]), "it builds on second1995, which is not"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_named_with_the_remedy(write, name):
    works, words = BAD[name]
    path = write(works)
    with pytest.raises(TimelineError) as error:
        timeline.load(path)
    assert str(path) in str(error.value)
    assert words in str(error.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(TimelineError, match=r"nowhere\.toml: there is no such file"):
        timeline.load(tmp_path / "nowhere.toml")


# --- the works of the chapter, against the bibliography ------------------------------------


@pytest.fixture(scope="module")
def bibliography():
    return parse_file(ROOT / "references.bib").entries


def plain(latex):
    return str(Text.from_latex(latex)).replace("--", "–")


def authors(entry):
    """The authors as the file of works writes them: up to three by name."""
    names = [plain(" ".join([*person.prelast_names, *person.last_names])) for person in entry.persons["author"]]
    if names[-1] == "others" or len(names) > 3:
        return f"{names[0]} and others"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def first_year(entry):
    """The year of the paper, or of its preprint if that is older; an arXiv number begins with year and month."""
    year = int(entry.fields["year"])
    return min(year, 2000 + int(entry.fields["eprint"][:2])) if "eprint" in entry.fields else year


def addresses(entry):
    fields = entry.fields
    forms = {"doi": "https://doi.org/{}", "eprint": "https://arxiv.org/abs/{}", "url": "{}"}
    return [form.format(fields[name]) for name, form in forms.items() if name in fields]


def test_works_agree_with_the_bibliography(history, bibliography):
    wrong = []
    for key, work in history.works.items():
        assert key in bibliography, f"{key} is not in references.bib"
        entry = bibliography[key]
        expected = {"year": first_year(entry), "who": authors(entry), "title": plain(entry.fields["title"])}
        for field, value in expected.items():
            ours = getattr(work, field)
            if str(ours).casefold() != str(value).casefold():
                wrong.append(f"{key}: {field} is {ours!r}, in references.bib {value!r}")
        if work.link not in (addresses(entry) or [None]):
            wrong.append(f"{key}: link is {work.link}, in references.bib {addresses(entry)}")
    assert wrong == []


def test_each_work_is_cited_in_the_chapter(history):
    cells = json.loads(CHAPTER.read_text(encoding="utf-8"))["cells"]
    prose = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    cited = {key for keys in re.findall(r"\{cite\}`([^`]*)`", prose) for key in keys.split(",")}
    assert set(history.works) - cited == set()


def test_what_a_work_says_is_a_sentence(history):
    odd = [
        (key, text)
        for key, work in history.works.items()
        for text in (work.problem, work.cost, work.after)
        if not re.fullmatch(r"[A-Zw].*[.?]", text) or len(text) > 260
    ]
    assert odd == []


# --- the picture --------------------------------------------------------------------------


LANES_OF_HISTORY = ("learning", "cells", "convolution", "attention", "language", "senses")


@pytest.fixture(params=[None, *LANES_OF_HISTORY])
def drawn(history, request):
    """What is drawn in the picture of all lanes, and in that of each."""
    assert list(history.lanes) == list(LANES_OF_HISTORY)
    return history if request.param is None else history.of_lane(request.param)


def test_a_lane_has_its_works_and_what_they_build_on(write):
    third = FIRST | {"key": "third2000", "name": "Third", "year": 2000, "builds_on": ["first1990", "second1995"]}
    lane = timeline.load(write([FIRST, SECOND, third])).of_lane("cells")
    assert lane.lanes == {"elsewhere": "From other lanes", "cells": "Cells"}
    assert list(lane.works) == ["first1990", "second1995", "third2000"]
    # What the works of other lanes build on is told in the pictures of theirs.
    assert (lane.works["second1995"].lane, lane.works["second1995"].builds_on) == ("elsewhere", ())
    assert lane.works["third2000"].builds_on == ("first1990", "second1995")


def test_a_lane_that_needs_no_other_is_alone(write):
    lane = timeline.load(write([FIRST, SECOND])).of_lane("cells")
    assert (lane.lanes, list(lane.works)) == ({"cells": "Cells"}, ["first1990"])


def boxes(history):
    rows, lanes = picture.assign_rows(history.works.values()), list(history.lanes)
    return {
        key: (picture._centre(lanes.index(work.lane)) - picture.BOX[0] / 2, picture._top(rows[key]))
        for key, work in history.works.items()
    }


def test_rows_go_down_with_time_and_descent(drawn):
    rows = picture.assign_rows(drawn.works.values())
    works = list(drawn.works.values())
    assert min(rows.values()) == 0
    assert len({(work.lane, rows[work.key]) for work in works}) == len(works), "two boxes in one place"
    assert all(rows[a.key] < rows[b.key] for a in works for b in works if a.year < b.year)
    assert all(rows[key] < rows[work.key] for work in works for key in work.builds_on)


def test_no_line_runs_through_a_box(drawn):
    (width, height), rows = picture.BOX, picture.assign_rows(drawn.works.values())
    places = boxes(drawn)
    routes = list(picture.routes(drawn, rows))
    assert len(routes) == sum(len(work.builds_on) for work in drawn.works.values())
    for source, points in routes:
        for (x1, y1), (x2, y2) in pairwise(points):
            for key, (x, y) in places.items():
                apart = max(x1, x2) <= x or x + width <= min(x1, x2) or max(y1, y2) <= y or y + height <= min(y1, y2)
                assert apart, f"a line from {source} runs through {key}"


def test_lines_of_two_works_do_not_lie_on_each_other(drawn):
    """But for the last bit, where arrows that come to one box may meet."""
    rows = picture.assign_rows(drawn.works.values())
    pieces = [
        (source, *sorted(piece), points[-1])
        for source, points in picture.routes(drawn, rows)
        for piece in (list(pairwise(points))[:-1] or pairwise(points))
    ]
    for number, (source, start, end, target) in enumerate(pieces):
        for other, other_start, other_end, other_target in pieces[:number]:
            for axis in (0, 1):
                same_line = start[axis] == end[axis] == other_start[axis] == other_end[axis]
                along = 1 - axis
                shared = min(end[along], other_end[along]) - max(start[along], other_start[along])
                if source != other and target[1] != other_target[1]:
                    assert not (same_line and shared > 1), f"lines from {source} and {other}"


def test_text_fits_into_its_box(history):
    figure = picture.draw(history)
    renderer = FigureCanvasAgg(figure).get_renderer()
    scale = 72 / figure.dpi
    inside = {work.name for work in history.works.values()} | {
        picture.short(work.who) for work in history.works.values()
    }
    texts = [text for text in figure.axes[0].texts if text.get_text() in inside]
    assert len(texts) == 2 * len(history.works)
    wide = {
        text.get_text(): extent
        for text in texts
        if (extent := text.get_window_extent(renderer).width * scale) > picture.BOX[0] - 4
    }
    assert wide == {}


@pytest.mark.parametrize("lane", [None, *LANES_OF_HISTORY])
def test_nothing_is_cut_off(history, lane):
    figure = picture.draw(history, lane)
    width = figure.get_figwidth() * 72
    shown = history if lane is None else history.of_lane(lane)
    routes = picture.routes(shown, picture.assign_rows(shown.works.values()))
    assert all(0 < x < width for _, points in routes for x, _ in points)
    renderer = FigureCanvasAgg(figure).get_renderer()
    ends = {text.get_text(): text.get_window_extent(renderer).x1 for text in figure.axes[0].texts}
    assert {text: end for text, end in ends.items() if end > width * figure.dpi / 72} == {}


def test_a_box_has_the_colour_of_its_lane_in_every_picture(history):
    """The forget gate, which is of another lane than the language models that use it."""
    colour = picture.COLOURS[list(history.lanes).index(history.works["gers2000"].lane)]
    axes = picture.draw(history, "language").axes[0]
    name = next(text for text in axes.texts if text.get_text() == "Forget gate")
    around = [patch for patch in axes.patches if patch.get_path().contains_point(name.get_position())]
    boxes = [patch for patch in around if isinstance(patch, FancyBboxPatch)]
    assert [to_hex(box.get_edgecolor()) for box in boxes] == [colour.lower()]


def test_the_same_works_give_the_same_picture(history):
    first = picture.svg(history)
    assert first == picture.svg(history)
    words = {element.text for element in ElementTree.fromstring(first).iter("{http://www.w3.org/2000/svg}text")}
    assert {work.name for work in history.works.values()} <= words
    assert {str(work.year) for work in history.works.values()} <= words


def test_the_file_for_printing_is_that_picture(history):
    """Machines may differ in the last digits of a place, so numbers are compared as numbers."""

    def split(text):
        return re.split(r"(-?\d+\.\d+)", text)

    path = CHAPTER.with_suffix(".svg")
    ours, theirs = split(picture.svg(history)), split(path.read_text(encoding="utf-8"))
    remedy = f"{path.name} is of other works; write into it what seqmodels.timeline.svg(load({path.stem}.toml)) returns"
    assert ours[::2] == theirs[::2], remedy
    assert [float(x) for x in theirs[1::2]] == pytest.approx([float(x) for x in ours[1::2]], abs=0.1), remedy


# --- the table ----------------------------------------------------------------------------


class Table(html.parser.HTMLParser):
    """The rows of a table as lists of (tag, role, text), and the addresses that it links to."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.links, self.open = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.open = tag
            self.rows[-1].append([tag, attributes["role"], ""])
        if tag == "a":
            self.links.append(attributes["href"])

    def handle_endtag(self, tag):
        self.open = None if tag == self.open else self.open

    def handle_data(self, data):
        if self.open:
            self.rows[-1][-1][2] += data


def test_the_table_holds_every_word_without_a_script(history):
    text = timeline.table_html(history)
    table = Table(text)
    assert len(table.rows) == 1 + len(history.works)
    assert [role for _, role, _ in table.rows[0]] == ["columnheader"] * 5
    for work, row in zip(history.works.values(), table.rows[1:], strict=True):
        assert [role for _, role, _ in row] == ["cell", "rowheader", "cell", "cell", "cell"]
        year, about, *rest = [content for _, _, content in row]
        assert year == str(work.year)
        assert all(part in about for part in (work.name, work.who, work.title, history.lanes[work.lane]))
        assert rest == [work.problem, work.cost, work.after]
    assert table.links == [work.link for work in history.works.values() if work.link]
    assert text == timeline.table_html(history)


def test_text_of_the_table_is_escaped(write):
    text = timeline.table_html(timeline.load(write([FIRST, SECOND])))
    assert "A &lt;title&gt;" in text
    assert "Is 1 &lt; 2?" in text
    assert "Text &amp; more" in text
    assert "Uses: First" in text


def test_show_table_displays_one_output(write, monkeypatch):
    shown = []
    monkeypatch.setattr("seqmodels.timeline.table.display", shown.append)
    works = timeline.load(write([FIRST, SECOND]))
    timeline.show_table(works)
    assert [output.data for output in shown] == [timeline.table_html(works)]
