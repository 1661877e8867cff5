from newsletter.render.email import render_email
from newsletter.render.schemes import in_scheme
from tests.render import samples


def test_one_scheme_is_in_force_and_the_rest_of_the_mail_is_the_same() -> None:
    html = render_email(samples.press(), samples.issue()).html
    dark, light = in_scheme(html, "dark"), in_scheme(html, "light")
    assert "prefers-color-scheme" in html
    assert "prefers-color-scheme" not in dark + light
    assert 'name="color-scheme" content="dark"' in dark
    assert "(min-width:0)" in dark
    assert "(max-width:0)" in light
    assert html.partition("<div")[2] == dark.partition("<div")[2] == light.partition("<div")[2]


def test_other_conditions_and_words_stay() -> None:
    said = "<p>Write @media (prefers-color-scheme: dark) { … }"
    html = f"<style>@media screen and (Prefers-Color-Scheme : DARK){{a{{}}}}@media print{{b{{}}}}</style>{said}"
    expected = f"<style>@media screen and (min-width:0){{a{{}}}}@media print{{b{{}}}}</style>{said}"
    assert in_scheme(html, "dark") == expected
