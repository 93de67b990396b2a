"""``bin/bench sandbox`` measures what it says: each call is checked, and each figure stands beside its counterpart."""

from __future__ import annotations

import json
from contextlib import closing

import pytest

from benchmarks import servers
from benchmarks.__main__ import main
from benchmarks.calls import Call, Client, Refused
from benchmarks.measuring import compared


def test_every_figure_has_a_rate_and_a_ratio_and_json_is_the_last_line(capsys):
    assert main(["sandbox", "--seconds", "0.01", "--deals", "100", "--invoices", "2000"]) == 0
    lines = capsys.readouterr().out.splitlines()
    figures = json.loads(lines[-1])["figures"]
    assert len(figures) == 7
    for name, figure in figures.items():
        assert figure["per_second"] > 0
        assert 0 < figure["ratio"] < 1
        assert sum(line.startswith(name) for line in lines) == 1


def test_an_answer_that_is_not_what_was_asked_for_is_no_measurement():
    call = Call("a page", "pages", "/", "text/plain", lambda: b"ask", b"row", 2)
    with servers.bare(b"row row", "text/plain") as url, closing(Client(url)) as client:
        assert client.post(call) == b"row row"
    with servers.bare(b"row", "text/plain") as url, closing(Client(url)) as client, pytest.raises(Refused, match="row"):
        client.post(call)


def test_rates_count_what_one_request_is_about():
    figure = compared("a", "rows", lambda: None, lambda: sum(range(20_000)), 0.01, each=100)
    assert figure.per_second > figure.bare_per_second > 100
    assert figure.ratio > 1


@pytest.mark.parametrize("wrong", [["--deals", "99"], ["--invoices", "1999"], ["--seconds", "0"]])
def test_too_little_to_measure_is_refused(wrong, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["sandbox", *wrong])
    assert ended.value.code == 2
