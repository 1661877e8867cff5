"""The delivery "maildrop": each mail is a file that the town's own mail program takes away."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from newsletter.deliver.ways import Mail
from newsletter.errors import MailFault


@dataclass(frozen=True, slots=True)
class Maildrop:
    """Mails lie in ``folder``, each with the address it is for in its first line, ``at_most`` of them at a time."""

    folder: str
    at_most: int = 10_000
    repeats_safely: ClassVar[bool] = True  # the same mail is the same file

    def deliver(self, mail: Mail) -> str:
        """Write the file, whole or not at all."""
        name = f"{hashlib.sha256(mail.message_id.encode()).hexdigest()[:32]}.mail"
        path = Path(self.folder, name)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not path.exists() and sum(1 for _ in path.parent.glob("*.mail")) >= self.at_most:
                raise MailFault(f"{self.folder} is full")  # it is tried again later
            new = path.with_suffix(".new")
            with new.open("wb") as file:
                file.write(f"{mail.to}\n".encode() + mail.data)
                file.flush()
                os.fsync(file.fileno())
            new.replace(path)
        except OSError as fault:
            raise MailFault(f"{self.folder} cannot be written: {fault.strerror or fault}") from fault
        return f"lies in {name}"
