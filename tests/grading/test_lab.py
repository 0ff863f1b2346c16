"""What a new user sees after ``make lab``, on a machine where nobody has made a folder for exchanging assignments."""

import contextlib

import pytest
from playwright.sync_api import expect

from tests.grading import lab, tiny
from tests.grading.clicks import TIMEOUT, Student, Teacher
from tests.grading.course import ROOT, Course
from tools.browser import refuse_outside

PICTURES = ROOT / "_build" / "screenshots" / "grading"
# Below a file nobody can make a folder, whoever runs the tests.
NO_EXCHANGE = "/dev/null/exchange"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    course = Course(tmp_path_factory.mktemp("new"))
    tiny.write(course.folder)
    with lab.running(course, course.folder, NBGRADER_EXCHANGE=NO_EXCHANGE) as place:
        yield place


@pytest.fixture
def page(browser, place):
    outside = []
    with contextlib.closing(browser.new_context(viewport={"width": 1600, "height": 1000})) as context:
        refuse_outside(context, place.address, outside)
        yield context.new_page()
        print(place.log.read_text(encoding="utf-8"))
    assert outside == []


def test_menu_has_what_student_and_teacher_need(page, place):
    desk = Student(page, place)
    desk.open_menu()
    entries = page.locator(".lm-Menu-itemLabel").all_inner_texts()
    assert {"Assignment List", "Formgrader", "Create assignment"} <= set(entries)


def test_list_of_assignments_says_that_there_is_no_exchange(page, place):
    student = Student(page, place)
    student.choose("Assignment List")
    message = page.locator("#released_assignments_list_error")
    expect(message).to_contain_text("The exchange directory does not exist", timeout=TIMEOUT)
    student.picture(PICTURES / "no-exchange-student.png")


def test_teacher_without_an_exchange_can_generate(page, place):
    teacher = Teacher(page, place)
    row = teacher.manage(tiny.NAME)
    expect(teacher.screen.locator("#warning-exchange")).to_contain_text(NO_EXCHANGE)
    teacher.picture(PICTURES / "no-exchange-teacher.png")
    teacher.press(row, "assign")
    assert (place.folder / "assignments" / tiny.NAME / f"{tiny.NAME}.ipynb").is_file()
