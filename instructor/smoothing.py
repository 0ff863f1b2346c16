# %% [markdown] nbgrader={"grade_id": "intro", "grade": false, "solution": false, "locked": true, "task": false, "schema_version": 3}
# # Smoothing
#
# Two averages that follow a noisy series, written by yourself, and how fast they forget.

# %% nbgrader={"grade_id": "imports", "grade": false, "solution": false, "locked": true, "task": false, "schema_version": 3}
import numpy as np

from seqmodels.marking import Marks, as_numbers, close, equal, left_alone

# %% [markdown] nbgrader={"grade_id": "task_moving", "grade": false, "solution": false, "locked": true, "task": false, "schema_version": 3}
# ## 1. The moving average
#
# Each value becomes the mean of itself and the values before it, `width` of
# them in all. At the start there are fewer, and the mean is over those that
# are there. Example: 2, 4, 9 with width 2 becomes 2, 3, 6.5.


# %% nbgrader={"grade_id": "moving_average", "grade": false, "solution": true, "locked": false, "task": false, "schema_version": 3}
def moving_average(values, width):
    """The mean of each value and those before it, `width` in all.

    Args:
      values: an array of numbers.
      width: how many of them one mean is over, at least 1.

    Returns:
      An array of the same length.
    """
    ### BEGIN SOLUTION
    ends = range(1, len(values) + 1)
    return np.array([np.mean(values[max(0, end - width) : end]) for end in ends])
    ### END SOLUTION


# %% nbgrader={"grade_id": "test_moving_average", "grade": true, "solution": false, "locked": true, "task": false, "points": 15, "schema_version": 3}
marks = Marks(15)
with marks.part(5, "the length"):
    found = as_numbers(moving_average(np.array([2.0, 4.0, 9.0]), 2))
    assert found.shape == (3,), f"three values go in, and an array of shape {found.shape} comes out"
    ### BEGIN HIDDEN TESTS
    for length in (1, 8, 30):
        found = as_numbers(moving_average(np.random.default_rng().normal(size=length), 4))
        assert found.shape == (length,), f"{length} values go in, and an array of shape {found.shape} comes out"
    ### END HIDDEN TESTS
with marks.part(10, "the values"):
    found = moving_average(np.array([2.0, 4.0, 9.0]), 2)
    assert close(found, [2, 3, 6.5]), "the example of the task comes out differently"
    ### BEGIN HIDDEN TESTS
    series = np.random.default_rng().normal(size=50)
    for width in (1, 7, 60):
        wanted = [series[max(0, last - width + 1) : last + 1].mean() for last in range(50)]
        assert close(moving_average(series, width), wanted), f"wrong with width {width}"
    ### END HIDDEN TESTS
marks.total()

# %% nbgrader={"grade_id": "test_moving_future", "grade": true, "solution": false, "locked": true, "task": false, "points": 15, "schema_version": 3}
marks = Marks(15)
with marks.part(15, "nothing of the future"):
    series = np.arange(20.0)
    with left_alone(series):
        before = as_numbers(moving_average(series, 5))
    assert before.shape == (20,), f"twenty values go in, and an array of shape {before.shape} comes out"
    ### BEGIN HIDDEN TESTS
    rng = np.random.default_rng()
    series = rng.normal(size=20)
    before = as_numbers(moving_average(series, 5))
    series[12:] = rng.normal(size=8)
    after = as_numbers(moving_average(series, 5))
    assert before.shape == after.shape == (20,), "twenty values go in, and not twenty come out"
    assert close(after[:12], before[:12]), "a value changes when a later one does"
    assert np.abs(after[12:] - before[12:]).min() > 1e-9, "the answer does not depend on the series"
    assert np.ptp(before) > 0, "the answer is the same at every step"
    ### END HIDDEN TESTS
marks.total()

# %% [markdown] nbgrader={"grade_id": "task_exponential", "grade": false, "solution": false, "locked": true, "task": false, "schema_version": 3}
# ## 2. The exponential average
#
# It starts at the first value. Then each step goes a part of the way, `rate`,
# from where it is to the next value. Example: 2, 4, 9 with rate 0.5 becomes
# 2, 3, 6.


# %% nbgrader={"grade_id": "exponential_average", "grade": false, "solution": true, "locked": false, "task": false, "schema_version": 3}
def exponential_average(values, rate):
    """The exponential average of an array of numbers; an array of the same length.

    Args:
      values: an array of numbers, at least one.
      rate: the part of the way that each step goes, from 0 to 1.
    """
    ### BEGIN SOLUTION
    found = [values[0]]
    for value in values[1:]:
        found.append(found[-1] + rate * (value - found[-1]))
    return np.array(found)
    ### END SOLUTION


# %% nbgrader={"grade_id": "test_exponential_average", "grade": true, "solution": false, "locked": true, "task": false, "points": 15, "schema_version": 3}
marks = Marks(15)
with marks.part(5, "the example"):
    found = exponential_average(np.array([2.0, 4.0, 9.0]), 0.5)
    assert close(found, [2, 3, 6]), "the example of the task comes out differently"
    ### BEGIN HIDDEN TESTS
    low, high = np.sort(np.random.default_rng().normal(size=2))
    found = exponential_average(np.array([low, high, high]), 0.5)
    assert close(found, [low, (low + high) / 2, (low + 3 * high) / 4]), "three other values come out differently"
    ### END HIDDEN TESTS
