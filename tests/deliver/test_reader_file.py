"""Files of readers: encodings, separators, columns, rows, and what is hostile in them. All written by hand here."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter.deliver.csv_cells import plain_cell, safe_cell, safe_row
from newsletter.deliver.reader_columns import Columns, guess_columns
from newsletter.deliver.reader_file import LONGEST_ROW, form_of, rows
from newsletter.deliver.reader_rows import ReadRow, RowReader, day_order, read_day
from newsletter.model.address import address_key, find_address, masked, read_address
from newsletter.model.subscriber import Choice
from tests.corpus import CORPUS, needs_corpus

NOW = datetime(2026, 3, 6, 18, tzinfo=UTC)
SECTIONS = {"events": "Events", "developer": "Developer Community", "news": "In the News"}
LISTMONK = """\
uuid,email,name,attributes,status,created_at,updated_at
1f0c,ada@example.org,"Ada, of L.","{""city"": ""L""}",enabled,2023-04-05 06:07:08.9+00,2024-01-01 00:00:00+00
2f0c,ben@example.org,Ben,{},blocklisted,2023-04-05 06:07:08.9+00,2024-01-01 00:00:00+00
3f0c,cy@example.org,Cy,{},disabled,2023-04-05 06:07:08.9+00,2024-01-01 00:00:00+00
"""
MAILCHIMP = """\
"Email Address","First Name",Address,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,LAST_CHANGED,LEID,NOTES,TAGS
ada@example.org,Ada,"1 Main St",2,"2023-04-05 06:07:08",192.0.2.1,"2023-04-06 06:07:08","2024-01-01 00:00:00",1,,"""
UNSUBSCRIBED = """\
"Email Address","First Name",OPTIN_TIME,UNSUB_TIME,UNSUB_CAMPAIGN_TITLE
ada@example.org,Ada,"2023-04-05 06:07:08","2024-04-05 06:07:08",x
"""
BUTTONDOWN = """\
id,email_address,creation_date,type,tags,notes
a,ada@example.org,2023-04-05T06:07:08.901234Z,regular,"events, unknown",
b,ben@example.org,2023-04-05T06:07:08.901234Z,unactivated,,
c,cy@example.org,2023-04-05T06:07:08.901234Z,unsubscribed,,
d,di@example.org,2023-04-05T06:07:08.901234Z,premium,,
e,ed@example.org,2023-04-05T06:07:08.901234Z,sleeping,,
"""
ROSTER = 'ada@example.org\nBen B <ben@example.org>\n"Doe, Jane" <jane@example.org>\nnobody at all\n'


def read(path: Path, text: str | bytes) -> list[ReadRow]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    form = form_of(path)
    found = list(rows(path, form))
    columns = guess_columns([each.cells for each in found if not each.problem])
    dates = [each.cells[columns.date] for each in found if columns.date is not None and columns.date < len(each.cells)]
    reader = RowReader(columns, SECTIONS, NOW, day_order(dates))
    body = found[1:] if columns.has_heading else found
    return [ReadRow("failed", problem=row.problem) if row.problem else reader.read(row.cells) for row in body]


def test_exports_of_known_list_software(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    at = datetime(2023, 4, 5, 6, 7, 8, tzinfo=UTC)
    ada, ben, cy = read(path, LISTMONK)
    assert (ada, ben.fate, cy.fate) == (
        ReadRow("in", "ada@example.org", Choice(), at.replace(microsecond=900_000)),
        "left",
        "left",
    )
    assert read(path, MAILCHIMP) == [ReadRow("in", "ada@example.org", Choice(), at.replace(day=6))]
    assert [each.fate for each in read(path, UNSUBSCRIBED)] == ["left"]
    ada, ben, cy, di, ed = read(path, BUTTONDOWN)
    assert ada.choice == Choice("weekly", ("events",))
    assert [each.fate for each in (ada, ben, cy, di, ed)] == ["in", "unconfirmed", "left", "in", "failed"]
    assert ed.problem == "the state “sleeping” is not known"
    found = read(path, ROSTER)
    assert [each.address for each in found] == ["ada@example.org", "ben@example.org", "jane@example.org", ""]
    assert found[3].problem == "not an address"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_separators(tmp_path: Path, encoding: str, delimiter: str, end: str) -> None:
    lines = (("E-Mail-Adresse", "Häufigkeit", "Anmeldedatum"), ("jörg@example.org", "x", "y"))
    lines += (("ada@bücher.example", "monatlich", "31.01.2024"),)
    path = tmp_path / "x.csv"
    found = read(path, end.join(delimiter.join(line) for line in lines).encode(encoding))
    at = datetime(2024, 1, 31, tzinfo=UTC)
    assert found == [
        ReadRow("failed", problem="not an address"),
        ReadRow("in", "ada@xn--bcher-kva.example", Choice("monthly"), at),
    ]


@pytest.mark.parametrize(
    ("heading", "wanted"),
    [
        ("correo electrónico;fecha de alta;estado", Columns(0, date=1, state=2)),
        ("Nom;Courriel;Date d'inscription;Rubriques", Columns(1, date=2, sections=3)),
        ("name,manager email,email,created_at,updated_at", Columns(2, date=3)),
        ("Address,Email,State", Columns(1)),
    ],
)
def test_columns_are_guessed(heading: str, wanted: Columns) -> None:
    between = ";" if ";" in heading else ","
    names = heading.split(between)
    body = {"estado": "activo", "State": "Ohio", "created_at": "2024-01-01", "updated_at": "2025-01-01"}
    mails = ("correo electrónico", "Courriel", "manager email", "email", "Email")
    row = [body.get(name, "ada@example.org" if name in mails else "x") for name in names]
    found = guess_columns([names, row])
    assert (found.address, found.date, found.sections, found.state) == (
        *(wanted.address, wanted.date, wanted.sections, wanted.state),
    )


def test_a_file_without_addresses_has_no_column_for_them() -> None:
    assert guess_columns([["a", "b"], ["c", "d"]]).address is None
    assert guess_columns([]).address is None


@pytest.mark.parametrize(
    ("text", "order", "wanted"),
    [
        ("2024-01-31", None, datetime(2024, 1, 31, tzinfo=UTC)),
        ("2024-01-31 10:00:00", None, datetime(2024, 1, 31, 10, tzinfo=UTC)),
        ("2024-01-31T10:00:00+02:00", None, datetime(2024, 1, 31, 8, tzinfo=UTC)),
        ("2024-01-31 10:00:00 +0000 UTC", None, datetime(2024, 1, 31, 10, tzinfo=UTC)),
        ("2024/1/31", None, datetime(2024, 1, 31, tzinfo=UTC)),
        ("31.1.2024", None, datetime(2024, 1, 31, tzinfo=UTC)),
        ("1/2/2024", "day first", datetime(2024, 2, 1, tzinfo=UTC)),
        ("1/2/2024", "month first", datetime(2024, 1, 2, tzinfo=UTC)),
        ("1/2/2024", None, None),
        ("Wed, 31 Jan 2024 10:00:00 +0000", None, datetime(2024, 1, 31, 10, tzinfo=UTC)),
        ("2027-01-01", None, None),
        ("0001-01-01", None, None),
        ("0000-00-00 00:00:00", None, None),
        ("31.31.2024", None, None),
        ("soon", None, None),
        ("", None, None),
    ],
)
def test_days_are_read_and_never_invented(text: str, order: str | None, wanted: datetime | None) -> None:
    assert read_day(text, order=order, now=NOW) == wanted  # type: ignore[arg-type]


def test_one_day_shows_the_order_of_all() -> None:
    assert day_order(["1/2/2024", "13/2/2024"]) == "day first"
    assert day_order(["1/2/2024", "2/13/2024"]) == "month first"
    assert day_order(["1/2/2024", "", "x"]) is None


def test_a_quotation_mark_that_stays_open_costs_one_line(tmp_path: Path) -> None:
    lines = ["email,name", 'a@example.org,"open', *(f"r{at}@example.org,x" for at in range(200))]
    found = read(tmp_path / "x.csv", "\n".join(lines))
    assert [each.fate for each in found] == ["failed", *["in"] * 200]
    assert "quotation mark" in found[0].problem
    short = read(tmp_path / "x.csv", "\n".join(lines[:4]))
    assert [each.fate for each in short] == ["failed", "in", "in"]


def test_a_cell_of_a_megabyte_costs_one_line(tmp_path: Path) -> None:
    text = f'email\na@example.org\n{"x" * 1_000_000}@example.org\n"{"y" * 1_000_000}"\n\nb@example.org\n'
    path = tmp_path / "x.csv"
    path.write_text(text)
    found = list(rows(path, form_of(path)))
    assert [(each.line, bool(each.problem)) for each in found] == [
        (1, False),
        (2, False),
        (3, True),
        (4, True),
        (6, False),
    ]
    assert max(len(cell) for each in found for cell in each.cells) < LONGEST_ROW


def test_odd_cells_are_no_addresses(tmp_path: Path) -> None:
    odd = ["a\0b@example.org", '"""a b""@example.org"', "a@example.org\u202e", "=1+1", "@SUM(1)", "a@[127.0.0.1]"]
    found = read(tmp_path / "x.csv", "\n".join(["email", "ok@example.org", *odd]))
    assert [each.fate for each in found] == ["in", *["failed"] * len(odd)]
    assert read_address('"quoted"@example.org') == "quoted@example.org"
    assert find_address("Rita <R@Example.org>") == "R@example.org"
    assert address_key("R@EXAMPLE.org") == "r@example.org"
    assert (masked("rita@example.org"), masked(None)) == ("r…@example.org", "erased")


