"""Lists of students as spreadsheets and platforms save them: read as a whole, or refused by line and reason."""

import codecs

import pytest

from seqmodels.grading.roster import import_into, read
from seqmodels.grading.sheet import Unusable
from tests.grading.course import Course

LIST = """id,first_name,last_name,email,lms_user_id
ada,Ada,Lovelace,ada@example.org,1001
zoë,Zoë,Müller,,
bob,"Robert, Jr.",Boyle,bob@example.org,1002
"""
STUDENTS = [
    {"id": "ada", "first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.org", "lms_user_id": "1001"},
    {"id": "zoë", "first_name": "Zoë", "last_name": "Müller", "email": None, "lms_user_id": None},
    {"id": "bob", "first_name": "Robert, Jr.", "last_name": "Boyle", "email": "bob@example.org", "lms_user_id": "1002"},
]


def _read(folder, content):
    path = folder / "students.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read(path)


@pytest.mark.parametrize(
    "content",
    {
        "plain": LIST.encode(),
        "mark": codecs.BOM_UTF8 + LIST.encode(),
        "Windows line ends": LIST.replace("\n", "\r\n").encode(),
        "semicolons": LIST.replace('"Robert, Jr."', "Robert# Jr.").replace(",", ";").replace("#", ",").encode(),
        "tabs in UTF-16": LIST.replace('"Robert, Jr."', "Robert# Jr.")
        .replace(",", "\t")
        .replace("#", ",")
        .encode("utf-16"),
        "blanks": LIST.replace("ada,Ada", " ada\u00a0, Ada ").encode(),
        "empty rows": LIST.replace("zoë,", "\n,,,,\n , ,,,\nzoë,").encode(),
        "letters and accents apart": LIST.replace("ë", "e\u0308").encode(),
        "capitals": LIST.replace("id,first_name", "ID,First_Name").encode(),
        "other order": b"first_name,id\nAda,ada\n",
        "nothing but ids": b"id\nada\n",
    }.items(),
    ids=lambda item: item[0],
)
def test_what_spreadsheets_save_is_read(tmp_path, content):
    roster = _read(tmp_path, content[1])
    assert roster.remarks == []
    wanted = STUDENTS if len(roster.students) > 1 else [{name: STUDENTS[0][name] for name in roster.students[0]}]
    assert roster.students == wanted


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_other_encoding_is_read_and_the_names_are_shown(tmp_path, encoding):
    roster = _read(tmp_path, LIST.encode(encoding))
    assert roster.students == STUDENTS
    (remark,) = roster.remarks
    assert "read as Windows-1252" in remark and remark.endswith(": zoë, Zoë, Müller")


def test_columns_that_are_not_used_are_named(tmp_path):
    assert _read(tmp_path, "Group,id,,email\nA,ada,,\n").remarks == ["These columns are not used: Group"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id,email\nada,\n\n,bob@example.org\n", "line 4: there is no id"),
        ("id,email\nada,\nbob,\n ada ,\n", "line 4: the id 'ada' is in line 2 already"),
        ("id,email\nada,\nAda,\n", "line 3: the id 'Ada' is in line 2 already, as 'ada'"),
        ("id,email\na/b,\n", "line 2: the id 'a/b' is to be the name of a folder, and '/' cannot be in it"),
        ("id,email\n..,\n", "line 2: the id '..' is to be the name of a folder"),
        ('id,email\n"a\nb",\n', "line 2: the id 'a\\nb' is to be"),
        ('id,email\n"a\nb",\n<b>,\n', "line 4: the id '<b>' is to be"),
        ("id,email\n" + "a" * 129 + ",\n", "line 2: the id has 129 letters, and may have 128"),
        ("name,email\nada,\n", "There is no column 'id', but name, email. The first line names"),
        ("id,id\nada,bob\n", "2 columns called 'id'"),
        ("id,email\nada\n", "Line 2 of .* has 1 fields and not 2"),
        ('id,email\nada,"\n', "no whole CSV file: .*, in line 2"),
        ("id,email\n", "There is no student in it"),
        ("", "is empty"),
        (b"id\n\x81\xe9\n", "neither in UTF-8 nor in cp1252"),
    ],
)
def test_what_cannot_be_used_is_refused_by_line(tmp_path, content, message):
    with pytest.raises(Unusable, match=message.replace("\\n", r"\\n")):
        _read(tmp_path, content)


def test_all_faults_are_named_at_once(tmp_path):
    with pytest.raises(Unusable) as refused:
        _read(tmp_path, "id,email\nada,\nada,\n,x\nbob,\n")
    assert str(refused.value).splitlines() == [
        "Nothing of it was used. Mend these lines, and run the command again:",
        "  line 3: the id 'ada' is in line 2 already",
        "  line 4: there is no id",
    ]


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path)


def _known(course):
    with course.gradebook() as gradebook:
        return {student.id: (student.first_name, student.email) for student in gradebook.students}


def test_students_are_added_and_changed_and_only_in_columns_that_there_are(course):
    with course.gradebook() as gradebook:
        import_into(gradebook, [{"id": "ada", "first_name": "Ada", "email": "old@example.org"}])
        import_into(gradebook, [{"id": "bob", "first_name": "Bob"}, {"id": "ada", "email": None}])
    assert _known(course) == {"ada": ("Ada", None), "bob": ("Bob", None)}


def test_the_command(course):
    path = course.folder / "students.csv"
    path.write_bytes(codecs.BOM_UTF8 + LIST.replace("ada,Ada", " ada ,Ada").encode())
    said = course.nbgrader("db", "student", "import", "students.csv")
    assert "3 students of students.csv are in the gradebook" in said
    assert _known(course)["ada"] == ("Ada", "ada@example.org")
    # nbgrader's own commands know everybody by that id.
    course.nbgrader("db", "student", "remove", "ada")

    path.write_text("id,first_name\ncem,Cem\n,Dan\n", encoding="utf-8")
    said = course.nbgrader("db", "student", "import", "students.csv", fails=True)
    assert "students.csv: Nothing of it was used" in said and "line 3: there is no id" in said
    assert "Traceback" not in said
    assert set(_known(course)) == {"zoë", "bob"}
