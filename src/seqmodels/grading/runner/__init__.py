"""Grade a class in one command: several submissions at a time, carried on wherever it was broken off.

``python -m seqmodels.grading.runner ASSIGNMENT``, which ``make grade ASSIGNMENT=...`` calls. Each submission is graded
by the Autograde of ``converter.py`` in a process that is told to do this one thing, so the marks and the graded
notebooks are those of ``nbgrader autograde``, and either may go on where the other has stopped.

    course.py       what the course folder says: configuration, gradebook, who has handed in
    keys.py         whether a submission has to be graded again
    unit.py         one submission, from what was handed in to the graded notebook in its place
    process.py      the process that does this, again and again
    worker.py       watches one such process: ends it when it takes too long, and starts another
    memory.py       how much memory a process and its own use
    locks.py        who may do what at a time
    pool.py         several workers on this machine
    cluster.py      several workers on several machines, through dask.distributed
    results.py      what is said about a submission in the end
    progress.py     what is said meanwhile
    summary.py      what is said about the class
"""