SAFE = (
    "=1+1",
    "+1",
    "-1",
    "@a",
    "\t=1",
    "\r=1",
    "\tx",
    " =1",
    '"=1',
    "＝1",
    "'=1",
    "''+1",
    "\x00=1",
    "=1+1@example.org",
)


@pytest.mark.parametrize("text", SAFE)
def test_formulas_get_an_apostrophe_and_lose_it_again(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    assert plain_cell(safe_cell(text)) == text


@pytest.mark.parametrize("text", ["", "a", "'a", "1-1", "a@example.org", "x=1", "“=”"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text == plain_cell(text)
    assert safe_row([None, 3, text]) == ["", "3", text]


@needs_corpus
def test_recorded_formulas_are_inert() -> None:
    path = CORPUS / "hostile" / "text" / "csv_injection.jsonl"
    values = [json.loads(line)["value"] for line in path.read_text(encoding="utf-8").splitlines()]
    made = io.StringIO(newline="")
    csv.writer(made).writerows(safe_row([each]) for each in values)
    for (cell,), value in zip(csv.reader(io.StringIO(made.getvalue(), newline="")), values, strict=True):
        bare = cell.lstrip(" \"'\0\t\r\n")
        assert cell.startswith("'") or not bare.startswith(tuple("=+-@＝＋－＠"))
        assert plain_cell(cell) == value
