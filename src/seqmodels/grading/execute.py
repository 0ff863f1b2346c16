"""Run a student's notebook to its end, whatever one of its cells does, and the tests where it cannot reach them.

Two kernels run. The student's runs all cells but the tests; the other one runs the tests and never the
student's code, which it asks for through a channel (channel/). Both are walled in (sandbox/).

nbgrader's own step runs everything in one kernel, drops a whole submission when a cell ends Python, or goes on when
it is told to stop, and keeps all that a cell writes.
"""

import asyncio
import contextlib
import copy
import json
import queue
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from jupyter_core.utils import ensure_async, run_sync
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute
from nbgrader.utils import determine_grade, find_all_files, is_solution
from traitlets import Float, Integer

from seqmodels.grading import causes, messages, timestamps
from seqmodels.grading.channel.names import Plan, is_test
from seqmodels.grading.channel.relay import TIMEOUT, Relay
from seqmodels.grading.kernel import CUT
from seqmodels.grading.messages import listed, note
from seqmodels.grading.sandbox import backlog
from seqmodels.grading.sandbox.client import MESSAGES, PARTS
from seqmodels.grading.sandbox.kernels import Template
from seqmodels.grading.sandbox.manager import SandboxedKernelManager
from seqmodels.grading.sandbox.waiting import Clock
from seqmodels.grading.shown import Shown, as_text, is_output, refuse_what_is_no_number, shorten

_STREAM = "seqmodels.grading.kernel.LimitedStream"
_OUTPUTS = ("stream", "display_data", "update_display_data", "execute_result", "error")
_UNDERSTOOD = (*_OUTPUTS, "clear_output", "execute_input", "status")
_PAUSE = 0.2  # seconds between two looks at a cell whose time is over by the clock on the wall
_IMPORT = re.compile(r"^\s*(import|from)\s+(tensorflow|keras)\b", re.MULTILINE)
_TIMED_OUT = "CellTimeoutError"  # as in nbgrader's Execute.error_on_timeout
# Both are imported already in the kernels, so that nothing beside the notebook comes in their place.
_SERVE = "__import__('seqmodels.grading.channel.student', fromlist=['serve']).serve()"
_TESTER = "__import__('seqmodels.grading.channel.tester', fromlist=['done'])"


