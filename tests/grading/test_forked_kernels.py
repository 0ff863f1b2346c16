"""Kernels that are forked from a process with TensorFlow: like others for a notebook, and never left behind."""

import os
import signal
import sys
import time

import nbclient
import nbformat
import pytest
from nbclient.exceptions import DeadKernelError

from seqmodels.grading import forked_kernels
from seqmodels.grading.execute import _imports_tensorflow
from seqmodels.grading.forked_kernels import ForkedKernelManager, TemplateError

PATIENCE = 60


def run(*sources, **options):
    """Run code cells in a forked kernel; returns the executed notebook."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    client = nbclient.NotebookClient(
        notebook,
        kernel_name="python3",
        kernel_manager_class=ForkedKernelManager,
        timeout=PATIENCE,
        shutdown_kernel="immediate",
        **options,
    )
    return client.execute()


def said(notebook):
    return "".join(output.get("text", "") for cell in notebook.cells for output in cell.outputs).split()


def is_gone(pid):
    """Whether a process has ended, or is about to: one that nobody has asked about is a zombie."""
    try:
        with open(f"/proc/{pid}/stat") as stream:
            return stream.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def wait_until_gone(pid):
    end = time.monotonic() + PATIENCE
    while not is_gone(pid):
        assert time.monotonic() < end, f"process {pid} is still there"
        time.sleep(0.05)


def test_kernel_begins_with_tensorflow_and_is_its_own(tmp_path):
    source = "import os, sys; print('tensorflow' in sys.modules, os.getpid(), os.getppid(), os.getcwd())"
    first, second = (said(run(source, resources={"metadata": {"path": str(tmp_path)}})) for _ in range(2))
    assert first[0] == second[0] == "True"
    assert first[1] != second[1]
    assert first[2] == second[2], "both are forked from one process"
    assert first[3] == second[3] == str(tmp_path)
    wait_until_gone(first[1])


def test_kernel_trains_draws_and_reports_errors():
    executed = run(
        "import keras, numpy as np\n"
        "model = keras.Sequential([keras.Input((3, 2)), keras.layers.LSTM(4), keras.layers.Dense(1)])\n"
        "model.compile('adam', 'mse')\n"
        "history = model.fit(np.ones((8, 3, 2)), np.ones((8, 1)), verbose=0)\n"
        "print(model.count_params(), len(history.history['loss']))",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
        "1 / 0",
        allow_errors=True,
    )
    assert said(executed) == ["117", "1"]
    assert "image/png" in executed.cells[1].outputs[0].data
    assert executed.cells[2].outputs[0].ename == "ZeroDivisionError"


def test_kernels_draw_different_random_numbers():
    source = "import random, numpy; print(random.random(), numpy.random.rand())"
    first, second = said(run(source)), said(run(source))
    assert first[0] != second[0]
    assert first[1] != second[1]


def test_environment_is_that_of_the_kernel(monkeypatch):
    monkeypatch.setenv("ONLY_HERE", "yes")
    assert said(run("import os; print(os.environ['ONLY_HERE'])")) == ["yes"]
    monkeypatch.delenv("ONLY_HERE")
    assert said(run("import os; print('ONLY_HERE' in os.environ)")) == ["False"]


def test_kernel_that_dies_is_noticed_and_the_next_one_runs():
    with pytest.raises(DeadKernelError):
        run("import os", "os._exit(3)")
    assert said(run("print('here')")) == ["here"]


def test_cell_that_takes_too_long_is_interrupted():
    executed = run(
        "import time",
        "try:\n    time.sleep(1000)\nexcept KeyboardInterrupt:\n    print('interrupted')",
        "print('after')",
        interrupt_on_timeout=True,
        allow_errors=True,
        error_on_timeout={"ename": "Timeout", "evalue": "", "traceback": []},
        timeout_func=lambda cell: 1 if "sleep" in cell.source else PATIENCE,
    )
    assert said(executed)[-1] == "after"
    assert executed.cells[1].outputs


def test_kernels_end_with_their_template_and_a_new_one_takes_its_place(tmp_path):
    template = forked_kernels._Template.running()
    kernel = template.fork(["-f", str(tmp_path / "kernel.json")], str(tmp_path), dict(os.environ))
    assert kernel.poll() is None
    os.kill(template._process.pid, signal.SIGKILL)
    assert kernel.wait() == -signal.SIGKILL
    wait_until_gone(kernel.pid)
    with pytest.raises(TemplateError, match="ended"):
        template.fork([], "/", {})
    assert said(run("print('here')")) == ["here"]


def test_template_that_cannot_start_says_why(monkeypatch, capfd):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(TemplateError, match="ended"):
        forked_kernels._Template().fork([], "/", {})


def test_only_a_notebook_that_imports_tensorflow_is_forked():
    def imports(source):
        return _imports_tensorflow(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)]))

    assert imports("import numpy\nfrom keras import layers")
    assert imports("import tensorflow as tf")
    assert not imports("import numpy as np\nwords = 'we import keras'")


def test_closing_ends_everything(tmp_path):
    template = forked_kernels._Template()
    kernel = template.fork(["-f", str(tmp_path / "kernel.json")], str(tmp_path), dict(os.environ))
    template.close()
    assert template._process.returncode == 0
    wait_until_gone(kernel.pid)
