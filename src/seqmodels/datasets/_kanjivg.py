"""Reading the drawings of KanjiVG: which strokes a character has, and which of them are its radical."""

import dataclasses
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np

from seqmodels import strokes
from seqmodels._packages import REMEDY, DataFileError

_SVG = "{http://www.w3.org/2000/svg}"

# KanjiVG marks radicals after several dictionaries. These two are the classical ones: "tradit" where the
# classical radical differs from the one of Nelson's dictionary, "general" where they agree.
_RADICALS = ("general", "tradit")


@dataclasses.dataclass
class Drawing:
    """One drawing of a character.

    Attributes:
      file: where it comes from.
      paths: its pen strokes in the order of writing, each an SVG path.
      in_radical: for each stroke, whether it belongs to the radical.
      radical: the character that names the radical, or None where no single one is marked.
    """

    file: Path
    paths: list[str]
    in_radical: list[bool]
    radical: str | None

    def lines(self) -> list[np.ndarray]:
        """Its pen strokes, each an array (points, 2) of points along its curves."""
        try:
            lines = [line for path in self.paths for line in strokes.from_svg(path)]
            if len(lines) != len(self.paths):
                raise ValueError("a stroke lifts the pen")
        except ValueError as error:
            raise _refusal(self.file, error) from error
        return lines


def character_of(file: Path) -> str:
    """The character that a file draws: '06728.svg' and its variant '06728-Kaisho.svg' draw U+6728."""
    return chr(int(file.stem.partition("-")[0], 16))


def read_drawing(file: Path) -> Drawing:
    """Read one SVG file of KanjiVG.

    Raises:
      DataFileError: the file is no drawing of KanjiVG.
    """
    text = file.read_text(encoding="utf-8")
    # The files declare attributes in their DOCTYPE, but an entity could unfold to any size.
    if "<!ENTITY" in text:
        raise DataFileError(f"{file} declares an XML entity, which no drawing of KanjiVG does. {REMEDY}")
    try:
        groups = [group for group in ET.fromstring(text).iter(f"{_SVG}g") if "StrokePaths" in group.get("id", "")]
        if len(groups) != 1:
            raise ValueError(f"it has {len(groups)} groups of strokes, not one")
        if not groups[0].findall(f".//{_SVG}path"):
            raise ValueError("it has no strokes")
        drawing = Drawing(file, paths=[], in_radical=[], radical=None)
        names = set()
        _collect(groups[0], False, drawing, names)
    except (ET.ParseError, ValueError) as error:
        raise _refusal(file, error) from error
    if len(names) == 1:
        drawing.radical = names.pop()
    return drawing


def _collect(group: ET.Element, in_radical: bool, drawing: Drawing, names: set[str]) -> None:
    """Add the strokes of a group and of the groups in it to a drawing, and the radicals they belong to."""
    if _attribute(group, "radical") in _RADICALS:
        in_radical = True
        # The radical 水 is often drawn as 氵, which is then the element, and 水 the original.
        names.add(_attribute(group, "original") or _attribute(group, "element"))
    for child in group:
        if child.tag == f"{_SVG}g":
            _collect(child, in_radical, drawing, names)
        elif child.tag == f"{_SVG}path":
            drawing.paths.append(child.get("d", ""))
            drawing.in_radical.append(in_radical)


def _attribute(group: ET.Element, name: str) -> str | None:
    # By its local name: the files give two addresses for the namespace, one in the DOCTYPE and one in the root.
    return next((value for key, value in group.attrib.items() if key.endswith(f"}}{name}")), None)


def _refusal(file: Path, error: Exception) -> DataFileError:
    return DataFileError(f"{file} can't be read as a drawing of KanjiVG: {error}. {REMEDY}")
