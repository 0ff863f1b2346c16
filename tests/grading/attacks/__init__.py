"""Submissions that want marks they have not earned, things that they may not see, or other people's harm.

Each module is a theme and has the attacks of that theme in ``ATTACKS``. test_attacks.py grades them among honest
neighbours; stock.py does the same with plain nbgrader, for the table of what it does with them.
"""
