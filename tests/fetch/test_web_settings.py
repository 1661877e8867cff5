"""How the web is asked unless somebody says otherwise: nothing private, in bounds, with limits that hold together."""

import dataclasses
import subprocess
import sys

import pytest

from newsletter.fetch.guard import networks_from
from newsletter.fetch.web_settings import WebSettings
from newsletter.pipeline.app import web_settings


def test_no_network_inside_is_allowed_unless_it_is_named() -> None:
    assert WebSettings().allow_networks == web_settings({}).allow_networks == ()
    named = web_settings({"NEWSLETTER_ALLOW_NETWORKS": "127.0.0.0/8, 10.1.0.0/16"})
    assert named.allow_networks == networks_from("127.0.0.0/8 10.1.0.0/16")


def test_the_limits_hold_together() -> None:
    usual = WebSettings()
    assert usual.connect_seconds < usual.read_seconds < usual.total_seconds < usual.download_seconds
    assert 0 < usual.max_bytes < usual.max_download_bytes
    assert usual.per_host >= 1
    assert usual.max_redirects >= 1
    assert "newsletter" in usual.user_agent


def test_names_that_are_not_looked_up_are_nobodys_but_who_gave_them() -> None:
    given = web_settings({}, hosts={"a.example": ("127.0.0.1", 80)})
    assert (given.hosts, WebSettings().hosts) == ({"a.example": ("127.0.0.1", 80)}, {})


def test_they_do_not_change_under_whoever_asks() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        WebSettings().per_host = 9  # type: ignore[misc]


def test_they_are_had_without_a_client() -> None:
    code = "import sys, newsletter.fetch.web_settings; print('aiohttp' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
