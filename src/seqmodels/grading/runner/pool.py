"""Several workers on this machine, each with a submission of its own."""

import dataclasses
import queue
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from seqmodels.grading.runner.results import Result
from seqmodels.grading.runner.unit import Job
from seqmodels.grading.runner.worker import ONE_THREAD, Worker


def grade(jobs: Sequence[Job], count: int, limit: float) -> Iterator[Result]:
    """Grade submissions; yields the results as they come.

    Args:
      jobs: the submissions.
      count: how many at a time.
      limit: seconds for one of them.
    """
    count = min(count, len(jobs))
    workers = [Worker(ONE_THREAD if count > 1 else {}, limit) for _ in range(count)]
    idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
    for worker in workers:
        idle.put(worker)

    def run(job: Job) -> Result:
        worker = idle.get()
        try:
            return worker.grade(dataclasses.asdict(job))
        finally:
            idle.put(worker)

    # The threads only wait for their processes.
    executor = ThreadPoolExecutor(count)
    try:
        for future in as_completed([executor.submit(run, job) for job in jobs]):
            yield future.result()
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            worker.close()
        executor.shutdown()
