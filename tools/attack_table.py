"""Print what plain nbgrader does with the attacks of tests/grading/attacks, and what they get here, as Markdown.

    python -m tools.attack_table > table.md

The one side has been measured by ``python -m tests.grading.attacks.stock tests/grading/attacks/stock.json``; the other
is what tests/grading/test_attacks.py checks.
"""

import json
from pathlib import Path

from tests.grading import submissions
from tests.grading.attacks import stock
from tests.grading.attacks.attack import Attack
from tests.grading.attacks.batches import BATCHES

MEASURED = Path(stock.__file__).with_name("stock.json")
HEADINGS = {
    "documents": "The notebook",
    "files": "Files",
    "process": "The process, answers, hidden tests",
    "reach": "What is not the student's own",
    "resources": "Time, memory, disk",
    "models": "Arrays and models",
}


def main() -> None:
    found = json.loads(MEASURED.read_text(encoding="utf-8"))
    for theme, (assignment, attacks) in BATCHES.items():
        points = submissions.tests(assignment.notebook())
        print(f"## {HEADINGS[theme]}\n\n| Attack | plain nbgrader | here |\n|---|---|---|")
        for attack in attacks:
            print(
                f"| {_escaped(attack.about)} | {_plain(found.get(attack.name), _points(attack, points))} | {_here(attack, points)} |"
            )
        print()


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
    return _escaped("; ".join(words))


def _here(attack: Attack, points: dict[str, float]) -> str:
    told = f"; told: {', '.join(attack.notes)}" if attack.notes else ""
    return f"{_points(attack, points):g} of {sum(points.values()):g} points{told}"


def _points(attack: Attack, points: dict[str, float]) -> float:
    return sum(mark for mark in attack.deserved(points, attack.unanswered).values() if mark is not None)


def _escaped(text: str) -> str:
    return text.replace("|", r"\|").replace("<", "&lt;")


if __name__ == "__main__":
    main()
