"""How long the tests wait for what has to come, in seconds.

Only what hangs takes so long: on a machine that is busy with other things, everything takes many times as long as on
a quiet one, and has to pass all the same. What a test says about speed it says by the time of the processor.
"""

PATIENCE = 900  # for an answer, a start, an end
PATIENCE_WITH_COMMANDS = 7200  # for a command that grades
