"""How much of what a notebook shows is kept: as many letters in each cell, and in all of them, as they may have.

What a cell has taken back counts no longer, so that a plot which is drawn again and again in the same place has its room.
"""

import json
import re
from collections import Counter
from collections.abc import Sequence

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_output

_AGAIN = 10  # times the most that is kept may be shown in all, what was taken back included: it has to be read
_MOST_PLACES = 100  # outputs with one name, which all change together
_A_PART = 60  # letters that count for what is in a list or dictionary: so much indented it may be in the file
_SMALL = 1000  # letters; a number of points is shorter
_LONG = 100_000  # letters of an error

Place = tuple[int, int]  # the number of a cell, and of an output in it


class Shown:
    """What the cells of a notebook show.

    Args:
      most_of_cell: letters that one cell may show.
      most_of_all: letters that all cells may show together.
    """

    def __init__(self, most_of_cell: int, most_of_all: int):
        self._most_of_cell, self._most_of_all = most_of_cell, most_of_all
        self._letters: dict[int, dict[int, int]] = {}  # of each output, by its place
        self._of_cell: Counter[int] = Counter()
        self._read: Counter[int] = Counter()

    def read(self, cell: int, letters: int, parts: int) -> int:
        """Note that something has been read that a cell shows; returns the letters for which it counts.

        Args:
          cell: the number of the cell.
          letters: how long it is.
          parts: how many there are in its lists and dictionaries.
        """
        counted = letters + _A_PART * parts
        self._read[cell] += counted
        return counted

    def is_read(self, cell: int) -> bool:
        """Whether nothing more is to be read of what a cell shows."""
        return self._read[cell] > _AGAIN * self._most_of_cell or self._read.total() > _AGAIN * self._most_of_all

    def takes(self, cell: int, letters: int, places: Sequence[Place], clears: bool = False) -> bool:
        """Whether something has room that a cell shows. If so, it has taken it.

        Args:
          cell: the number of the cell.
          letters: for how many it counts.
          places: where it will stand, in the place of what stands there.
          clears: whether nothing else of what the cell has shown will stay.
        """
        if len(places) > _MOST_PLACES:
            return False
        more: Counter[int] = Counter()
        for number, output in places:
            before = self._letters.get(number, {}).get(output, 0)
            more[number] += letters - (0 if clears and number == cell else before)
        if clears:
            more[cell] -= self._of_cell[cell]
        if self._of_cell.total() + more.total() > self._most_of_all or any(
            self._of_cell[number] + found > self._most_of_cell for number, found in more.items()
        ):
            return False
        if clears:
            self._letters.pop(cell, None)
        self._of_cell.update(more)
        for number, output in places:
            self._letters.setdefault(number, {})[output] = letters
        return True

    def clear(self, cell: int) -> None:
        """Forget what a cell has shown, which it has taken back."""
        self._letters.pop(cell, None)
        self._of_cell.pop(cell, None)


def as_text(content: dict) -> str:
    return json.dumps(content, default=str, ensure_ascii=False)


def is_output(message: dict) -> bool:
    """Whether a notebook can hold what a kernel has sent, which a student's code may have made up."""
    if message["msg_type"] == "update_display_data":
        message = message | {"header": message["header"] | {"msg_type": "display_data"}}
    try:
        nbformat.validator.validate(nbformat.v4.output_from_msg(message), ref="output", version=4, version_minor=5)
    except (nbformat.ValidationError, KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return False
    return True


def shorten(content: dict) -> None:
    """Cut the result of a test or an error, in which a student's answer may stand, to what is read of it."""
    if "data" in content:
        content["data"] = {"text/plain": str(content["data"].get("text/plain"))[:_SMALL]}
    elif sum(map(len, [content["evalue"], *content["traceback"]])) > _LONG:
        content |= {"evalue": content["evalue"][:_SMALL], "traceback": [content["evalue"][:_SMALL]]}


def refuse_what_is_no_number(cell: NotebookNode) -> None:
    """Let a test fail whose result is something else than points: nbgrader would give all of them.

    A test that ends with an assertion has no result, and all of the points.
    """
    for number, output in enumerate(cell.outputs):
        if output.output_type != "execute_result":
            continue
        points = _number(output.data.get("text/plain", ""))
        if points is not None and 0 <= points <= cell.metadata.nbgrader.points:
            output.data = NotebookNode({"text/plain": f"{points:g}"})
            continue
        reason = "The result of this test is no number of points."
        cell.outputs[number] = new_output("error", ename="NoPoints", evalue=reason, traceback=[f"NoPoints: {reason}"])


def _number(text: str) -> float | None:
    # NumPy's numbers say of which type they are: np.float64(2.5).
    found = re.fullmatch(r"(?:np\.\w+\()?(-?\d+(?:\.\d+)?(?:e-?\d+)?)\)?", text)
    return None if found is None else float(found[1])
