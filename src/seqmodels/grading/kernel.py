"""The standard output and error of a kernel that grades, with an end to what one cell may write.

The kernel itself cuts: a cell that prints without end would otherwise fill the memory of the grader,
which gets everything in messages.
"""

from collections import Counter

from ipykernel.iostream import OutStream

MOST_LETTERS = 200_000  # of one cell
CUT = "... the output was cut here ..."


class LimitedStream(OutStream):
    """What IPKernelApp.outstream_class is set to."""

    # Of the class, because OutStream's own constructor may already write.
    _written = Counter()

    def write(self, string: str) -> int | None:
        if not isinstance(string, str):
            return super().write(string)
        cell = (self.name, self.parent_header.get("msg_id"))
        room = MOST_LETTERS - self._written[cell]
        self._written[cell] += len(string)
        if len(string) <= room:
            return super().write(string)
        if room >= 0:
            super().write(f"{string[:room]}\n{CUT}\n")
            self._written[cell] += 1  # said once, even if the room was used up to the letter
        return len(string)
