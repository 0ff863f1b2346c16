"""Show what hostile submissions get: the tables of instructor/attacks.md.

    python -m tools.attack_table            write them into the page
    python -m tools.attack_table --take-in  the same, with status and seconds of the last run of test_attacks.py

What plain nbgrader does was measured by ``python -m tests.grading.attacks.stock tests/grading/attacks/stock.json``. The
points are those that tests/grading/test_attacks.py demands.
"""

import argparse
import json
import sys
from pathlib import Path

from seqmodels.grading.runner.results import GRADED, IN_WORDS, LIMIT, LIMITS, NEEDS_PERSON
from tests.grading import submissions
from tests.grading.attacks import stock
from tests.grading.attacks.attack import Attack
from tests.grading.attacks.batches import BATCHES

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "instructor" / "attacks.md"
MARK = "% What follows is written by python -m tools.attack_table\n"
STOCK = Path(stock.__file__).with_name("stock.json")
HERE = STOCK.with_name("here.json")
REPORTS = ROOT / "_build" / "reports"
HEADINGS = {
    "documents": "The notebook",
    "files": "Files",
    "process": "The process, answers, hidden tests",
    "reach": "What is not the student's own",
    "resources": "Time, memory, disk",
    "models": "Arrays and models",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--take-in", action="store_true", help="take in what the last run of the tests measured")
    if parser.parse_args().take_in:
        take_in()
    text, _, _ = PAGE.read_text(encoding="utf-8").partition(MARK)
    PAGE.write_text(text + MARK + tables(), encoding="utf-8")
    return 0


def take_in() -> None:
    """Keep status and seconds of each attack out of the results that the tests have left."""
    found = {}
    for assignment in {assignment.NAME for assignment, _ in BATCHES.values()}:
        file = REPORTS / f"attacks_{assignment}.json"
        if not file.is_file():
            raise SystemExit(f"{file.relative_to(ROOT)} is not there: run pytest tests/grading/test_attacks.py first.")
        results = json.loads(file.read_text(encoding="utf-8"))
        for result in results["submissions"]:
            found[result["student"]] = {"status": result["status"], "seconds": round(result["seconds"], 1)}
    known = {attack.name for _, attacks in BATCHES.values() for attack in attacks}
    kept = {name: found[name] for name in sorted(known)}
    HERE.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def tables() -> str:
    """The tables, a heading above each, as Markdown."""
    plain, here = (json.loads(path.read_text(encoding="utf-8")) for path in (STOCK, HERE))
    lines = []
    for theme, (assignment, attacks) in BATCHES.items():
        points = submissions.tests(assignment.notebook())
        lines += ["", f"## {HEADINGS[theme]}", ""]
        lines += ["| What it tries | plain nbgrader | here | status here | seconds |", "|---|---|---|---|---|"]
        for attack in attacks:
            most, deserved = sum(points.values()), _points(attack, points)
            cells = [
                attack.about,
                _plain(plain.get(attack.name), deserved),
                f"{deserved:g} of {most:g} points",
                _status(attack, here[attack.name]["status"]),
                f"{here[attack.name]['seconds']:.0f}",
            ]
            lines.append(f"| {' | '.join(map(_escaped, cells))} |")
    return "\n".join(lines) + "\n"


def _plain(result: dict | None, deserved: float) -> str:
    """What happened with plain nbgrader, in a few words."""
    if result is None:
        return "not measured"
    if "not_run" in result:
        return f"not tried: {result['not_run']}"
    if "lost" in result:
        return result["lost"]
    points = result["points"]
    words = [points if isinstance(points, str) else f"{points:g} of {result['of']:g} points"]
    if isinstance(points, float) and points > deserved:
        words[0] = f"**{words[0]}**"
    if result["exit"] != 0:
        words.append("the grader hangs" if result["exit"] == "hung" else "the command fails")
    others = {got for got in result["neighbours"].values() if got != result["of"]}
    words += [
        f"another student: {got if isinstance(got, str) else f'{got:g} points'}" for got in sorted(others, key=str)
    ]
    words += ["shows what is not the student's"] if result["shows"] else []
    words += ["files changed or left"] if result["changed"] or result["left"] else []
    words += ["reaches the network"] if result["reached"] else []
    words += ["processes left running"] if result["running"] else []
    return "; ".join(words)


def _status(attack: Attack, last: str) -> str:
    """What was seen last, or both where it depends on the moment."""
    is_either = LIMITS & {*attack.perhaps} and not LIMITS & {*attack.notes}
    calm = GRADED if attack.unanswered else NEEDS_PERSON
    return f"{IN_WORDS[calm]}, or {IN_WORDS[LIMIT]}" if is_either else IN_WORDS[last]


def _points(attack: Attack, points: dict[str, float]) -> float:
    return sum(mark for mark in attack.deserved(points, attack.unanswered).values() if mark is not None)


def _escaped(text: str) -> str:
    return text.replace("|", r"\|").replace("<", "&lt;")


if __name__ == "__main__":
    sys.exit(main())
