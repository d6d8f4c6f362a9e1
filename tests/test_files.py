"""Tables are read whole or refused, files are written whole or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import files
from models.errors import PriceFileError
from models.files import read_table, spreadsheet_text, write_atomically


def test_a_table_gives_line_numbers_and_rows(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text('a,b\n1,"2,5"\n3,4\n')
    assert list(read_table(path, ["a", "b"])) == [
        (2, {"a": "1", "b": "2,5"}), (3, {"a": "3", "b": "4"}),
    ]  # fmt: skip


@pytest.mark.parametrize("content", ["b,a\n1,2\n", "a\n1\n", "a,b,c\n1,2,3\n", "1,2\n"])
def test_other_columns_are_refused(tmp_path, content):
    path = tmp_path / "table.csv"
    path.write_text(content)
    with pytest.raises(PriceFileError, match=r"table\.csv:1: columns are .*; they must be a,b"):
        list(read_table(path, ["a", "b"]))


def test_text_and_bytes_are_written(tmp_path):
    write_atomically(tmp_path / "text", "é\n")
    write_atomically(tmp_path / "bytes", b"\x00\xff")
    assert (tmp_path / "text").read_bytes() == b"\xc3\xa9\n"
    assert (tmp_path / "bytes").read_bytes() == b"\x00\xff"


def test_folders_are_made_on_the_way(tmp_path):
    write_atomically(tmp_path / "deep" / "er" / "file", "x")
    assert (tmp_path / "deep" / "er" / "file").read_text() == "x"


def test_a_written_file_can_be_read_by_others(tmp_path):
    write_atomically(tmp_path / "file", "x")
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o644


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_atomically(path, "old")

    def full_disk(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(files.os, "fdopen", full_disk)
    with pytest.raises(OSError, match="no space"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert [found.name for found in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_text_that_a_spreadsheet_would_run_is_escaped(start):
    assert spreadsheet_text(f"{start}1+1") == f"'{start}1+1"


@given(st.text())
def test_other_text_is_left_as_it_is(text):
    escaped = spreadsheet_text(text)
    assert escaped in (text, f"'{text}")
    assert not escaped.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
