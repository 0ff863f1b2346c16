# Installed into the environment's etc/ipython, where every kernel of it reads it.
#
# TensorFlow's C++ code writes log lines straight to file descriptor 2, whatever
# TF_CPP_MIN_LOG_LEVEL says. With this setting they go to the terminal that runs
# Jupyter and not into notebooks, where nbgrader takes any of them for a failed test.
# What Python code prints is not affected.
c.IPKernelApp.capture_fd_output = False  # noqa: F821
