from newsletter.render.email import SIZE_LIMIT, render_email
from newsletter.render.reader_links import leave_by_mail, links_of_nobody, reader_links, sample_links
from tests.render import samples

TOKENS = {"unsubscribe": "u" * 32, "preferences": "p" * 32}


def test_a_reader_leaves_changes_and_answers_on_the_site() -> None:
    found = reader_links(samples.press(), **TOKENS, useful=57)
    assert found.unsubscribe_url == f"https://letter.lantern.example/u/{'u' * 32}"
    assert found.preferences_url == f"https://letter.lantern.example/r/{'p' * 32}"
    assert found.pause_url == f"https://letter.lantern.example/r/{'p' * 32}#pause"
    assert found.useful_url == "https://letter.lantern.example/useful/57/yes"
    assert found.useless_url == "https://letter.lantern.example/useful/57/no"
    assert reader_links(samples.press(), **TOKENS).useful_url is None


def test_without_a_site_one_leaves_by_a_mail_with_the_token() -> None:
    found = reader_links(samples.press(site=None), **TOKENS, useful=57)
    assert found.unsubscribe_url == f"mailto:people@lantern.example?subject=unsubscribe%20{'u' * 32}"
    assert (found.preferences_url, found.pause_url, found.useful_url) == (None, None, None)
    assert leave_by_mail(samples.press(reply_to=None)) == "mailto:letter@lantern.example?subject=unsubscribe"


def test_a_mail_for_nobody_is_as_short_as_one_with_a_readers_links() -> None:
    """What is looked at before approving leaves out what the readers' mails leave out."""
    press = samples.press(site="https://letter.lantern.example/of/the/lantern/society")
    for words in (70, 84, 120):
        issue = samples.large_issue(60, words)
        bare, whole = render_email(press, issue), render_email(press, issue, links=sample_links(press, 57))
        assert (bare.left_out_count, bare.full_size) == (whole.left_out_count, whole.full_size)
        assert len(bare.html.encode()) < len(whole.html.encode()) <= SIZE_LIMIT
    assert links_of_nobody(press).preferences_url is None
