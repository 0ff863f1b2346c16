# "nbgrader validate" and JupyterLab's button of that name: what they take, and how long they wait, as when the
# assignments are marked.
from seqmodels.grading import validation

validation.install()
c = get_config()  # noqa: F821
c.Execute.timeout = 180
c.Execute.startup_timeout = 120
