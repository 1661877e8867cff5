"""Words by which mail programs tell that a quote, an older mail, a footer or a note begins, in many languages."""

import re

_WROTE = (
    r"wrote|writes|said|schrieben|écrit|escribió|escribio|ha scritto|scrisse|escreveu|írta|написал(?:\(а\))?|"
    r"пишет|писал|написав|yazdı|a scris|έγραψε|idatzi zuen|va escriure"
)
# In these languages the name comes last: "Am 3.5. schrieb Ada Obi:".
_WROTE_WHO = r"(?:schrieb|schreef|skrev|skrifaði|kirjoitti|napisał(?:\(a\))?|napsal(?:\(a\))?)(?: am)?[^\n]{0,80}"
ENDS_ATTRIBUTION = re.compile(
    rf"(?:^|[\s>\"'*)])(?:{_WROTE}|{_WROTE_WHO})(?: the following)?\s?:$"
    r"|(?:写道|寫道|さん(?:は|が)書きました|님이 작성)[：:]?$",
    re.IGNORECASE,
)
BEGINS_ATTRIBUTION = re.compile(
    r"(?=[^\n]{0,200}\d)(?:On|Am|Le|El|Em|Il|Op|Den|Dne|W dniu|Dnia|At|In|Quoting|\*|\d{4}[-/]\d{1,2}[-/]\d{1,2}|"
    r"\d{1,2}[-./]\d{1,2}[-./]\d{2,4}|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\w*,?) "
)
# Programs that put only date and name, or only name and address, above a quote.
DATED_NAME = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2},? [^<>]{1,80}<[^<>]+>:?|[^<>:]{1,80} <[^<>\s]+@[^<>\s]+>:")

# Five dashes; with eight of them Thunderbird announces a mail that is forwarded.
ORIGINAL = re.compile(
    r"-{2,6} ?(?:Original (?:Message|Mail)|Original-Nachricht|Ursprüngliche (?:Nachricht|Mail)|Message d'origine|"
    r"Mensaje original|Messaggio originale|Mensagem original|Oorspronkelijk bericht|Reply message) ?-{2,6}\s*",
    re.IGNORECASE,
)
HEADER_BLOCK = re.compile(r"\*?(?:From|Von|De|Da|Van|Od)\*? ?:\*? ")
_SENT = r"\*?(?:Sent|Gesendet|Envoyé|Enviado|Inviato|Verzonden|Wysłano)(?: el| em)?\*? ?:\*? "
HEADER_BLOCK_NEXT = re.compile(_SENT)
ODD_QUOTE = re.compile(r"[ \t]{1,3}>|[A-Z]{2,3}>{1,4}(?: |$)")
# A look at the whole text for what most mails do not have.
UNUSUAL = re.compile(rf"\n(?:[ \t]{{1,3}}>|[A-Z]{{2,3}}>|>>> |{_SENT})")
FORWARDED = re.compile(r"forwarded|weitergeleitet|transféré|reenviad|inoltrato|doorgestuurd", re.IGNORECASE)

OF_LIST = re.compile(r"mailing list|mailman/|/listinfo|unsubscribe|/archives/list/|groups\.io", re.IGNORECASE)
SCRUBBED = re.compile(
    r"(?:A non-text attachment|An HTML attachment|An embedded (?:and charset-unspecified text|message)) was scrubbed"
    r"|A message part incompatible with plain text|Skipped content of type"
)
NOTE_FACT = re.compile(r"(?:Name|Type|Size|Desc|URL|From|Subject|Date) ?: ?|$", re.IGNORECASE)

RULE = re.compile(r"[_-]{20,}\s*")

PHONE = re.compile(
    r"(?:Sent|Envoyé|Enviado|Inviato|Verstuurd) (?:from|via|depuis|de|desde|da|vanaf) .{0,15}"
    r"(?:phone|iPad|mobile|Android|BlackBerry|Samsung|Galaxy|Outlook|Mail)\b.{0,40}"
    r"|Von meinem .{0,15}(?:iPhone|iPad|Handy|Telefon|Mobil\w*|Android\S*) gesendet\.?",
    re.IGNORECASE,
)
