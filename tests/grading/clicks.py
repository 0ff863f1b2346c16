"""What a student and a teacher do with nbgrader in JupyterLab: the clicks and keys, and waiting for what they bring."""

from pathlib import Path

from playwright.sync_api import FrameLocator, Locator, Page, Response, TimeoutError

from tests.grading.lab import Lab
from tests.patience import PATIENCE, PATIENCE_WITH_COMMANDS

# Long enough for a machine that is busy with something else; a notebook is run to its end in the second.
TIMEOUT = PATIENCE * 1000
RUN_TIMEOUT = PATIENCE_WITH_COMMANDS * 1000


class Desk:
    """A person's JupyterLab in the browser."""

    def __init__(self, page: Page, lab: Lab):
        self.page = page
        self.lab = lab
        page.set_default_timeout(TIMEOUT)

    def open_menu(self) -> None:
        """Open the menu Nbgrader, and JupyterLab before it where that is not open yet."""
        if not self.page.url.startswith(self.lab.address):
            self.page.goto(self.lab.url())
            # The last thing that a fresh JupyterLab opens; what is opened before it is closed again.
            self.page.locator(".jp-LauncherCard").first.wait_for()
        self.page.locator(".lm-MenuBar-itemLabel", has_text="Nbgrader").click()

    def choose(self, entry: str) -> None:
        """Choose an entry of the menu Nbgrader."""
        self.open_menu()
        self.page.locator(".lm-Menu-itemLabel").get_by_text(entry, exact=True).click()

    def picture(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path)


class Student(Desk):
    """The student's side: the list of assignments, the notebook, the feedback."""

    def open_list(self) -> None:
        """Open the list of assignments, as it is now."""
        was_open = self.page.locator("#fetched_assignments_list").count()
        self.choose("Assignment List")
        if was_open:
            self.page.locator("#refresh_assignments_list").click()
        self.page.locator("#fetched_assignments_list_loading").wait_for(state="hidden")

    def course_of(self, assignment: str) -> str:
        """The course under which the list shows a released assignment."""
        return self._row("released", assignment).locator(".item_course").inner_text()

    def fetch(self, assignment: str) -> None:
        self._row("released", assignment).get_by_role("button", name="Fetch").click()
        self._row("fetched", assignment).get_by_role("button", name="Submit").wait_for()

    def open_notebook(self, assignment: str) -> None:
        row = self._row("fetched", assignment)
        notebook = row.locator(".nested_list_item").get_by_text(assignment, exact=True)
        # A list that is drawn anew in between is folded again.
        for _ in range(10):
            row.get_by_role("button", name=assignment).click()
            try:
                notebook.click(timeout=5000)
            except TimeoutError:
                continue
            break
        self._panel().wait_for()

    def wait_for_cells(self, count: int) -> None:
        """JupyterLab puts the cells of a long notebook into the page bit by bit."""
        self._cells().nth(count - 1).wait_for(state="attached")
        assert self._cells().count() == count

    def write_code(self, index: int, source: str) -> None:
        """Replace a code cell by what is typed."""
        cell = self._cells().nth(index)
        cell.scroll_into_view_if_needed()
        cell.locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(source)

    def write_text(self, index: int, text: str) -> None:
        """Replace the last line of a Markdown cell by what is typed."""
        cell = self._cells().nth(index)
        cell.scroll_into_view_if_needed()
        cell.click()
        self.page.keyboard.press("Enter")
        cell.locator(".cm-content").wait_for()
        self.page.keyboard.press("ControlOrMeta+End")
        self.page.keyboard.press("Shift+Home")
        self.page.keyboard.insert_text(text)
        self.page.keyboard.press("Shift+Enter")
        cell.locator(".jp-MarkdownOutput").wait_for()

    def save(self) -> None:
        with self.page.expect_response(lambda response: _is_save(response)) as saved:
            self._panel().get_by_role("button", name="Save").first.click()
        assert saved.value.ok

    def validate(self, picture: Path) -> str:
        """Press the notebook's button Validate, and read what the dialogue says."""
        self._panel().get_by_role("button", name="Validate").click()
        dialogue = self.page.get_by_role("dialog")
        dialogue.wait_for(timeout=RUN_TIMEOUT)
        self.picture(picture)
        said = dialogue.inner_text()
        dialogue.get_by_role("button", name="Ok").click()
        return said

    def submit(self, assignment: str) -> None:
        self._row("fetched", assignment).get_by_role("button", name="Submit").click()
        self._row("submitted", assignment).locator(".nested_list_item").first.wait_for()

    def open_feedback(self, assignment: str) -> FrameLocator:
        """Fetch the feedback and open its page inside JupyterLab, trusted."""
        row = self._row("submitted", assignment)
        row.get_by_role("button", name="Fetch Feedback").click()
        row.get_by_text("(view feedback)").click()
        self.page.locator(".jp-DirListing-item", has_text=f"{assignment}.html").dblclick()
        self.page.get_by_role("button", name="Trust HTML").click()
        return self.page.frame_locator(".jp-HTMLViewer iframe")

    def _row(self, part: str, assignment: str) -> Locator:
        """An assignment in one part of the list: "released", "fetched" or "submitted"."""
        rows = self.page.locator(f"#{part}_assignments_list > .list_item")
        return rows.filter(has=self.page.locator(".item_name", has_text=assignment))

    def _panel(self) -> Locator:
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")

    def _cells(self) -> Locator:
        return self._panel().locator(".jp-Notebook-cell")


