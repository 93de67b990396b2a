from __future__ import annotations

from benchmarks import tie_out


def test_the_comparison_is_measured_beside_a_bare_duckdb() -> None:
    (figure,), more = tie_out.measure(2000)
    assert (figure.of, figure.per_second > 0, figure.bare_per_second > 0) == ("invoices", True, True)
    assert more["times_bare"] > 0
    assert more["peak_mb"] > more["bare_peak_mb"] / 2 > 0
