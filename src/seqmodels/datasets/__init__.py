"""The course's data sets, as TensorFlow Datasets builders.

Importing this package registers them, so that ``tfds.load("cta_ridership")`` finds them.
Nothing is downloaded, except for ``sketch_rnn/quickdraw``: the files come from packages that
``make data`` installs.
"""

from seqmodels._packages import DataFileError, home
from seqmodels.datasets.cta_ridership import CtaRidership
from seqmodels.datasets.daily_stocks import DailyStocks
from seqmodels.datasets.movie_reviews import MovieReviews
from seqmodels.datasets.pronunciations import Pronunciations
from seqmodels.datasets.reuters_news import ReutersNews
from seqmodels.datasets.shakespeare import Shakespeare
from seqmodels.datasets.sketch_rnn import KanjiConfig, QuickDrawConfig, SketchRnn

__all__ = [
    "CtaRidership",
    "DailyStocks",
    "DataFileError",
    "KanjiConfig",
    "MovieReviews",
    "Pronunciations",
    "QuickDrawConfig",
    "ReutersNews",
    "Shakespeare",
    "SketchRnn",
    "home",
]
