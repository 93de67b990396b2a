from __future__ import annotations

from benchmarks import revenue_report


def test_the_report_is_measured_from_records_to_files_beside_a_bare_duckdb() -> None:
    (figure,), more = revenue_report.measure(200)
    assert (figure.of, figure.per_second > 0, figure.bare_per_second > 0) == ("facts", True, True)
    # Billed and recognised for each, collected for every other, booked for four in five, pipeline and weighted for one.
    assert more["facts"] == 200 * 2 + 100 + 160 + 2 * 40
    assert more["whole_seconds"] > 0
    assert 0 < more["workbook_cpu_seconds"] < more["whole_cpu_seconds"]
    assert more["peak_mb"] > 0
    # The bare side stops the benchmark where it finds another number of facts.
    assert more["whole_cpu_times_bare"] > 0
    assert more["peak_times_bare"] > 0
