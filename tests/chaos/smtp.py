"""A real mail server in a process of its own, that can be told to misbehave.

The tests say how in a small file, which the server reads anew at each step; all that it takes it first writes
to another file, one line of JSON for each recipient, so that nothing is lost when it is killed. What stands
there has reached the recipient, whatever the sender came to know of it.

    python -m tests.chaos.smtp FOLDER PORT
"""

import asyncio
import json
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP


@dataclass(frozen=True)
class Manner:
    """How the server behaves.

    answer: "ok"; "slow" takes the message after `seconds`; "drop" takes it and hangs up without an answer;
    "die" takes it and is killed before the answer; "answer, then die"; "later" says 451 to every recipient.
    `refused` are addresses that do not exist (550); `times`: after so many messages it is good again.
    """

    answer: str = "ok"
    seconds: float = 0
    refused: list[str] = field(default_factory=list)
    times: int | None = None


@dataclass(frozen=True)
class Taken:
    """One message as one recipient got it. `at` is the time of the machine, in seconds."""

    to: str
    message_id: str
    subject: str
    text: str
    headers: dict[str, str]
    at: float


class Handler:
    def __init__(self, folder: Path) -> None:
        self.manner_file, self.taken_file = folder / "manner.json", folder / "taken.jsonl"
        self.known: Manner | None = None
        self.misbehaved = 0

    def manner(self) -> Manner:
        manner = Manner(**json.loads(self.manner_file.read_text()))
        if manner != self.known:
            self.known, self.misbehaved = manner, 0
        if manner.times is not None and self.misbehaved >= manner.times:
            return Manner()
        return manner

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        manner = self.manner()
        if address in manner.refused:
            return "550 5.1.1 No such user"
        if manner.answer == "later":
            self.misbehaved += 1
            return "451 4.7.1 Come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        manner = self.manner()
        self.misbehaved += 1
        if manner.answer == "slow":
            await asyncio.sleep(manner.seconds)
        self.write_down(envelope)
        if manner.answer == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if manner.answer == "drop":
            server.transport.abort()
        if manner.answer == "answer, then die":
            asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), signal.SIGKILL)
        return "250 Taken"

    def write_down(self, envelope: Any) -> None:
        message = message_from_bytes(envelope.content, policy=policy.default)
        body = message.get_body(preferencelist=("plain",))
        line = {
            "message_id": message["Message-ID"],
            "subject": message["Subject"],
            "text": body.get_content() if body else "",
            "headers": {name: value for name, value in message.items() if name.startswith("X-")},
            "at": time.time(),
        }
        with self.taken_file.open("a") as taken:
            for to in envelope.rcpt_tos:
                taken.write(json.dumps({"to": to, **line}) + "\n")
            taken.flush()
            os.fsync(taken.fileno())


def main(folder: Path, port: int) -> None:
    handler = Handler(folder)

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(handler, loop=loop), "127.0.0.1", port)
        await server.serve_forever()

    asyncio.run(serve())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
