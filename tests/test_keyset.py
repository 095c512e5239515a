"""The keys of pages in addresses."""

from datetime import UTC, datetime

from auctionapp.keyset import Key


def test_a_key_reads_as_it_was_written_and_anything_else_is_none():
    key = Key(datetime(2026, 11, 21, 18, 0, 0, 123457, UTC), 42)
    assert Key.read(str(key)) == key
    for wrong in ("", ".", "1.", "x.1", "1.x", "1.2.3", "9" * 30 + ".1", "1." + "9" * 30, "-1.2", "²1.1"):
        assert Key.read(wrong) is None
