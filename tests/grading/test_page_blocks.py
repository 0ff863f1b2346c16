"""Reading commands off a page, and running them: what test_pages.py relies on."""

import os

import pytest

from tests.grading.pages import Block, Shell, sections

PAGE = """# A page

Some `inline` code.

## First

```bash
one
two
```

```{code-block} text
:caption: names.csv
id
ada
```

````markdown
```bash
only shown
```
````

```python
import only_shown
```

## Nothing to run

## Second

```bash
# a comment, and no heading
three
```
"""


def _sections(folder, text):
    page = folder / "page.md"
    page.write_text(text)
    return sections(page)


def test_blocks_by_heading(tmp_path):
    assert _sections(tmp_path, PAGE) == {
        "First": [Block(True, "", "one\ntwo"), Block(False, "names.csv", "id\nada\n")],
        "Second": [Block(True, "", "# a comment, and no heading\nthree")],
    }


@pytest.mark.parametrize("info", ["", "console", "shell", "sh", "Bash"])
def test_block_that_does_not_say_what_it_is_is_refused(tmp_path, info):
    with pytest.raises(ValueError, match=f"'First': a block is marked '{info}'"):
        _sections(tmp_path, f"## First\n\n```{info}\nmake book\n```\n")


def test_two_sections_of_one_name_are_refused(tmp_path):
    with pytest.raises(ValueError, match="two sections with commands are called 'First'"):
        _sections(tmp_path, PAGE + "\n## First\n")


@pytest.fixture
def shell(tmp_path):
    return Shell(tmp_path / "home", tmp_path, {"PATH": os.environ["PATH"]})


def test_folder_and_variables_last(shell, tmp_path):
    shell.run("mkdir deeper\ncd deeper\nexport WORD='two words'")
    assert shell.run('echo "$WORD"; pwd') == f"two words\n{tmp_path / 'deeper'}\n"


@pytest.mark.parametrize("command", ["false", "no-such-command", "false | cat", "ls nothing-there"])
def test_failing_command_stops_the_block_and_is_shown(shell, tmp_path, command):
    with pytest.raises(AssertionError, match="--- with:\nbefore"):
        shell.run(f"echo before\n{command}\ntouch after")
    assert not (tmp_path / "after").exists()
