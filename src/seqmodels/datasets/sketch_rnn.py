"""Drawings as sequences of pen movements: characters of KanjiVG, and sketches of Quick, Draw!."""

import dataclasses
import difflib
import hashlib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, urlsplit

import numpy as np
import tensorflow_datasets as tfds

from seqmodels import strokes
from seqmodels._packages import DataFileError, package_files
from seqmodels.datasets._builder import CourseBuilder
from seqmodels.datasets._download import MissingFileError, download
from seqmodels.datasets._kanjivg import character_of, read_drawing
from seqmodels.datasets._npz import read_drawings
from seqmodels.datasets._quickdraw_names import NAMES

# The radicals that at least 90 characters of KanjiVG have, the most frequent first, and what they mean.
RADICALS = {
    "木": "tree",
    "水": "water",
    "艸": "grass",
    "手": "hand",
    "口": "mouth",
    "人": "person",
    "心": "heart",
    "糸": "thread",
    "言": "speech",
    "金": "metal",
    "土": "earth",
    "肉": "flesh",
    "竹": "bamboo",
    "虫": "insect",
    "辶": "walk",
    "女": "woman",
    "火": "fire",
    "日": "sun",
}

# Two forms of water that Unicode has twice, once as a character and once as a radical; KanjiVG draws them alike.
_TWINS = {"⺡": "氵", "⺢": "氺"}

_KANJI_DESCRIPTION = """
Characters as they are written with a pen: the strokes of KanjiVG in the order of writing. The label is the
character's radical, the part under which a dictionary lists it, whatever form it takes: 水 is drawn 氵 at the left
of a character. The characters are those whose radical is one of the 18 that at least 90 characters of KanjiVG
have. Each stroke is a line of points along its curves, simplified, and given as stroke-3 (dx, dy, pen lifted) on a
page of 109 by 109 with y downwards; the first row leads from the upper left corner of the page to where the drawing
begins. The splits are this course's own: a character goes to train (70 %), validation (15 %) or test
(15 %) by a hash of the character, together with its variants, so that no character is in two splits.
"""

_QUICKDRAW_DESCRIPTION = """
Sketches that players of the game Quick, Draw! made in 20 seconds, as sequences of pen movements in stroke-3 (dx, dy,
pen lifted), in the form that Sketch-RNN was trained on: 70,000 sketches for training, 2,500 for validation and 2,500 for
test in each class. They are downloaded.
"""

_KANJI_CITATION = """
@misc{apel2009kanjivg,
  title = {KanjiVG: Kanji Vector Graphics},
  author = {Apel, Ulrich},
  year = {2009},
  url = {https://kanjivg.tagaini.net}
}
"""

_QUICKDRAW_CITATION = """
@inproceedings{ha2018neural,
  title = {A Neural Representation of Sketch Drawings},
  author = {Ha, David and Eck, Douglas},
  booktitle = {International Conference on Learning Representations},
  year = {2018},
  url = {https://arxiv.org/abs/1704.03477}
}
"""


@dataclasses.dataclass
class KanjiConfig(tfds.core.BuilderConfig):
    """Characters of KanjiVG.

    Attributes:
      radicals: the radicals whose characters are wanted. They are the labels, in this order.
      variants: whether to give the other ways of drawing a character too.
      epsilon: how far a curve may lie from the points that stand for it, on a page of 109 by 109. The default leaves
        about one point for each 8 units of a stroke: many where it bends, and few where it is straight.
    """

    radicals: Sequence[str] = tuple(RADICALS)
    variants: bool = False
    epsilon: float = 0.25

    def __post_init__(self):
        radicals = list(self.radicals)
        if not radicals or len(set(radicals)) < len(radicals) or any(len(radical) != 1 for radical in radicals):
            raise ValueError(f"radicals is {self.radicals!r}. Give a list of radicals such as '水', each once.")
        if not self.epsilon >= 0:
            raise ValueError(f"epsilon is {self.epsilon}. Give a distance, zero or more.")

    def settings(self) -> dict:
        """All that the prepared data depend on."""
        return {"radicals": list(self.radicals), "variants": self.variants, "epsilon": self.epsilon}


@dataclasses.dataclass
class QuickDrawConfig(tfds.core.BuilderConfig):
    """Sketches of Quick, Draw! in the published SketchRNN form, one .npz file a class.

    Attributes:
      classes: names of the classes, which are the labels, in this order.
      base_address: where the files are: a class is at ``<base_address>/<class>.npz``.
      checksums: SHA-256 of the files of some classes, by class. The file of another class must
        have the one that it had when it first came.
    """

    classes: Sequence[str] = ("bicycle", "cat", "clock", "flower", "house", "sailboat")
    base_address: str = "https://storage.googleapis.com/quickdraw_dataset/sketchrnn"
    checksums: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def __post_init__(self):
        if isinstance(self.classes, str) or not self.classes or len(set(self.classes)) < len(self.classes):
            raise ValueError(f"classes is {self.classes!r}. Give a list of class names, each once.")
        for name in self.classes:
            if not name or Path(name).name != name or "\\" in name:
                raise ValueError(f"{name!r} is no class name: it is a file name without .npz, such as 'cat'.")
        if urlsplit(self.base_address).scheme not in ("http", "https"):
            raise ValueError(
                f"base_address is {self.base_address!r}. Give an address that begins with https:// or http://."
            )
        unknown = set(self.checksums) - set(self.classes)
        if unknown:
            raise ValueError(
                f"checksums names {sorted(unknown)}, which classes does not. Add them there or leave them out."
            )

    def settings(self) -> dict:
        """All that the prepared data depend on."""
        return {"classes": list(self.classes), "base_address": self.base_address}


