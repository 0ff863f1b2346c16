"""The library that the chapters and the assignments of the course share.

Importing it sets two environment variables, unless they are set already: TensorFlow
keeps its log off the notebooks, and TensorFlow Datasets does not look for a cloud.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("NO_GCE_CHECK", "true")

__version__ = "0.1.0"
