"""The tests of an assignment and the code of a student, each in a process of its own, and what passes between them.

names.py     which names of a notebook are the student's
frames.py    bytes: whole messages over a socket
codec.py     values: what may pass, and how it is written without pickle
peer.py      calls: one side asks, the other answers
student.py   in the process that runs the student's code
tester.py    in the process that runs the tests
relay.py     in the grader, between the two
"""