class ExecuteToTheEnd(Execute):
    """nbgrader's Execute, which starts Python again for the cells after one that ended it.

    The cells before are run once more then, but for those that ended it, so that the others find
    what they need.
    """

    total_timeout = Integer(900, help="Seconds for one notebook; its other cells are not run.").tag(config=True)
    # nbclient's own: after this a cell's outputs are not waited for. On a busy machine its 4 seconds are too few.
    iopub_timeout = Integer(15, help="Seconds for an output to come when its cell has ended.").tag(config=True)
    most_restarts = Integer(3, help="How often Python is started again for one notebook.").tag(config=True)
    patience = Integer(10, help="Seconds for a kernel to come to rest after a test, before it is interrupted.").tag(
        config=True
    )
    busy = Float(
        0.5,
        help="The share of the time that a notebook waits for processors from which on a limit of time may be the machine's fault: a person decides.",
    ).tag(config=True)
    most_output = Integer(5_000_000, help="Letters of one cell's output, pictures included.").tag(config=True)
    most_backlog = Integer(3 << 29, help="Bytes of messages of the kernels that wait to be read.").tag(config=True)
    most_outputs = Integer(10_000_000, help="Letters of the output of all cells.").tag(config=True)

    def preprocess(self, notebook: NotebookNode, resources: dict, km=None) -> tuple[NotebookNode, dict]:
        self.kernel_manager_class = SandboxedKernelManager
        self._frameworks = _imports_tensorflow(notebook)
        self._plan = Plan(**notebook.metadata[messages.KEY].pop("plan"))
        self._of_tests = notebook.metadata[messages.KEY].pop("of_tests")  # names that the tests, as handed out, define
        self._students: list[SandboxedKernelManager] = []
        self._ended, self._events, self._repeats = set(), {}, False
        self._shown = Shown(self.most_output, self.most_outputs)
        self._causes: list[tuple[causes.Cause, NotebookNode]] = []
        self.extra_arguments = [*self.extra_arguments, f"--IPKernelApp.outstream_class={_STREAM}"]
        self.store_widget_state = False
        self._tests, self._given, self._serving = None, [], None
        with (
            Clock(Template.numbers) as self._clock,
            tempfile.TemporaryDirectory(prefix="seqmodels-beside-") as beside,
            tempfile.TemporaryDirectory(prefix="seqmodels-handed-out-") as handed_out,
        ):
            begun, self._deadline = time.monotonic(), self._now() + self.total_timeout
            self._files, self._handed_out = Path(beside), Path(handed_out)
            _copy_companions(Path(resources["metadata"]["path"]), self._files)
            # As in Rebuild: a preprocessor belongs to an exporter, and that to the converter.
            _copy_handed_out(self.parent.parent.coursedir, resources["nbgrader"]["assignment"], self._handed_out)
            self._relay = Relay(clock=self._now)
            try:
                with backlog.watched(self.most_backlog, self._cut_off):
                    notebook, resources = super().preprocess(notebook, resources, km)
            finally:
                self._end_tests()
                self._relay.close()
            self._tell_causes(notebook)
            messages.add(notebook, self._notes(time.monotonic() - begun))
        return notebook, resources

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        if cell.cell_type != "code":
            return cell, resources
        if cell.id in self._plan.given and not self._is_used_up():
            self._run_given(cell)
        if self._is_used_up():
            self._stop(cell, "not_run", "NotRun", "The notebook took too long, or ended Python too often.")
        elif is_test(cell):
            self._test(cell, resources, index)
        else:
            self._run(cell, resources, index)
        if any(CUT in output.get("text", "") for output in cell.outputs):
            self._remember("output", cell)
        return cell, resources

    def _run(self, cell: NotebookNode, resources: dict, index: int) -> None:
        """Run a cell in the student's kernel."""
        # When it shows too much, some of that may get lost. The points, which a test shows, must not.
        self.raise_on_iopub_timeout = False
        try:
            super().preprocess_cell(cell, resources, index)
        except DeadKernelError:
            self._stop(cell, self._limit() or "died", "PythonEnded", "Python ended while this cell ran.")
            self._start_again(index)
        except CellTimeoutError:
            # It was told to stop and went on.
            self._stop(cell, "timeout", _TIMED_OUT, "This cell took too long, and could not be stopped.")
            self._start_again(index)
        else:
            self._remember_timeout(cell)
            if cause := causes.of(cell.outputs, self._of_tests):
                self._causes.append((cause, cell))

    def _test(self, cell: NotebookNode, resources: dict, index: int) -> None:
        """Run a test in the kernel of the tests, while the student's answers what it asks for."""
        self._relay.begin(self._get_timeout(cell))
        serving = run_sync(self._async_request)(self.kc, _SERVE)
        self._serving = self.kc, serving
        try:
            with self._in_tests():
                self._in_silence(f"{_TESTER}.ask_for({self._plan.asked[cell.id]!r})")
                try:
                    super().preprocess_cell(cell, resources, index)
                finally:
                    served, self._serving = self._serving, None
                    self._in_silence(f"{_TESTER}.done()")
        except (DeadKernelError, CellTimeoutError):
            # What the student's code answered was too much for it.
            self._stop(cell, "unreadable", "NoAnswer", "The test could not be run to its end.")
            self._end_tests()
            self._relay.close()
            self._relay = Relay(clock=self._now)
            self._start_again(index)
            return
        finally:
            self._serving = None
            self._relay.end()
        self._remember_timeout(cell)
        if cause := causes.of_test(cell.outputs):
            self._causes.append((cause, cell))
        refuse_what_is_no_number(cell)
        if self._relay.lost is not None:
            self._remember(self._limit() or self._relay.lost, cell)
        lost = self._relay.lost
        # One that has stopped serving before it was told to will not begin again.
        if lost not in (None, TIMEOUT) or served is None or not self._comes_to_rest(serving, lost == TIMEOUT):
            self._start_again(index)

    def _run_given(self, cell: NotebookNode) -> None:
        """Run a cell that was handed out in the kernel of the tests too, where a test needs what it defines."""
        with self._in_tests():
            # However little time the student's own cells have left of the notebook's.
            reply = self._in_silence(cell.source, self.timeout)
        self._given.append(cell)
        if reply["status"] != "ok" and "raises-exception" not in cell.metadata.get("tags", []):
            raise RuntimeError(
                f"The cell {cell.id}, which was handed out, fails: {reply.get('ename')}: {reply.get('evalue')}"
            )

    @contextlib.contextmanager
    def _in_tests(self) -> Iterator[None]:
        """Let what is done to the kernel be done to the kernel of the tests, which is started when it is first needed."""
        students = self.km, self.kc
        try:
            if self._tests is None:
                begun = self._now()
                self.km = self.create_kernel_manager()
                with self._relay.tests as end:
                    super().start_new_kernel(channel=end, files=self._handed_out)
                self.start_new_kernel_client()
                self._tests = self.km, self.kc
                for cell in self._given:
                    self._in_silence(cell.source, self.timeout)
                self._deadline += self._now() - begun  # no time of the student's either
            self.km, self.kc = self._tests
            self.raise_on_iopub_timeout = True
            yield
        finally:
            self.km, self.kc = students

    def _end_tests(self) -> None:
        if self._tests is not None:
            with self._in_tests():
                self._cleanup_kernel()
            self._tests = None

    def _in_silence(self, code: str, seconds: float | None = None) -> dict:
        """Run something of our own in the kernel, and return its reply. It shows nothing in the notebook."""
        return run_sync(self._async_in_silence)(code, seconds or self._get_timeout(None))

    async def _async_in_silence(self, code: str, seconds: float) -> dict:
        number = await self._async_request(self.kc, code)
        return await self._async_reply(self.kc, number, seconds)

    async def _async_request(self, client, code: str) -> str:
        # An error in it must not let the kernel pass over what comes next.
        asked = client.execute(code, silent=True, store_history=False, allow_stdin=False, stop_on_error=False)
        return await ensure_async(asked)

    async def _async_reply(self, client, number: str, seconds: float) -> dict:
        """The reply to a request.

        Raises:
          DeadKernelError: the kernel has ended.
          CellTimeoutError: there was none in time.
        """
        deadline = self._now() + seconds
        while self._now() < deadline:
            with contextlib.suppress(queue.Empty):
                reply = await ensure_async(client.get_shell_msg(timeout=1))
                if reply["parent_header"].get("msg_id") == number:
                    return reply["content"]
            await self._async_check_alive()
        raise CellTimeoutError("the kernel does not answer")

    def _comes_to_rest(self, request: str, interrupt: bool) -> bool:
        """Whether the student's kernel has done what it was asked for, if need be after an interrupt.

        If the interrupt has broken off the serving itself, half an answer may be on its way, and no more can follow it.
        """
        for interrupted in (interrupt, True):
            if interrupted:
                run_sync(self._async_interrupt)()
            with contextlib.suppress(CellTimeoutError, DeadKernelError):
                return run_sync(self._async_reply)(self.kc, request, self.patience)["status"] == "ok"
        return False

    async def _async_check_alive(self) -> None:
        """nbclient's, once a second while a cell runs; looks also whether the student's kernel still answers a test."""
        await super()._async_check_alive()
        if self._serving is None:
            return
        client, number = self._serving
        with contextlib.suppress(queue.Empty):
            while True:
                reply = await ensure_async(client.get_shell_msg(timeout=0))
                if reply["parent_header"].get("msg_id") == number:
                    self._serving = None
                    self._relay.give_up()
                    return

    def _now(self) -> float:
        """Seconds by which limits are measured: how busy the machine is must not cost a student points."""
        return self._clock.now()

    def on_cell_execute(self, **kwargs) -> None:
        self._begun = self._now()

    async def _async_handle_timeout(self, timeout: int, cell: NotebookNode | None = None) -> dict | None:
        # nbclient goes by the clock on the wall.
        while self._now() < self._begun + timeout:
            if await ensure_async(self.kc.shell_channel.msg_ready()):
                return None
            await asyncio.sleep(_PAUSE)
            await self._async_check_alive()
        self.raise_on_iopub_timeout = True  # unless it comes to rest now, Python has to be ended
        return await super()._async_handle_timeout(timeout, cell)

    async def _async_interrupt(self) -> None:
        await ensure_async(self.km.interrupt_kernel())

    def _limit(self) -> str | None:
        """Which limit has ended the kernel, if it was one."""
        if self.km.provisioner is None:
            return None
        run_sync(self.km.provisioner.poll)()  # it is known when the kernel has been seen to have ended
        return self.km.provisioner.limit

    def create_kernel_manager(self) -> SandboxedKernelManager:
        manager = super().create_kernel_manager()
        manager.frameworks = self._frameworks
        return manager

    def start_new_kernel(self, **kwargs) -> None:
        """Start the student's kernel, with what the student has sent beside the notebook."""
        self._students.append(self.km)
        with self._relay.connect() as end:
            super().start_new_kernel(channel=end, files=self._files, **kwargs)
        if len(self._students) == 1:
            # What it takes to start, and to import TensorFlow for the first kernel of all, is no time of the student's.
            self._deadline = self._now() + self.total_timeout

    def _cut_off(self) -> None:
        for manager in self._students[-1:]:
            manager.cut_off(MESSAGES)

    def on_cell_executed(self, **kwargs) -> None:
        super().on_cell_executed(**kwargs)
        if kwargs["execute_reply"].get(PARTS, 0) is None:  # one that nbclient makes up has none
            self._remember("output", kwargs["cell"])
        # quit() lets the cell end well, and Python a moment later, in the middle of the next one.
        payload = kwargs["execute_reply"]["content"].get("payload")
        if any(part.get("source") == "ask_exit" for part in payload or []):
            raise DeadKernelError("The cell asked Python to end.")

    def process_message(self, msg: dict, cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        count = msg["content"].get("execution_count")
        if msg["msg_type"] not in _UNDERSTOOD or (count is not None and not (isinstance(count, int) and count > 0)):
            # Widgets, which nobody will use; and what a student's code has made up.
            return None
        if self._repeats and msg["msg_type"] in (*_OUTPUTS, "clear_output"):
            return None  # the outputs of the first time stay
        if msg["msg_type"] == "clear_output" and not msg["content"].get("wait"):
            self._shown.clear(cell_index)
        if msg["msg_type"] in _OUTPUTS:
            # Without its result or its error, a test would have all of its points.
            is_verdict = is_test(cell) and msg["msg_type"] in ("execute_result", "error")
            if is_verdict or msg["msg_type"] == "error":
                shorten(msg["content"])
            if not is_verdict and (msg[PARTS] is None or self._shown.is_read(cell_index)):
                # At once: a cell that floods the grader is to come to its end.
                self._remember("output", cell)
                return None
            text = as_text(msg["content"])
            letters = self._shown.read(cell_index, len(text), msg[PARTS] or 0)
            if not is_output(msg):
                return None
            if not is_verdict and not self._has_room(msg, cell, cell_index, letters):
                self._remember("output", cell)
                return None
            if not text.isascii():
                # Half a character of two halves cannot be written to a file.
                msg["content"] = json.loads(text.encode(errors="replace"))
        return super().process_message(msg, cell, cell_index)

    def _has_room(self, msg: dict, cell: NotebookNode, cell_index: int, letters: int) -> bool:
        """Whether what a message shows has room in the notebook."""
        is_new = msg["msg_type"] != "update_display_data"
        # As nbclient does: what is shown next takes the place of what was there, and what bears the same name changes.
        clears = is_new and self.clear_before_next_output
        name = (msg["content"].get("transient") or {}).get("display_id")
        places = [
            (number, output)
            for number, outputs in self._display_id_map.get(name, {}).items()
            for output in outputs
            if not (clears and number == cell_index)
        ]
        if is_new:
            places.append((cell_index, 0 if clears else len(cell.outputs)))
        return self._shown.takes(cell_index, letters, places, clears)

    def _get_timeout(self, cell: NotebookNode | None) -> int | None:
        left = max(1, int(self._deadline - self._now()))
        seconds = min(super()._get_timeout(cell) or left, left)
        # The tests themselves are to get the answer that the student's code took too long.
        return seconds + self.patience if self.km is not None and (self.km, self.kc) == self._tests else seconds

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
            if cell.cell_type != "code" or number in self._ended or is_test(cell):
                continue
            self.raise_on_iopub_timeout, self._repeats = False, True
            try:
                self.execute_cell(copy.deepcopy(cell), number)
            except (DeadKernelError, CellTimeoutError):
                self._ended.add(number)
                self._stop(cell, self._limit() or "died", "PythonEnded", "Python ended when this cell ran again.")
                return False
            finally:
                self._repeats = False
                self.nb.cells[number] = cell  # with the outputs of the first time
        return True

    def _is_used_up(self) -> bool:
        return len(self._ended) > self.most_restarts or self._now() > self._deadline

    def _remember_timeout(self, cell: NotebookNode) -> None:
        if any(output.get("ename") == _TIMED_OUT for output in cell.outputs):
            self._remember("timeout", cell)

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

    def _tell_causes(self, notebook: NotebookNode) -> None:
        """Remember why cells have failed, unless it has cost nothing: Colab's own cells fail here for everybody."""
        some_lost = any(_has_lost(cell) for cell in notebook.cells if is_test(cell))
        self._causes = [(cause, cell) for cause, cell in self._causes if some_lost or is_solution(cell)]
        for cause, cell in self._causes:
            self._remember(cause.event, cell)

    def _notes(self, took: float) -> list[messages.Note]:
        missing = dict.fromkeys(cause.missing for cause, _ in self._causes if cause.event == causes.MISSING_PACKAGE)
        more = {"seconds": self.timeout, "missing": listed(missing), "there": causes.packages()}
        found = [note(event, names=listed(names), **more) for event, names in self._events.items()]
        waited = self._clock.left_out
        met = {"timeout", "processor"} & self._events.keys() or self._now() > self._deadline
        if met and waited > self.busy * took:
            found.append(note("busy", waited=round(waited), took=round(took)))
        return found


def _imports_tensorflow(notebook: NotebookNode) -> bool:
    return any(_IMPORT.search(cell.source) for cell in notebook.cells if cell.cell_type == "code")


def _has_lost(test: NotebookNode) -> bool:
    """Whether a test has given less than all of its points."""
    given, most = determine_grade(test)
    return given < most


def _copy_handed_out(course: CourseDirectory, assignment: str, target: Path) -> None:
    """Copy what the teacher lays beside everybody's notebook: nothing of it is the student's."""
    folder = course.format_path(course.source_directory, ".", assignment)
    for path in find_all_files(folder, [*course.ignore, "*.ipynb"]):
        copy_ = target / Path(path).relative_to(folder)
        copy_.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy_)


def _copy_companions(folder: Path, target: Path) -> None:
    """Copy what lies beside the notebook, and no notebook: that has the tests in it."""
    left_out = shutil.ignore_patterns("*.ipynb", timestamps.FILE, timestamps.SECRET)
    shutil.copytree(folder, target, dirs_exist_ok=True, ignore=left_out)
