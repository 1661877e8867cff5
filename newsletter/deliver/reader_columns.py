"""Which column of a file of readers says what: guessed from its heading and from what stands in it."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from newsletter.deliver.csv_cells import plain_cell
from newsletter.model.address import find_address

_HEADINGS = {
    "address": (
        "email address|e mail address|email|e mail|mail|address|subscriber email|email adresse|e mail adresse|"
        "mailadresse|adresse|correo electronico|correo|courriel|adresse e mail|adresse email|adresse mail|"
        "indirizzo email|indirizzo e mail|indirizzo|endereco de email|e mailadres|emailadres|epost|e post|epostadresse|"
        "e postadress|sahkoposti|adres e mail|adres email|электронная почта|почта|メールアドレス|电子邮件|邮箱|이메일"
    ),
    "date": (
        "agreed at|confirm time|confirmed at|confirmation time|confirmation date|opt in time|optin time|opt in date|"
        "subscribed at|subscription date|subscribe date|subscribed on|signup date|sign up date|date joined|joined at|"
        "joined|created at|creation date|created|date added|added at|since|date|anmeldedatum|angemeldet am|datum|"
        "eintragungsdatum|fecha de alta|fecha de suscripcion|fecha|date d inscription|date inscription|inscrit le|"
        "data iscrizione|data di iscrizione|data|data de inscricao|registered|timestamp"
    ),
    "sections": (
        "sections|section|topics|topic|interests|groups|tags|rubriken|themen|bereiche|secciones|temas|rubriques|themes|"
        "sezioni|argomenti|lists"
    ),
    "rhythm": (
        "rhythm|frequency|how often|digest|delivery mode|delivery|rhythmus|haufigkeit|turnus|frecuencia|frequence|"
        "frequenza|frequencia|periodicity"
    ),
    "state": (
        "state|status|subscriber type|subscription status|optin status|type|zustand|estado|statut|stato|situacao|etat"
    ),
    "left": (
        "left at|unsub time|unsubscribed at|unsubscribe date|unsubscription date|unsubscribed on|clean time|"
        "optout date|opt out date|optout time|abgemeldet am|fecha de baja|date de desinscription"
    ),
    "name": "name|full name|first name|last name|vorname|nachname|nombre|apellido|nom|prenom|nome|cognome|display name",
}
_WORDS = {part: {word: at for at, word in enumerate(words.split("|"))} for part, words in _HEADINGS.items()}


def _split(words: str) -> frozenset[str]:
    return frozenset(words.split())


ACTIVE = _split(
    "enabled active subscribed confirmed regular premium gifted paid trialed ok on yes true 1 aktiv angemeldet "
    "abonniert bestatigt activo activa suscrito actif active abonne inscrit attivo iscritto ativo inscrito"
)
LEFT = _split(
    "unsubscribed left removed disabled blocklisted blacklisted blocked cleaned bounced bouncing complained complaint "
    "spammy spam undeliverable malformed optout unsub churned past erased abgemeldet ausgetragen gesperrt baja "
    "desabonne desinscrit disiscritto cancelado no false 0"
)
WAITING = _split(
    "unconfirmed unactivated pending waiting inactive unverified notconfirmed imported unbestatigt ausstehend "
    "pendiente enattente inattesa pendente"
)
_NOT_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each thing stands, by the number of its column; None when nowhere."""

    address: int | None
    date: int | None = None
    sections: int | None = None
    rhythm: int | None = None
    state: int | None = None
    left: int | None = None
    has_heading: bool = False
    headings: tuple[str, ...] = ()
    unused: tuple[str, ...] = field(default=())
    """Headings of columns of which nothing is kept."""


def guess_columns(sample: Sequence[Sequence[str]]) -> Columns:
    """The columns of a file whose first rows are ``sample``."""
    if not sample:
        return Columns(None)
    has_heading = not any(find_address(plain_cell(cell)) for cell in sample[0])
    body = sample[1:] if has_heading else sample
    headings = tuple(cell.strip() for cell in sample[0]) if has_heading else ()
    ranks = [_ranks(each) for each in headings] or [{} for _ in range(max(map(len, body), default=0))]
    address = _address_column(ranks, body)
    taken = {address}
    found: dict[str, int | None] = {}
    for part in ("date", "sections", "rhythm", "left", "state"):
        options = [at for at in range(len(ranks)) if part in ranks[at] and at not in taken]
        if part == "state":
            options = [at for at in options if _holds_states(body, at)]
        found[part] = min(options, key=lambda at: ranks[at][part], default=None)
        taken.add(found[part])
    unused = tuple(each for at, each in enumerate(headings) if at not in taken and each)
    return Columns(address, **found, has_heading=has_heading, headings=headings, unused=unused)


@lru_cache(2048)
def word_of(text: str) -> str:
    """A word as it is compared: without case, accents and signs."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _NOT_WORD.sub("", "".join(letter for letter in plain if not unicodedata.combining(letter)))


def _ranks(heading: str) -> dict[str, int]:
    """What a heading may stand for, the likelier the lower."""
    plain = unicodedata.normalize("NFKD", plain_cell(heading).casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    name = unicodedata.normalize("NFKC", _NOT_WORD.sub(" ", bare)).strip()
    return {part: words[name] for part, words in _WORDS.items() if name in words}


def _address_column(ranks: Sequence[dict[str, int]], body: Sequence[Sequence[str]]) -> int | None:
    """The column with the most addresses; its heading decides between equals, and alone when there are no rows."""
    width = max([len(ranks), *map(len, body)], default=0)

    def count(at: int) -> int:
        return sum(find_address(plain_cell(row[at])) is not None for row in body if at < len(row))

    counts = [count(at) for at in range(width)]
    named = [at for at in range(len(ranks)) if "address" in ranks[at]]
    if not any(counts):
        return min(named, key=lambda at: ranks[at]["address"], default=0 if width == 1 else None)
    # A column that is called so wins over one that merely holds as many, such as whose assistant it is.
    return max(range(width), key=lambda at: (counts[at], at in named, -ranks[at]["address"] if at in named else 0, -at))


def _holds_states(body: Sequence[Sequence[str]], at: int) -> bool:
    values = [word_of(row[at]) for row in body if at < len(row) and row[at].strip()]
    known = sum(each in ACTIVE or each in LEFT or each in WAITING for each in values)
    return bool(values) and known * 2 >= len(values)
