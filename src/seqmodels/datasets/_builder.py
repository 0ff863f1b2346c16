"""What every builder of the course has in common."""

import tensorflow_datasets as tfds

from seqmodels._packages import home


class CourseBuilder(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    """A TensorFlow Datasets builder that keeps its data in the course's own folder.

    The source files come from pinned packages, so nothing is downloaded. ``data_dir`` still
    names another place for the prepared data.
    """

    def __init__(self, *, data_dir=None, **kwargs):
        super().__init__(data_dir=data_dir or home() / "tensorflow_datasets", **kwargs)
