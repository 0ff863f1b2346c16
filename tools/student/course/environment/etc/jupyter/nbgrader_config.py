# What "nbgrader validate" and JupyterLab's button of that name wait for, as when the assignments are marked.
c = get_config()  # noqa: F821
c.Execute.timeout = 180
c.Execute.startup_timeout = 120
