"""How much of a submission one page holds, in letters and in pictures: what no honest one comes near.

Reading, colouring, drawing and sending all of what a notebook may hold would take hours, and gigabytes.
"""

import re
from collections.abc import Iterable

from nbformat import NotebookNode
from nbformat.v4 import new_output

from seqmodels.grading import pictures

# Of an output no more than these is shown.
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")  # what is shown of them is one of the first two
_RICH = ("text/html", "text/markdown", "text/latex")
_SHOWN = ("text/plain", *_RICH, "image/svg+xml", *PICTURES)

_LONGEST_HTML = 30_000  # letters of an output; as a table of pandas
_LONGEST_SHOWN = 50_000
_A_LINE = 100  # no more than what says that something is left out, so that what has been cut is not cut again
_MOST_FORMATTING = 50  # in a text: each that stays open is opened again in every paragraph after it
_FORMATTING = re.compile(r"<(a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)\b", re.IGNORECASE)

# On one page, of each kind. An assignment with long answers has less than half of these.
_ROOM = {
    **{"markdown": 100_000, "code": 200_000, "typed": 1_000_000, "output": 500_000, "html": 100_000},  # letters
    "picture": 50_000_000,  # letters of base64
    "decoded": 400_000_000,  # pixels: twenty photos, and a second for every fifty million
}
_NOT_SHOWN = "[further output is not shown]"
_NO_ROOM = "there is no room on this page for more pictures"


class Room:
    """What one page may still hold, of each kind."""

    def __init__(self):
        self._left = dict(_ROOM)

    def takes(self, kind: str, letters: int) -> bool:
        """Whether so many letters still have room. If so, they have taken it."""
        if letters > self._left[kind]:
            return False
        self._left[kind] -= letters
        return True

    def picture(self, written: str) -> pictures.Picture:
        """A picture in base64, drawn anew.

        Raises:
          pictures.Refused: it cannot be shown, or has no room.
        """
        if self._left["decoded"] <= 0:
            raise pictures.Refused(_NO_ROOM)
        try:
            picture = pictures.safe_base64(written)
        except pictures.Refused as refused:
            self._left["decoded"] -= refused.decoded
            raise
        self._left["decoded"] -= picture.decoded
        if not self.takes("picture", len(picture.base64())):
            self._left["decoded"] = 0  # none after it is decoded in vain
            raise pictures.Refused(_NO_ROOM)
        return picture

    def outputs(self, outputs: Iterable[NotebookNode]) -> list[NotebookNode]:
        """The outputs of a cell, with their texts cut; a word in place of those for which there is no room."""
        shown = []
        for output in outputs:
            _keep_what_is_shown(output)
            _shorten(output)
            # Each is a frame on the page, even if it is empty.
            if not self.takes("output", _text_letters(output) + 100):
                return [*shown, new_output("stream", text=_NOT_SHOWN)]
            self._leave_out_html(output)
            self._draw_anew(output)
            shown.append(output)
        return shown

    def _leave_out_html(self, output: NotebookNode) -> None:
        for kind in _RICH:
            written = output.get("data", {}).get(kind)
            if written is not None and (_is_heavy_html(written) or not self.takes("html", len(written))):
                del output.data[kind]
                output.data.setdefault("text/plain", _NOT_SHOWN)

    def _draw_anew(self, output: NotebookNode) -> None:
        drawn = [output.data.pop(kind) for kind in PICTURES if kind in output.get("data", {})]
        if not drawn:
            return
        try:
            picture = self.picture(drawn[0])
        except pictures.Refused as refused:
            in_words = output.data.get("text/plain", "")
            output.data["text/plain"] = f"[a picture is not shown: {refused}]\n{in_words}".rstrip()
        else:
            output.data[picture.kind] = picture.base64()


def shortened(text: str) -> str:
    """What is shown of a text on a page; its beginning, if it is longer than anybody would read."""
    left_out = len(text) - _LONGEST_SHOWN
    return text if left_out <= _A_LINE else f"{text[:_LONGEST_SHOWN]}\n[{left_out:,} more letters are not shown]"


def _is_heavy_html(written: str) -> bool:
    return len(written) > _LONGEST_HTML or len(_FORMATTING.findall(written)) > _MOST_FORMATTING


def _keep_what_is_shown(output: NotebookNode) -> None:
    if output.output_type in ("display_data", "execute_result"):
        # The page writes some of it into its own markup.
        output.metadata = NotebookNode()
        output.data = NotebookNode({kind: output.data[kind] for kind in _SHOWN if kind in output.data})


def _shorten(output: NotebookNode) -> None:
    if output.output_type == "stream":
        output.text = shortened(output.text)
    elif output.output_type == "error":
        output.evalue = shortened(output.evalue)
        output.traceback = [shortened("\n".join(output.traceback))]
    elif "text/plain" in output.data:
        output.data["text/plain"] = shortened(output.data["text/plain"])


def _text_letters(output: NotebookNode) -> int:
    data = output.get("data", {})
    texts = (output.get("text", ""), *output.get("traceback", ()), output.get("evalue", ""), data.get("text/plain", ""))
    return sum(map(len, texts)) + len(data.get("image/svg+xml", ""))
