"""Readers of streams, as browsers and programs are."""

import http.client
import re
import socket
import threading
import time
from dataclasses import dataclass


@dataclass
class Frame:
    id: str = ""
    event: str = ""
    data: str = ""


def parse(text):
    """The frames of a whole text, by the rules of the standard."""
    frames, frame, lines = [], Frame(), []
    for line in re.split("\r\n|\r|\n", text):
        if not line:
            if frame.id or frame.event or lines:
                frame.data = "\n".join(lines)
                frames.append(frame)
            frame, lines = Frame(), []
        elif not line.startswith(":"):
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "data":
                lines.append(value)
            elif field in ("id", "event"):
                setattr(frame, field, value)
    return frames


class Reader(threading.Thread):
    """Reads one stream until it ends or is told to stop."""

    def __init__(self, port, path, **headers):
        super().__init__(daemon=True)
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.connection.request("GET", path, headers={"Accept": "text/event-stream"} | headers)
        self.answer = self.connection.getresponse()
        self.socket = self.connection.sock or self.answer.fp.raw._sock
        self.text = ""
        self.ended_cleanly = None
        self.start()

    def run(self):
        """Decode HTTP's chunks here: http.client does not tell a proper end from a connection that breaks."""
        self.ended_cleanly = False
        raw = self.answer.fp
        try:
            while size := int(raw.readline(), 16):
                self.text += raw.read(size).decode()
                raw.readline()
            self.ended_cleanly = True
        except (OSError, ValueError):
            pass

    @property
    def frames(self):
        return parse(self.text[: self.text.rfind("\n\n") + 2])

    @property
    def events(self):
        return [frame for frame in self.frames if frame.event and frame.event != "heartbeat"]

    def wait_for(self, condition, seconds=5.0):
        """Wait until the condition holds for this reader; say how long it took."""
        started = time.monotonic()
        while not condition(self):
            assert time.monotonic() - started < seconds, f"not within {seconds} s; the stream so far:\n{self.text[-1500:]}"
            time.sleep(0.01)
        return time.monotonic() - started

    def wait_until_open(self):
        """It hears its topics from now on (its first frame is written just before it goes live)."""
        self.wait_for(lambda reader: "id: " in reader.text or "retry: " in reader.text)
        return self

    def hang_up(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
