"""A mail server on loopback that keeps what it is sent, and can be told to refuse."""

import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage


class Conversation(socketserver.StreamRequestHandler):
    server: "MailServer"

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.say("220 ready")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb == "DATA":
                self.say("354 go on")
                lines = []
                while (part := self.rfile.readline()) != b".\r\n":
                    lines.append(part)
                self.server.received.append(message_from_bytes(b"".join(lines), policy=policy.default))
                self.say("250 kept")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            elif verb == "RCPT":
                self.say(self.server.answer_to_recipient)
            elif verb == "AUTH":
                self.server.credentials.append(line)
                self.say("235 welcome")
            elif verb == "EHLO":
                self.say("250-here")
                self.say("250 AUTH PLAIN")
            else:
                self.say("250 fine")


class MailServer(socketserver.ThreadingTCPServer):
    """Listens on a free port from the beginning; `received` holds the mails in order."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.received: list[EmailMessage] = []
        self.credentials: list[str] = []
        self.answer_to_recipient = "250 fine"
        self.thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        self.thread.join()