class SketchRnn(CourseBuilder):
    """Drawings in stroke-3, labelled with what they show."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First version."}
    BUILDER_CONFIGS = [
        KanjiConfig(name="kanji", description="3,274 characters of KanjiVG with 18 radicals, one drawing each."),
        KanjiConfig(
            name="kanji_variants", description="The same characters in all 5,617 drawings of KanjiVG.", variants=True
        ),
        QuickDrawConfig(name="quickdraw", description="450,000 sketches of six classes of Quick, Draw!, downloaded."),
    ]
    DEFAULT_BUILDER_CONFIG_NAME = "kanji"

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        if self.is_prepared():
            self._compare_settings()

    def _compare_settings(self) -> None:
        """Refuse data that were prepared under this configuration's name with other settings."""
        prepared = tfds.core.MetadataDict()
        prepared.load_metadata(self.data_dir)
        wanted = self.builder_config.settings()
        other = [name for name in wanted if prepared.get(name) != wanted[name]]
        if other:
            raise ValueError(
                f"The data in {self.data_dir} were prepared with other settings: "
                + ", ".join(f"{name} {prepared.get(name)!r}, not {wanted[name]!r}" for name in other)
                + ". Give this configuration another name, or delete that folder."
            )

    def _info(self) -> tfds.core.DatasetInfo:
        config = self.builder_config
        kanji = isinstance(config, KanjiConfig)
        features = {
            "strokes": tfds.features.Tensor(
                shape=(None, 3), dtype=np.float32, doc="For each point: dx, dy, and 1 where the pen is lifted after it."
            ),
            "label": tfds.features.ClassLabel(names=list(config.radicals if kanji else config.classes)),
            "name": tfds.features.Text(doc="The drawing's name in the source."),
        }
        if kanji:
            features["character"] = tfds.features.Text(doc="The character that is drawn.")
            features["radical"] = tfds.features.Tensor(
                shape=(None,), dtype=np.bool_, doc="For each point, whether it is part of the radical."
            )
        return self.dataset_info_from_configs(
            description=_KANJI_DESCRIPTION if kanji else _QUICKDRAW_DESCRIPTION,
            features=tfds.features.FeaturesDict(features),
            supervised_keys=("strokes", "label"),
            homepage="https://kanjivg.tagaini.net" if kanji else "https://quickdraw.withgoogle.com/data",
            citation=_KANJI_CITATION if kanji else _QUICKDRAW_CITATION,
            license="CC BY-SA 3.0 (Ulrich Apel)" if kanji else "CC BY 4.0 (Google)",
            metadata=tfds.core.MetadataDict(config.settings()),
        )

    def _split_generators(self, dl_manager):
        config = self.builder_config
        if isinstance(config, KanjiConfig):
            # A file is named by the five hexadecimal digits of its character; a variant's name goes on after them.
            files = package_files("kanjivg", "kanji/*.svg" if config.variants else "kanji/?????.svg")
            return {split: self._generate_examples(_kanji(config, files, split)) for split in _SHARES}
        folder = Path(dl_manager.download_dir) / "quickdraw"
        files = {name: _fetched(config, name, folder) for name in config.classes}
        published = {"train": "train", "validation": "valid", "test": "test"}
        return {split: self._generate_examples(_sketches(files, array)) for split, array in published.items()}

    def _generate_examples(self, examples: Iterator[dict]):
        for example in examples:
            yield example["name"], example


# Parts in twenty.
_SHARES = {"train": 14, "validation": 3, "test": 3}


def _split_of(character: str) -> str:
    """The split of a character, from the character alone: the same on every machine, and for all its drawings."""
    # Unicode has some characters twice, for compatibility with older codes: those are one character here.
    character = unicodedata.normalize("NFKC", _TWINS.get(character, character))
    part = int.from_bytes(hashlib.sha256(character.encode()).digest()[:8], "big") % 20
    if part < _SHARES["test"]:
        return "test"
    return "validation" if part < _SHARES["test"] + _SHARES["validation"] else "train"


def _kanji(config: KanjiConfig, files: Sequence[Path], split: str) -> Iterator[dict]:
    for file in files:
        character = character_of(file)
        if _split_of(character) != split:
            continue
        drawing = read_drawing(file)
        if drawing.radical not in config.radicals:
            continue
        lines = [strokes.simplify(line, config.epsilon) for line in drawing.lines()]
        yield {
            "strokes": strokes.to_stroke3(lines),
            "label": drawing.radical,
            "name": file.stem,
            "character": character,
            "radical": np.repeat(drawing.in_radical, [len(line) for line in lines]),
        }


def _fetched(config: QuickDrawConfig, name: str, folder: Path) -> Path:
    address = f"{config.base_address.rstrip('/')}/{quote(name)}.npz"
    # Files of the same name at another address are other files.
    source = urlsplit(address)
    place = folder / source.netloc.replace(":", "_") / source.path.strip("/")
    try:
        return download(address, place.with_name(f"{name}.npz"), _check_sketches, config.checksums.get(name))
    except MissingFileError as error:
        near = difflib.get_close_matches(name, NAMES, cutoff=0.5)
        hint = f"Did you mean {' or '.join(map(repr, near))}?" if near else "No class has a name like it."
        raise DataFileError(f"There are no sketches of the class {name!r}. {hint} {error}") from error


def _check_sketches(file: Path) -> None:
    for array in ("train", "valid", "test"):
        read_drawings(file, array)


def _sketches(files: Mapping[str, Path], array: str) -> Iterator[dict]:
    for label, file in files.items():
        for number, drawing in enumerate(read_drawings(file, array)):
            yield {"strokes": drawing, "label": label, "name": f"{label}-{array}-{number}"}
