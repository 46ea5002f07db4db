"""A judge learns a line and its exceptions, and says how sure it is."""

import numpy as np

from tests.bench import boosting_training
from vdlab.keyframes import boosting, transitions


def test_a_judge_learns_a_line_and_goes_on_where_no_example_went():
    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, (400, 3))
    judge = boosting_training.fit(x, x[:, 0] > 0, trees=20)
    assert np.mean((judge(x) > 0) == (x[:, 0] > 0)) > 0.97
    assert judge([3.5, 0, 0])[0] > judge([1, 0, 0])[0] > 0


def test_a_judge_learns_what_no_line_says():
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, (600, 2))
    true = (x[:, 0] > 0) == (x[:, 1] > 0)
    assert np.mean((boosting_training.fit(x, true, trees=60)(x) > 0) == true) > 0.95


def test_evidence_is_bounded_far_from_all_examples():
    rng = np.random.default_rng(2)
    x = rng.normal(0, 1, (300, 2))
    judge = boosting_training.fit(x, x[:, 0] > 0)
    assert np.abs(judge([[1e6, -1e6], [-1e6, 1e6]])).max() <= boosting.SURE


def test_the_judges_of_joins_fit_what_is_measured():
    from vdlab.keyframes import cuts, dissolves, fades, sweeps

    measured = dict(
        zip(
            transitions.LOOKS,
            map(
                len,
                (
                    *(cuts.FIRST, cuts.SECOND, cuts.PAGE, fades.MEASURES),
                    *(dissolves.FIRST, dissolves.SECOND, sweeps.MEASURES),
                ),
            ),
        )
    )
    for look, judge in transitions.judges().items():
        assert judge.line.shape == (3, measured[look] + 1)
        assert judge.feature.max() < measured[look]
