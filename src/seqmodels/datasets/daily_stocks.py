"""Daily prices of four companies' shares, 2000 to 2013."""

import numpy as np
import pandas as pd
import tensorflow_datasets as tfds

from seqmodels._packages import package_file
from seqmodels.datasets._builder import CourseBuilder
from seqmodels.datasets._splits import split_by_time

# The first day of each split that is not the first one: the same for every company, so that what one company's
# prices say about a day is not in the training data of another one.
VALIDATION_START = "2010-01-01"
TEST_START = "2011-07-01"

_DESCRIPTION = """
Prices and volumes of one company's shares on each day of trade up to 1 March 2013. One example is one day, in order
of time; days without trade (weekends, holidays, 11 to 14 September 2001) are not there. The splits are consecutive
and at the same dates for every company: train to the end of 2009, validation to the end of June 2011, test after it.

Open, high, low, close and volume are as traded. They jump where a share was split: Microsoft's close falls by 48 %
from one day to the next in February 2003, when two new shares replaced each old one. Use the adjusted close, which
removes splits and dividends. It removes those after 2013 as well, so that its level, though not its daily returns,
depends on what happened later. Some falls are real: Apple lost 52 % on 29 September 2000. Prices are stored with
seven digits.

The companies were chosen because they are well known, that is, because they did well: an average over them says
nothing about shares in general (survivorship bias).
"""

_CITATION = """
@misc{quandl2018wiki,
  title = {{WIKI} Prices: End-of-Day Stock Prices},
  author = {{Quandl}},
  howpublished = {As extracted in the package bokeh\\_sampledata},
  year = {2018}
}
"""

# Column of the source table -> feature of this data set.
_COLUMNS = {
    "Open": "open",
    "High": "high",
    "Low": "low",
    "Close": "close",
    "Volume": "volume",
    "Adj Close": "adjusted_close",
}


class DailyStocks(CourseBuilder):
    """Daily prices of one company's shares."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First version."}
    # The table also has Facebook: 196 days, all of them after TEST_START.
    BUILDER_CONFIGS = [
        tfds.core.BuilderConfig(name="aapl", description="Apple: 3,270 days from 1 March 2000."),
        tfds.core.BuilderConfig(name="goog", description="Google: 2,148 days from 19 August 2004, its first one."),
        tfds.core.BuilderConfig(name="ibm", description="IBM: 3,270 days from 1 March 2000."),
        tfds.core.BuilderConfig(name="msft", description="Microsoft: 3,270 days from 1 March 2000."),
    ]

    def _info(self) -> tfds.core.DatasetInfo:
        feature = lambda doc, dtype=np.float64: tfds.features.Scalar(dtype=dtype, doc=doc)  # noqa: E731
        return self.dataset_info_from_configs(
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(
                {
                    "date": tfds.features.Text(doc="The day, as YYYY-MM-DD."),
                    "open": feature("First price of the day, in dollars, as traded."),
                    "high": feature("Highest price of the day, in dollars, as traded."),
                    "low": feature("Lowest price of the day, in dollars, as traded."),
                    "close": feature("Last price of the day, in dollars, as traded."),
                    "volume": feature("Shares that changed hands, as traded.", np.int64),
                    "adjusted_close": feature("Last price of the day without the effect of splits and dividends."),
                }
            ),
            homepage="https://data.nasdaq.com/databases/WIKIP",
            citation=_CITATION,
            license="Public domain (Quandl WIKI Prices)",
            disable_shuffling=True,  # the order of the days is the point
        )

    def _split_generators(self, dl_manager):
        path = package_file("bokeh-sampledata", "bokeh_sampledata/_data/stocks.csv.gz")
        table = pd.read_csv(path, parse_dates=["Date"])
        company = self.builder_config.name.upper()
        table = table[table["Ticker"] == company].set_index("Date").sort_index()
        repeated = table.index.duplicated()
        if repeated.any():
            raise ValueError(f"{path}: {company} has {table.index[repeated][0]:%Y-%m-%d} twice")
        # Every model of returns takes logarithms or divides.
        wrong = ~(table[list(_COLUMNS)] > 0).all(axis="columns")
        if wrong.any():
            raise ValueError(
                f"{path}: {company} has a price or volume that is not positive on {wrong.idxmax():%Y-%m-%d}"
            )
        parts = split_by_time(table, VALIDATION_START, TEST_START)
        return {split: self._generate_examples(days) for split, days in parts.items()}

    def _generate_examples(self, days: pd.DataFrame):
        for number, (date, row) in enumerate(days[list(_COLUMNS)].iterrows()):
            values = {feature: row[column] for column, feature in _COLUMNS.items()}
            yield number, {"date": f"{date:%Y-%m-%d}", **values, "volume": int(values["volume"])}