with marks.part(10, "other rates"):
    assert close(exponential_average(np.array([3.0, 5.0]), 1), [3, 5]), "with rate 1 the series stays as it is"
    ### BEGIN HIDDEN TESTS
    series, rate = np.random.default_rng().normal(size=9), 0.3
    powers = (1 - rate) ** np.arange(9)
    wanted = powers[8] * series[0] + rate * (powers[:8] @ series[:0:-1])
    found = as_numbers(exponential_average(series, rate))
    assert found.shape == (9,), f"nine values go in, and an array of shape {found.shape} comes out"
    assert close(found[8], wanted), "wrong with rate 0.3"
    ### END HIDDEN TESTS
marks.total()

# %% nbgrader={"grade_id": "test_exponential_start", "grade": true, "solution": false, "locked": true, "task": false, "points": 15, "schema_version": 3}
marks = Marks(15)
with marks.part(15, "the start"):
    found = as_numbers(exponential_average(np.array([7.0, 7.0, 7.0]), 0.1))
    assert found.shape == (3,), f"three values go in, and an array of shape {found.shape} comes out"
    ### BEGIN HIDDEN TESTS
    constant = np.full(4, np.random.default_rng().uniform(5, 10))
    assert close(exponential_average(constant, 0.1), constant), "the average of a constant series is not that constant"
    series = np.random.default_rng().normal(size=4)
    found = as_numbers(exponential_average(series, 0.1))
    assert found.shape == (4,) and close(found[0], series[0]), "the first value is not that of the series"
    assert not equal(found, series), "the series comes back as it was"
    ### END HIDDEN TESTS
marks.total()

# %% [markdown] nbgrader={"grade_id": "task_half_life", "grade": false, "solution": false, "locked": true, "task": false, "schema_version": 3}
# ## 3. How fast it forgets
#
# In an exponential average the weight of a value shrinks by the factor
# `1 - rate` at every step. After how many steps is it halved? The answer is
# seldom a whole number: with rate 0.5 it is 1, with rate 0.1 about 6.6.


# %% nbgrader={"grade_id": "half_life", "grade": false, "solution": true, "locked": false, "task": false, "schema_version": 3}
def half_life(rate):
    """The number of steps, a float, after which the weight of a value is halved.

    Args:
      rate: between 0 and 1, both excluded.
    """
    ### BEGIN SOLUTION
    return np.log(0.5) / np.log(1 - rate)
    ### END SOLUTION


# %% nbgrader={"grade_id": "test_half_life", "grade": true, "solution": false, "locked": true, "task": false, "points": 15, "schema_version": 3}
marks = Marks(15)
with marks.part(5, "the examples"):
    assert close(half_life(0.5), 1), "with rate 0.5 the weight is halved in one step"
    assert close(half_life(0.1), 6.579, atol=0.001), "with rate 0.1 the weight is halved in 6.579 steps"
    ### BEGIN HIDDEN TESTS
    assert close(half_life(0.75), 0.5), "with rate 0.75 the weight is halved in half a step"
    ### END HIDDEN TESTS
with marks.part(10, "other rates"):
    assert half_life(0.01) > half_life(0.02), "a smaller rate forgets more slowly"
    ### BEGIN HIDDEN TESTS
    for rate in np.random.default_rng().uniform(0.01, 0.9, size=5):
        assert close((1 - rate) ** half_life(rate), 0.5), f"the weight is not halved with rate {rate:.2f}"
    ### END HIDDEN TESTS
marks.total()

# %% [markdown] nbgrader={"grade_id": "question_outlier", "grade": true, "solution": true, "locked": false, "task": false, "points": 15, "schema_version": 3}
# **Question 1.** One value of a series is a mistake, ten times too large. What
# does each of the two averages show afterwards, and for how long?
#
# ### BEGIN SOLUTION
# The moving average is too high by the same amount for as many steps as it is
# wide, and then as if nothing had happened. The exponential average jumps at
# once. What is left of the mistake shrinks by a fixed factor at each step, and
# never quite ends.
#
# Rubric: moving average 7 points (always the same amount 3, for the width of
# the window 4); exponential average 8 points (shrinks 4, by a fixed factor 2,
# never ends 2).
# ### END SOLUTION

# %% [markdown] nbgrader={"grade_id": "question_delay", "grade": true, "solution": true, "locked": false, "task": false, "points": 10, "schema_version": 3}
# **Question 2.** Why does every average of past values come late, and what do
# you pay for one that comes less late?
#
# ### BEGIN SOLUTION
# It mixes the present with values that are out of date. Fewer or lighter old
# values make it quicker, and leave more of the noise.
#
# Rubric: old values hold it back 5 points; less delay, more noise 5 points.
# ### END SOLUTION
