"""A settings file is checked whole: every problem at once, each with file, line, key, value and what is allowed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from textwrap import dedent
from typing import Annotated, Literal

import pytest
from pydantic import AfterValidator, BaseModel, Field

from include.core.books import Currency
from include.core.errors import SettingsError
from include.core.settings import SettingsProblems, load, load_all, load_flow_settings, settings_dir

Writer = Callable[..., Path]


def _even(number: int) -> int:
    if number % 2:
        raise ValueError("must be even")
    return number


class Rule(BaseModel):
    account: str
    percent: Decimal = Decimal(0)
    when: Literal["always", "never"] = "always"


class House(BaseModel):
    name: str = Field(description="the company's name")
    opened: date | None = None
    currency: Currency = "USD"
    floors: Annotated[int, AfterValidator(_even)] = 2
    active: bool = True
    countries: tuple[str, ...] = ()
    rules: dict[str, Rule] = {}
    extras: list[Rule] = []
    api_token: str = ""


@pytest.fixture
def write(tmp_path: Path) -> Writer:
    def file(text: str, name: str = "house.yaml") -> Path:
        path = tmp_path / name
        path.write_text(dedent(text), encoding="utf-8")
        return path

    return file


def problems(path: Path) -> list[str]:
    with pytest.raises(SettingsProblems) as error:
        load(path, House)
    return [str(problem) for problem in error.value.problems]


def test_a_right_file_is_loaded(write: Writer) -> None:
    house = load(
        write("""
            name: Brightwater
            opened: 2019-04-01
            countries: [NO, GB, on]
            rules:
              100: {account: "4000", percent: 0.1}
              0200: {account: "4100"}
            extras:
              - &base {account: "4200", when: never}
              - {<<: *base, account: "4300"}
            """),
        House,
    )

    assert house.opened == date(2019, 4, 1)
    assert house.countries == ("NO", "GB", "on")
    assert set(house.rules) == {"100", "0200"}
    assert house.rules["100"].percent == Decimal("0.1")
    assert (house.extras[1].account, house.extras[1].when) == ("4300", "never")


def test_all_problems_are_told_at_once_with_file_line_key_value_and_what_is_allowed(write: Writer) -> None:
    said = problems(
        write("""\
            opened: soon
            currency: EURO
            floors: 3
            active: perhaps
            rules:
              "100":
                account: 4000
                when: sometimes
              "200": x
            extras: {}
            """)
    )

    assert said == [
        "house.yaml line 1: name is missing; add it: the company's name",
        "house.yaml line 1: opened is 'soon'; allowed: a date such as 2026-11-16",
        "house.yaml line 2: currency is 'EURO'; 'EURO' is not a currency code of ISO 4217; correct it where it was "
        "entered",
        "house.yaml line 3: floors is 3; must be even",
        "house.yaml line 4: active is 'perhaps'; allowed: true or false",
        "house.yaml line 7: rules.100.account is 4000; allowed: a text; put it in quotes",
        "house.yaml line 8: rules.100.when is 'sometimes'; allowed: 'always' or 'never'",
        "house.yaml line 9: rules.200 is 'x'; allowed: keys with values",
        "house.yaml line 10: extras is a group of keys; allowed: a list",
    ]


def test_an_unknown_key_is_refused_with_the_key_that_was_meant(write: Writer) -> None:
    said = problems(
        write("""\
            name: x
            curency: USD
            zzz: 1
            rules:
              "100":
                account: "1"
                percnt: 5
            extras:
              - account: "1"
                wen: never
            """)
    )

    assert "house.yaml line 2: curency is not a key that is known here; did you mean currency?" in said
    assert any(
        text.startswith("house.yaml line 3: zzz is not a key that is known here; allowed here: active") for text in said
    )
    assert "house.yaml line 7: rules.100.percnt is not a key that is known here; did you mean percent?" in said
    assert "house.yaml line 10: extras.0.wen is not a key that is known here; did you mean when?" in said


def test_a_key_given_twice_is_refused_with_both_lines(write: Writer) -> None:
    said = problems(write("name: one\nactive: true\nname: two\n"))

    assert said == ["house.yaml line 3: name is given again; this key stands here twice, first in line 1; leave one"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name: [1, 2\nactive: true\n", "house.yaml line 2: this is not YAML"),
        ("name: 'x\n", "house.yaml line 2: this is not YAML"),
        ("- a\n- b\n", "house.yaml line 1: the file must be keys with values"),
        ("name: !!python/object/apply:os.system ['true']\n", "house.yaml line 1: this is not YAML"),
        ("? [a, b]\n: 1\n", "house.yaml line 1: a key must be a text or a number"),
        ("a: &a [*a]\n", "house.yaml: this is not YAML (RecursionError)"),
    ],
)
def test_what_is_no_settings_file_is_told_with_its_line(write: Writer, text: str, says: str) -> None:
    assert problems(write(text))[0].startswith(says)


def test_a_file_of_nested_aliases_is_refused_before_it_grows(write: Writer) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]

    assert problems(write("\n".join(lines)))[0].endswith("the file has more than 100000 values")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert problems(tmp_path / "house.yaml") == ["house.yaml: the file does not exist"]


def test_an_empty_file_lacks_its_keys(write: Writer) -> None:
    assert problems(write("# nothing yet\n")) == ["house.yaml: name is missing; add it: the company's name"]


@pytest.mark.parametrize(
    "text",
    [
        "name: x\npassword: hunter2-canary\n",
        "name: x\napi_token: [hunter2-canary]\n",
        "name: x\nfloors: https://user:hunter2-canary@example.com/\n",
        "name: x\nfloors: pat-na1-hunter2-canary\n",
        "name: x\nrules: {client_secret: hunter2-canary}\n",
        "name: x\napi_token: 'hunter2-canary\n",
    ],
)
def test_a_secret_is_never_shown(write: Writer, text: str) -> None:
    path = write(text)
    with pytest.raises(SettingsProblems) as error:
        load(path, House)

    assert "hunter2" not in str(error.value) + repr(error.value) + repr(error.value.problems)


def test_the_problems_of_all_files_come_together(write: Writer) -> None:
    files = {
        "one.yaml": (write("name: 1\n", "one.yaml"), House),
        "two.yaml": (write("name: x\n", "two.yaml"), House),
        "three.yaml": (write("account: [\n", "three.yaml"), Rule),
    }
    with pytest.raises(SettingsProblems) as error:
        load_all(files)

    assert [(problem.file, problem.line) for problem in error.value.problems] == [("one.yaml", 1), ("three.yaml", 2)]
    assert str(error.value).startswith("2 problems in the settings; nothing was sent:\n- one.yaml line 1: name is 1;")


def test_right_files_are_loaded_together_by_name(write: Writer) -> None:
    loaded = load_all({"a": (write("name: x\n"), House), "b": (write("account: '1'\n", "b.yaml"), Rule)})

    assert loaded == {"a": House(name="x"), "b": Rule(account="1")}


def test_a_flow_is_told_the_problems_of_the_companys_books_and_of_its_own_file(write: Writer) -> None:
    folder = write("account: 1\n", "some_flow.yaml").parent
    with pytest.raises(SettingsProblems) as error:
        load_flow_settings("some_flow", Rule, folder)

    assert {problem.file for problem in error.value.problems} == {"books.yaml", "some_flow.yaml"}


def test_the_settings_folder_is_the_shipped_one_unless_the_environment_names_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TIEOUT_SETTINGS_DIR", raising=False)
    assert settings_dir().parts[-2:] == ("include", "settings")
    monkeypatch.setenv("TIEOUT_SETTINGS_DIR", str(tmp_path))
    assert settings_dir() == tmp_path
    monkeypatch.setenv("TIEOUT_SETTINGS_DIR", str(tmp_path / "missing"))
    with pytest.raises(SettingsError, match="missing"):
        settings_dir()
