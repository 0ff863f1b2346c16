"""Run a student's notebook to its end, whatever one of its cells does.

nbgrader's own step drops a whole submission when a cell ends Python, or goes on when it is told to stop,
and keeps all that a cell writes.
"""

import copy
import json
import re
import time

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute
from traitlets import Integer

from seqmodels.grading import messages
from seqmodels.grading.forked_kernels import ForkedKernelManager
from seqmodels.grading.kernel import CUT
from seqmodels.grading.messages import listed, note

_STREAM = "seqmodels.grading.kernel.LimitedStream"
_OUTPUTS = ("stream", "display_data", "update_display_data", "execute_result", "error")
_SMALL = 1000  # letters; a number of points is shorter
_IMPORT = re.compile(r"^\s*(import|from)\s+(tensorflow|keras)\b", re.MULTILINE)
_TIMED_OUT = "CellTimeoutError"  # as in nbgrader's Execute.error_on_timeout


class ExecuteToTheEnd(Execute):
    """nbgrader's Execute, which starts Python again for the cells after one that ended it.

    The cells before are run once more then, but for those that ended it, so that the others find
    what they need.
    """

    total_timeout = Integer(900, help="Seconds for one notebook; its other cells are not run.").tag(config=True)
    most_restarts = Integer(3, help="How often Python is started again for one notebook.").tag(config=True)
    most_output = Integer(5_000_000, help="Letters of one cell's output, pictures included.").tag(config=True)

    def preprocess(self, notebook: NotebookNode, resources: dict, km=None) -> tuple[NotebookNode, dict]:
        if _imports_tensorflow(notebook):
            self.kernel_manager_class = ForkedKernelManager
        self._deadline = time.monotonic() + self.total_timeout
        self._ended, self._events, self._room = set(), {}, {}
        self.extra_arguments = [*self.extra_arguments, f"--IPKernelApp.outstream_class={_STREAM}"]
        self.store_widget_state = False
        notebook, resources = super().preprocess(notebook, resources, km)
        messages.add(notebook, self._notes())
        return notebook, resources

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        if cell.cell_type != "code":
            return cell, resources
        if self._is_used_up():
            self._stop(cell, "not_run", "NotRun", "The notebook took too long, or ended Python too often.")
            return cell, resources
        try:
            cell, resources = super().preprocess_cell(cell, resources, index)
        except DeadKernelError:
            self._stop(cell, "died", "PythonEnded", "Python ended while this cell ran.")
            self._start_again(index)
        except CellTimeoutError:
            # It was told to stop and went on.
            self._stop(cell, "timeout", _TIMED_OUT, "This cell took too long, and could not be stopped.")
            self._start_again(index)
        else:
            if any(output.get("ename") == _TIMED_OUT for output in cell.outputs):
                self._remember("timeout", cell)
            if any(CUT in output.get("text", "") for output in cell.outputs):
                self._remember("output", cell)
        return cell, resources

    def on_cell_executed(self, **kwargs) -> None:
        super().on_cell_executed(**kwargs)
        # quit() lets the cell end well, and Python a moment later, in the middle of the next one.
        payload = kwargs["execute_reply"]["content"].get("payload", [])
        if any(part.get("source") == "ask_exit" for part in payload):
            raise DeadKernelError("The cell asked Python to end.")

    def process_message(self, msg: dict, cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        if msg["msg_type"] in _OUTPUTS:
            size = len(json.dumps(msg["content"], default=str))
            self._room[cell_index] = self._room.get(cell_index, self.most_output) - size
            # The result of a test is its points: it gets through.
            is_points = msg["msg_type"] == "execute_result" and size <= _SMALL
            if self._room[cell_index] < 0 and not is_points and msg["msg_type"] != "error":
                self._remember("output", cell)
                return None
        return super().process_message(msg, cell, cell_index)

    def _get_timeout(self, cell: NotebookNode | None) -> int | None:
        left = max(1, int(self._deadline - time.monotonic()))
        return min(super()._get_timeout(cell) or left, left)

    def _start_again(self, index: int) -> None:
        """A new kernel in the state in which the cell of this number found the old one."""
        self._ended.add(index)
        while not self._is_used_up() and not self._has_started_again(index):
            pass

    def _has_started_again(self, index: int) -> bool:
        self._cleanup_kernel()
        self.km = self.create_kernel_manager()
        self.start_new_kernel()
        self.start_new_kernel_client()
        for number, cell in enumerate(self.nb.cells[:index]):
            if cell.cell_type != "code" or number in self._ended:
                continue
            try:
                self.execute_cell(copy.deepcopy(cell), number)
            except (DeadKernelError, CellTimeoutError):
                self._ended.add(number)
                self._stop(cell, "died", "PythonEnded", "Python ended when this cell ran again.")
                return False
            finally:
                self.nb.cells[number] = cell  # with the outputs of the first time
        return True

    def _is_used_up(self) -> bool:
        return len(self._ended) > self.most_restarts or time.monotonic() > self._deadline

    def _stop(self, cell: NotebookNode, event: str, name: str, reason: str) -> None:
        self._remember(event, cell)
        cell.outputs = [
            *cell.get("outputs", []),
            new_output("error", ename=name, evalue=reason, traceback=[f"{name}: {reason}"]),
        ]

    def _remember(self, event: str, cell: NotebookNode) -> None:
        name = cell.metadata.get("nbgrader", {}).get("grade_id") or "an added cell"
        names = self._events.setdefault(event, [])
        if name not in names:
            names.append(name)

    def _notes(self) -> list[messages.Note]:
        return [note(event, names=listed(names), seconds=self.timeout) for event, names in self._events.items()]


def _imports_tensorflow(notebook: NotebookNode) -> bool:
    return any(_IMPORT.search(cell.source) for cell in notebook.cells if cell.cell_type == "code")
