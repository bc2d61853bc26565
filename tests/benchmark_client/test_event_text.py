"""Messages are read from bytes that may be cut anywhere."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from benchmark_client.event_text import EventReader, Message

STREAM = (
    'retry: 1000\nid: 6\n\n: nothing new\n\nid: 7\nevent: run.progress\ndata: {"said": "a\u2028b"}\n\n'
    "id: 8\r\ndata: one\r\ndata: two\r\n\r\nid: 9\ndata: half"
).encode()
MESSAGES = [Message('{"said": "a\u2028b"}', "7"), Message("one\ntwo", "8")]


@given(st.lists(st.integers(0, len(STREAM))))
def test_messages_are_the_same_wherever_the_bytes_are_cut(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(STREAM)]
    reader = EventReader()
    pieces = [STREAM[start:end] for start, end in pairwise(places)]
    assert [message for piece in pieces for message in reader.read(piece)] == MESSAGES


def test_a_number_without_a_message_says_where_the_stream_begins() -> None:
    reader = EventReader()
    assert reader.read(b"retry: 1000\nid: 6\n\n") == []
    assert reader.id == "6"
