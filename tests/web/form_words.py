"""What the forms of the web name: a home is got ready for all of them."""

import re
from datetime import timedelta

import pyotp

from newsletter.edit.entry_changes import item_of
from newsletter.model.item import item_id
from newsletter.pipeline.api_tokens import add_token
from newsletter.pipeline.editors import SIGN_IN, add_editor, all_editors, make_link
from newsletter.pipeline.feeds_file import read_feeds
from newsletter.pipeline.logins import begin_login, token_hash
from newsletter.pipeline.review import act, open_desk
from newsletter.pipeline.same_story import merge
from newsletter.pipeline.second_step import turn_on
from newsletter.pipeline.sign_in import password_by_link
from newsletter.pipeline.times import send_time
from newsletter.pipeline.tips import FORM, form_stamp
from tests.web.desk import PASSWORD
from tests.web.every_form import GUEST, SECOND, SECRET
from tests.web.everything import EDITOR, Everything


def words_of(found: Everything) -> dict[str, str]:
    """Get a home ready for all of :data:`tests.web.every_form.FORMS`; what its forms name, by the words in braces."""
    app, clock, cards = found.desk.app, found.desk.clock, found.cards
    _add_editors(found)
    add_token(app, "old bot", scopes=["tip"])
    merge(app, 2, entry=cards["market"], other=cards["bridge"], editor=EDITOR)
    own = act(app, 2, [("title", "issue", "The bridge is open")], editor=EDITOR).last_number
    stamp = form_stamp(app)
    clock.move(seconds=90)
    desk = open_desk(app, 2)
    market, developer = desk.card(cards["market"]), desk.section("developer")
    assert market
    assert developer
    mill = next(each.target for each in desk.changes if each.action == "drop")
    feeds = read_feeds(app.home)
    hour = send_time(app.config.schedule, desk.issue).astimezone(app.config.schedule.zone) + timedelta(days=1)
    page = found.desk.signed_in_again(EDITOR).get("/desk/issues/2/approve").text
    check = re.search(r'name="check" value="([^"]+)"', page)
    assert check
    return {
        **cards,
        "old": found.old,
        "feeds": feeds.text,
        "feeds_hash": feeds.hash,
        "seen": str(desk.last_number),
        "own": str(own),
        "first": developer.cards[0].entry.id,
        "second": developer.cards[1].entry.id,
        "mill": mill,
        "gone": next(each.story_id for each in desk.dropped if each.story_id.startswith(mill)),
        "figure": desk.issue.statistics[0].name,
        "held": desk.issue.statistics[1].name,
        "part": item_of(market.entry.revisions[-1]),
        "tip": item_id(FORM, "tip"),
        "hour": f"{hour:%Y-%m-%dT%H:%M}",
        "check": check[1],
        "stamp": stamp,
        "code": pyotp.TOTP(SECRET).at(clock.now),
        "login": token_hash(begin_login(app, EDITOR)),
        "password": make_link(app, GUEST),
        "enter": make_link(app, GUEST, purpose=SIGN_IN),
    }


def _add_editors(found: Everything) -> None:
    app = found.desk.app
    assert password_by_link(app, make_link(app, EDITOR), PASSWORD)
    add_editor(app, GUEST, role="editor")
    found.desk.with_password(SECOND, role="editor")
    second = next(each for each in all_editors(app) if each.name == SECOND)
    assert turn_on(app, second, secret=SECRET, code=pyotp.TOTP(SECRET).at(found.desk.clock.now - timedelta(seconds=30)))
