"""The dashboard in a real browser: what it shows, how it is used, and what happens when the server goes away."""

import json
import re

import pytest

from browser import Browser
from live_server import eventually

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def browser(tmp_path_factory):
    made = Browser(tmp_path_factory.mktemp("chromium"))
    yield made
    made.close()


def home(server):
    return f"http://127.0.0.1:{server.port}/"


def test_the_page_may_load_nothing_from_elsewhere(listen):
    server = listen("serve")
    page = server.get("/")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    everything = b"".join(server.get(path).body for path in ("/", "/dashboard.css", "/dashboard.js"))
    names = {b"http://www.w3.org/2000/svg"}  # of a namespace; nothing is fetched from there
    assert set(re.findall(rb"https?://[^\"'\s]+", everything)) <= names
    assert b"innerHTML" not in everything and b" style=" not in page.body


def test_it_shows_the_system_sends_letters_back_and_follows_what_comes(kbeat, listen, browser):
    kbeat("produce", "notifications", stdin='not json <img src=x onerror=alert(1)>\n')
    kbeat("produce", "analytics-events", stdin=json.dumps(
        {"type": "METRIC_CALCULATED", "payload": {"beatId": "beat-1", "bpm": 128, "key": "A", "mode": "minor"}}) + "\n")
    assert kbeat("consume", "notifications", "analytics-events", "-e").code == 0
    kbeat("topics", "create", "trk")
    server = listen("serve", "--stream", "trk")
    browser.open(home(server))
    browser.shows("#state", "Kafka embedded")
    browser.shows("#alerts", "dlq growth")
    browser.shows("#topics", "notifications")
    browser.shows("#consumers", "kbeat")
    browser.shows("#beats", "beat-1")
    browser.shows("#beats", "A minor")
    browser.shows("#letters", "notifications")
    browser.shows("#rates", "events accepted")

    browser.run("document.querySelector('#letters button').focus()")
    browser.press("Enter")
    browser.shows("#letters-said", "1 sent back")
    browser.shows("#patterns", "no open dead letters")

    browser.run("document.querySelector('#live-devices').focus()")
    browser.type("7")
    browser.press("Tab")
    browser.type("data.N > 1")
    browser.press("Enter")
    browser.shows("#live-state", "following")
    kbeat("produce", "trk", stdin="".join(
        json.dumps({"data": {"DEVICE_ID": device, "N": n}, "x": "<b>"}) + "\n" for device, n in ((7, 1), (7, 2), (8, 3))))
    browser.shows("#live", '"N": 2')
    assert browser.run("document.querySelectorAll('#live li').length") == 1
    assert browser.run("document.querySelectorAll('#live b').length") == 0, "text stays text"

    browser.call("Emulation.setDeviceMetricsOverride", width=360, height=740, deviceScaleFactor=2, mobile=True)
    assert browser.run("document.documentElement.scrollWidth <= innerWidth"), "a phone need not scroll sideways"
    assert browser.console == []


def test_it_says_when_the_server_is_gone_and_when_it_is_back(kbeat, listen, browser):
    server = listen("serve")
    browser.open(home(server))
    browser.shows("#state", "Kafka embedded")
    browser.shows("#alerts", "nothing needs you")
    browser.shows("#beats", "No beats yet")
    assert browser.run("getComputedStyle(document.querySelector('#login')).display") == "none"
    server.kill()
    browser.shows("#away", "does not answer since")
    assert browser.text("#state") == "away"
    listen("serve", address=f"127.0.0.1:{server.port}")
    browser.shows("#state", "Kafka embedded")
    eventually(lambda: browser.run("document.querySelector('#away').hidden"))


def test_changing_something_asks_for_a_login(kbeat, listen, browser):
    kbeat("produce", "notifications", stdin="not json\n")
    assert kbeat("consume", "notifications", "-e").code == 0
    assert kbeat("users", "add", "a@example.com", "--role", "admin", stdin="test123\n").code == 0
    server = listen("serve")
    browser.open(home(server))
    browser.shows("#letters", "notifications")
    browser.run("document.querySelector('#letters button').click()")
    eventually(lambda: not browser.run("document.querySelector('#login').hidden"))
    browser.run("document.querySelector('#email').focus()")
    browser.type("a@example.com")
    browser.press("Tab")
    browser.type("test123")
    browser.press("Enter")
    eventually(lambda: browser.run("document.querySelector('#login').hidden && sessionStorage.length > 0"))
    browser.run("document.querySelector('#letters button').click()")
    browser.shows("#letters-said", "1 sent back")
    eventually(lambda: server.get("/api/v1/kafka/dead-letter-queue").json["total"] == 0)
