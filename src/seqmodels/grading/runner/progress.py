"""How far a run has come: a bar in a terminal, and lines where the output goes elsewhere."""

import sys
import time
from collections.abc import Iterable, Iterator

from tqdm import tqdm

from seqmodels.grading.messages import quoted
from seqmodels.grading.runner.results import IN_WORDS, Result


def shown(found: Iterable[Result], total: int) -> Iterator[Result]:
    """Hand results on, and say how far the run has come."""
    stream = sys.stderr
    if not stream.isatty():
        yield from _in_lines(found, total)
        return
    with tqdm(total=total, unit="submission", file=stream, dynamic_ncols=True, smoothing=0.1) as bar:
        for result in found:
            bar.set_postfix_str(f"{quoted(result.student)}: {IN_WORDS[result.status]}", refresh=False)
            if result.unchanged:
                # It took no time, from which the time left could be known.
                bar.n += 1
                bar.initial += 1
                bar.last_print_n += 1
                bar.refresh()
            else:
                bar.update()
            yield result


def _in_lines(found: Iterable[Result], total: int) -> Iterator[Result]:
    begun, new = time.monotonic(), 0
    for number, result in enumerate(found, start=1):
        if result.unchanged:
            yield result
            continue
        new += 1
        left = (time.monotonic() - begun) / new * (total - number)
        rest = f", about {in_words(left)} left" if number < total else ""
        print(
            f"{number} of {total}: {quoted(result.student)} {IN_WORDS[result.status]}{rest}",
            file=sys.stderr,
            flush=True,
        )
        yield result


def in_words(seconds: float) -> str:
    """A time, as coarse as it is needed."""
    minutes, seconds = divmod(round(seconds), 60)
    if minutes < 1:
        return f"{seconds} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"
