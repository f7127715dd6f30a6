"""The bars of bars.py in a short form: each has room for a busy machine, and none for a slip by a factor."""
import bars


def test_a_check():
    costs = bars.latency()
    assert costs["session.check(action, resource)"] < bars.CHECK_MOST, costs


def test_a_row():
    whole, beside = bars.row_costs(200_000)
    assert beside < bars.ROW_MOST and beside < whole, (whole, beside)


def test_memory():
    both, extra = bars.memory_of_a_process(2_000_000)
    assert extra < bars.MEMORY_MOST * both, (both, extra)
