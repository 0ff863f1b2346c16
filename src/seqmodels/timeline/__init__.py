"""The history of sequence models: one file of works, a picture, and a table that can be searched."""

from seqmodels.timeline.picture import draw, svg
from seqmodels.timeline.table import show_table, table_html
from seqmodels.timeline.works import Timeline, TimelineError, Work, load

__all__ = ["Timeline", "TimelineError", "Work", "draw", "load", "show_table", "svg", "table_html"]
