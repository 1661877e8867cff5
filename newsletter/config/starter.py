"""The feeds.yaml a new home begins with: short, commented, and well as it is."""

from newsletter.config.scalars import quoted
from newsletter.text import one_line, shorten

_NAME = "My community weekly"
_LONGEST = 80

_TEXT = """\
# The newsletter is made after this file: what it reads, how it sorts, when it goes out.
# What follows a # is a note for you; it changes nothing.
# After every change:   newsletter check
# Then:                 newsletter build

newsletter:
  name: {name}
  from: Me <me@example.org>            # who the newsletter comes from
  # reply to: editors@example.org
  # site: https://news.example.org     # where the issues can be read
  language: en

# The week ends, the draft is made, you read it over, it goes out.
schedule:
  timezone: UTC                        # name a city: Europe/Berlin, America/Chicago
  collect until: Thursday 18:00        # the week of an issue ends here
  draft ready: Thursday 18:30
  send: Friday 10:00                   # if you have approved it by then

# Where to read: a blog, a planet, a mailing list. "newsletter add ADDRESS" finds
# the feed behind a page and writes its lines here; or write them yourself.
# "kind:" may be left out; then the program looks for itself.
sources:
  # - name: Our planet
  #   url: https://planet.example.org/atom.xml

  # - name: The developers' list
  #   kind: mailing list
  #   url: https://lists.example.org/pipermail/devel/
  #   section: developer
  #   ignore: [out of office, unsubscribe]

  # - name: Code review
  #   kind: gerrit
  #   url: https://review.example.org
  #   projects: [one, two]
  #   take: [merged, waiting more than 14 days, first-time contributor]
  #   section: developer

# What matters more, and what does not belong here. An item meets the rules one
# after the other; "boost" is added to its score, "drop" takes it out.
rules:
  - name: Releases are highlights
    match:
      title: [release candidate, released, "* is out"]
    section: highlights
    boost: 15

  - name: Things with a deadline
    match:
      has: deadline
    boost: 20

  - name: Vacancies belong elsewhere
    match:
      title: [we are hiring, job opening]
    drop: yes

# Without more, issues have six sections (highlights, events, developer, general,
# statistics, news) and are written into the folder "data" of this home.
# To send them by mail, name a server. Secrets stay in the environment:
# delivery:
#   server: mail.example.org
#   user: from SMTP_USER
#   password: from SMTP_PASSWORD
"""


def starter_text(name: str) -> str:
    """A feeds.yaml for a newsletter whose home is called ``name``."""
    words = shorten(one_line(name.replace("-", " ").replace("_", " ")), _LONGEST)
    title = words[:1].upper() + words[1:] if any(letter.isalnum() for letter in words) else _NAME
    is_plain = all(letter.isalnum() or letter in " .'" for letter in title) and title[0].isalnum()
    return _TEXT.format(name=title if is_plain else quoted(title))
