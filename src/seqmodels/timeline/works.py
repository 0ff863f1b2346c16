"""Reading and checking a file of works, such as chapters/review/history.toml."""

import tomllib
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path

ELSEWHERE = "elsewhere"  # the lane of what a picture of one lane has from others


class TimelineError(ValueError):
    """A file of works that cannot be used; the message names the file, the work and the remedy."""


@dataclass(frozen=True)
class Work:
    """One paper, and what it is remembered for."""

    key: str
    name: str
    year: int
    who: str
    title: str
    lane: str
    builds_on: tuple[str, ...]
    problem: str
    cost: str
    after: str
    link: str | None = None
    parameters: float | None = None
    sparse: bool = False


@dataclass(frozen=True)
class Timeline:
    """Works in the order of their years, and the lanes in which they are drawn."""

    lanes: dict[str, str]
    works: dict[str, Work]

    def followers(self, key):
        """The works that build on the one with this key."""
        return [work for work in self.works.values() if key in work.builds_on]

    def of_lane(self, lane):
        """The works of one lane, and beside it those of other lanes that they build on, in a lane of their own."""
        own = {key: work for key, work in self.works.items() if work.lane == lane}
        used = {key for work in own.values() for key in work.builds_on}
        others = {
            key: replace(work, lane=ELSEWHERE, builds_on=())
            for key, work in self.works.items()
            if key in used and key not in own
        }
        works = {key: own.get(key, others.get(key)) for key in self.works if key in own or key in others}
        lanes = {ELSEWHERE: "From other lanes"} if others else {}
        return Timeline(lanes | {lane: self.lanes[lane]}, works)


FIELDS = {field.name: field for field in fields(Work)}
REQUIRED = [name for name, field in FIELDS.items() if field.default is MISSING]


def load(path):
    """Read a file of works and check it; returns a Timeline."""
    path = Path(path)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TimelineError(f"{path}: there is no such file") from None
    except tomllib.TOMLDecodeError as error:
        raise TimelineError(f"{path}: not valid TOML ({error}); mend that line") from None
    lanes = {lane["id"]: lane["name"] for lane in raw.get("lane", [])}
    works = {}
    for number, entry in enumerate(raw.get("work", []), start=1):
        problem = _problem(entry, lanes, works)
        if problem:
            raise TimelineError(f"{path}, work {number} ({entry.get('key', 'without a key')}): {problem}")
        works[entry["key"]] = Work(**{**entry, "builds_on": tuple(entry["builds_on"])})
    if not works:
        raise TimelineError(f"{path}: there is no work in it; add one under [[work]]")
    return Timeline(lanes, works)


def _problem(entry, lanes, earlier):
    """Say what is wrong with a work, given those that stand before it, or return None."""
    missing = [name for name in REQUIRED if name not in entry]
    if missing:
        return f"{', '.join(missing)} missing; write it as the other works have it"
    unknown = [name for name in entry if name not in FIELDS]
    if unknown:
        return f"{', '.join(unknown)} is no field of a work; the fields are {', '.join(FIELDS)}"
    empty = [name for name, value in entry.items() if isinstance(value, str) and not value.strip()]
    if empty:
        return f"{', '.join(empty)} is empty; write it, or leave out an optional field"
    if entry["key"] in earlier:
        return "this key is there already; give each work once"
    if entry["name"] in {work.name for work in earlier.values()}:
        return f"the name {entry['name']} is there already; two boxes of one name can't be told apart"
    if entry["lane"] not in lanes:
        return f"the lane {entry['lane']} is not one of {', '.join(lanes)}"
    if not isinstance(entry["year"], int):
        return f"the year {entry['year']!r} is no whole number"
    latest = max((work.year for work in earlier.values()), default=entry["year"])
    if entry["year"] < latest:
        return f"the year {entry['year']} stands after {latest}; put the works in the order of their years"
    unborn = [key for key in entry["builds_on"] if key not in earlier]
    if unborn:
        return f"it builds on {', '.join(unborn)}, which is not among the works before it"
    return None