class Teacher(Desk):
    """The teacher's side: the formgrader."""

    @property
    def screen(self) -> FrameLocator:
        return self.page.frame_locator(".jp-MainAreaWidget:not(.lm-mod-hidden) iframe")

    def manage(self, assignment: str) -> Locator:
        """Go to the formgrader's list of assignments; gives the row of one of them."""
        self.choose("Formgrader")
        # From the page of a submission, the way leads over the list of submissions.
        self.screen.get_by_role("link", name="Manual Grading").first.click()
        self.screen.get_by_role("link", name="Manage Assignments").click()
        row = self.screen.locator("#main-table tr").filter(has=self.screen.locator("td.name", has_text=assignment))
        row.locator("td.assign a").wait_for()
        return row

    def press(self, row: Locator, column: str) -> None:
        """Press the icon of one column of a row, and wait for the message of success."""
        row.locator(f"td.{column} a").click()
        message = self.screen.locator(".modal.in")
        message.wait_for(timeout=RUN_TIMEOUT)
        text = message.inner_text()
        assert "Success" in text, text
        message.get_by_role("button", name="OK").click()
        self.screen.locator(".modal-backdrop").wait_for(state="hidden")

    def open_submissions(self, row: Locator) -> Locator:
        """Follow the number of submissions of an assignment; gives the row of the only one."""
        row.locator("td.num-submissions a").click()
        submission = self.screen.locator("#main-table tr").filter(has=self.screen.locator("td.autograde a"))
        submission.wait_for()
        return submission

    def open_manual_grading(self, assignment: str) -> Locator:
        """Go to the list of submissions that can be marked by hand; gives the row of the only one."""
        self.screen.get_by_role("link", name="Manual Grading").first.click()
        self.screen.locator("#main-table").get_by_role("link", name=assignment).click()
        self.screen.get_by_role("columnheader", name="Notebook ID").wait_for()
        self.screen.locator("#main-table").get_by_role("link", name=assignment).click()
        row = self.screen.locator("#main-table tr").filter(has=self.screen.get_by_role("link", name="Submission #1"))
        row.wait_for()
        return row

    def answer(self, question: str) -> Locator:
        """The panel with a student's answer to a question, once the page is drawn."""
        panel = self.screen.locator(f".nbgrader_cell:has(#{question})")
        panel.wait_for()
        # The fields get these hints when what is saved has been filled in.
        panel.locator("input.extra-credit[placeholder]").wait_for()
        panel.locator("textarea.comment[placeholder]").wait_for()
        return panel

    def mark(self, panel: Locator, points: float, comment: str) -> None:
        """Give points and a comment; each is saved when the field is left."""
        score, note = panel.locator("input.score"), panel.locator("textarea.comment")
        with self.page.expect_response(lambda response: _is_put(response, "grade")) as saved:
            score.fill(str(points))
            note.focus()
        assert saved.value.ok
        with self.page.expect_response(lambda response: _is_put(response, "comment")) as saved:
            note.fill(comment)
            score.focus()
        assert saved.value.ok


def formulas_drawn(place: FrameLocator) -> int:
    """Wait until a page has drawn its formulas; gives their number."""
    formulas = place.locator("mjx-container")
    formulas.first.wait_for(state="attached")
    return formulas.count()


def _is_save(response: Response) -> bool:
    return response.request.method == "PUT" and "/api/contents/" in response.url and ".ipynb" in response.url


def _is_put(response: Response, kind: str) -> bool:
    return response.request.method == "PUT" and f"/formgrader/api/{kind}/" in response.url
