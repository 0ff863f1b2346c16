"""The same work on several machines, handed out by a scheduler of dask.distributed.

A task is one submission. The worker of Dask that gets it only watches a process of its own that grades, as the pool
does on one machine: so a submission that hangs is ended there too. When a worker of Dask dies, the scheduler gives
its submission to another one, and gives up when that has happened several times.

All machines see the course folder under the same path, on a file system that they share, and have this course
installed in the same versions. The gradebook is in PostgreSQL, unless there is one machine only: SQLite's locks are
not to be trusted on network file systems.
"""

import contextlib
import dataclasses
import queue
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from seqmodels.grading.runner import results
from seqmodels.grading.runner.course import WrongUse
from seqmodels.grading.runner.results import Result
from seqmodels.grading.runner.unit import Job
from seqmodels.grading.runner.worker import ONE_THREAD, Worker

_CONNECT_SECONDS = 10
_LOOKS = 10  # seconds between two, whether there is a worker
_WITHOUT_WORKERS = 300  # seconds that a run waits for a worker to come back
_GONE = "The scheduler at {address} has gone, or all of its workers have"

_of_thread = threading.local()
_workers: dict[str, list[Worker]] = {}  # by what they grade


def grade(jobs: Sequence[Job], address: str, limit: float, sqlite: bool) -> Iterator[Result]:
    """Grade submissions; yields the results as they come.

    Args:
      jobs: the submissions.
      address: where the scheduler is, such as tcp://host:8786.
      limit: seconds for one submission.
      sqlite: whether the gradebook is in SQLite.

    Raises:
      WrongUse: there is no such scheduler, or its workers will not do.
      ConnectionError: the scheduler or all workers have gone, and do not come back.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise WrongUse(f"--scheduler needs dask.distributed: pip install 'seqmodels[dask]' ({error}).") from error
    try:
        client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise WrongUse(f"There is no scheduler at {address}: start one with 'dask scheduler' ({error}).") from error
    # No two runs grade the same assignment at a time, but this one may come after one that was killed.
    run, futures = f"{jobs[0].course} {jobs[0].assignment}", {}
    with client:
        environment = _environment(client, address, sqlite)
        try:
            client.run(_close, run)
            futures = {
                client.submit(_grade, run, dataclasses.asdict(job), environment, limit, pure=False): job.student
                for job in jobs
            }
            for future in _as_they_end(client, address, futures):
                if future.status == "finished":
                    result = Result(**future.result(timeout=_WITHOUT_WORKERS))
                    future.release()  # or it would be graded again when the worker that holds the result dies
                    yield result
                elif future.status == "cancelled":  # by the client, which has lost the scheduler
                    raise ConnectionError(_GONE.format(address=address))
                else:
                    yield results.failed(futures[future], f"The workers that graded it died: {future.exception()}")
        finally:
            # A machine that is gone has nothing to close, be it a worker's or the scheduler's.
            with contextlib.suppress(OSError):
                client.cancel(list(futures), force=True)
                client.run(_close, run, on_error="ignore")


def _as_they_end(client, address: str, futures: Collection) -> Iterator:
    """The futures in the order in which they end. Dask's own as_completed waits for workers for ever."""
    ended: queue.SimpleQueue = queue.SimpleQueue()
    for future in futures:
        future.add_done_callback(ended.put)
    left, seen = len(futures), time.monotonic()
    while left:
        try:
            future = ended.get(timeout=_LOOKS)
        except queue.Empty:
            if client.status == "running" and client.scheduler_info(n_workers=-1).get("workers"):
                seen = time.monotonic()
            elif time.monotonic() > seen + _WITHOUT_WORKERS:
                raise ConnectionError(_GONE.format(address=address)) from None
        else:
            seen = time.monotonic()
            if future.status == "lost":  # with its worker; another one grades it again
                future.add_done_callback(ended.put)
                continue
            left -= 1
            yield future


def _environment(client, address: str, sqlite: bool) -> Mapping[str, str]:
    workers = client.scheduler_info(n_workers=-1)["workers"]
    if not workers:
        raise WrongUse(
            f"The scheduler at {address} has no workers: start some with 'dask worker {address} --nthreads 1'."
        )
    hosts = {urlsplit(worker).hostname for worker in workers}
    if sqlite and len(hosts) > 1:
        raise WrongUse(
            "The workers are on several machines, and the gradebook is in SQLite, which one machine alone can use: set "
            "c.CourseDirectory.db_url to a PostgreSQL database in nbgrader_config.py, and generate the assignment again."
        )
    several = sum(worker["nthreads"] for worker in workers.values()) > len(hosts)
    return ONE_THREAD if several else {}


def _grade(run: str, job: dict, environment: Mapping[str, str], limit: float) -> dict:
    """What a worker of Dask does: it has a process for each of its threads and each assignment."""
    own = _of_thread.__dict__.setdefault("workers", {})
    worker = own.get(run)
    if worker is None or worker.is_closed:
        worker = own[run] = Worker(environment, limit)
        _workers.setdefault(run, []).append(worker)
    return dataclasses.asdict(worker.grade(job))


def _close(run: str) -> None:
    """What each worker of Dask does before a run and in its end."""
    for worker in _workers.pop(run, []):
        worker.close()
