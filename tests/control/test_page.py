"""The page in a real browser before a real host: it shows what the host hears, and each of its controls does what it
says, by pointer and by keyboard alone, on a phone and on a desktop."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browser import DESKTOP, PHONE, free_port, opened, running_browser, sees
from host_process import HostProcess
from host_runs import music
from waiting import wait_for

pytest.importorskip("starlette", reason="the page needs the extra `web`")
pytest.importorskip("uvicorn", reason="the page needs the extra `web`")

from emohost.control.parameters import shown
from emohost.vocabulary import ACTIONS, CLOCK_SOURCES, PARAMETERS, PARTS, Parameter

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

RIG = """name: page
audio: {{backend: file, path: song.wav, loop: true}}
music: {{play: always, clock: {{source: internal}}, tempo: 100, seed: 7}}
midi: {{api: none}}
control: {{web: {{port: {port}}}}}
"""
NO_OTHER_CLOCKS = ("link", "jack", "midi")  # of this rig: what they need is not there
AXE_LEVELS = ("serious", "critical")


class Rig:
    """A host before whose page the tests sit."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        music(folder / "song.wav", 20)
        self.text = RIG.format(port=self.port)
        self.start()

    def start(self) -> None:
        self.host = HostProcess(self.folder, self.text)
        self.host.wait_playing()

    def state(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/state", timeout=5) as answer:
            told: dict[str, Any] = json.load(answer)
            return told

    def status(self, name: str) -> Any:
        return self.state()["status"][name]

    def ask(self, **request: Any) -> None:
        """As another client."""
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/request",
            json.dumps(request).encode(),
            {"content-type": "application/json"},
        )
        urllib.request.urlopen(asked, timeout=5).close()

    def wait_value(self, name: str, wanted: float) -> None:
        wait_for(lambda: self.state()["parameters"][name] == pytest.approx(wanted), f"{name} {wanted}")

    def wait_status(self, name: str, is_so: Callable[[Any], bool]) -> None:
        wait_for(lambda: is_so(self.status(name)), f"{name} as it should be")


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    folder = tmp_path_factory.mktemp("page")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("EMOHOST_RUNTIME", str(folder / "run"))
        made = Rig(folder)
        yield made
        made.host.kill()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as running:
        yield running


@pytest.fixture(scope="module")
def page(browser: Browser, rig: Rig) -> Page:
    return opened(browser, rig.port)


@pytest.fixture(autouse=True)
def _nothing_is_learned_or_said(page: Page) -> None:
    page.evaluate("document.getElementById('said').textContent = ''")


def press(page: Page, selector: str) -> None:
    page.locator(selector).click()


# --- what it shows --------------------------------------------------------------------------------------------------


def test_it_shows_what_the_input_is_known_to_hold(page: Page, rig: Rig) -> None:
    """Chords of A minor, F, C and G, two a second."""
    wait_for(lambda: page.inner_text("#key") in ("A minor", "C major"), "the key")
    roots = {"A", "F", "C", "G"}
    heard: set[str] = set()

    def hears_all() -> bool:
        heard.add(page.inner_text("#chord_heard").split(":")[0])
        return roots <= heard

    wait_for(hears_all, "each chord")
    sees(page, "#heard", "music heard", "internal")
    sees(page, "#level_db", "dBFS, peak")
    level = float(page.get_attribute("#level", "aria-valuenow") or 0)
    assert -40 < level < -6
    sees(page, "#band", "playing")
    rig.ask(command="clock", source="follow")
    wait_for(
        lambda: 117 < float(page.inner_text("#tempo")) < 123, "two chords a second as 120 beats a minute"
    )
    rig.ask(command="clock", source="internal")


def test_it_shows_the_machine_and_what_it_is_made_of(page: Page, rig: Rig) -> None:
    sees(page, "#facts", "song.wav", "48000 Hz", "Late blocks", "Dropped")
    sees(page, "#load_text", "99 of 100 below")
    sees(page, "#late_text", "ms")
    for role in ("emotion", "melody", "harmony", "dynamics", "groove"):
        sees(page, "#networks", role)
    sees(page, "#connections", "No MIDI port")
    sees(page, "#log", "playing from")
    assert page.title() == "emohost"


def test_it_shows_what_the_band_is_about_to_play(page: Page, rig: Rig) -> None:
    """In words, and as a picture that is not empty and moves on."""
    page.wait_for_selector("#roll")

    def told() -> bool:
        now, *_ = rig.status("plan")
        chords = [chord for chord in now["chords"] if chord]
        return bool(chords) and all(chord in page.inner_text("#plan_text") for chord in chords)

    wait_for(told, "the chords of the bar that is played")
    picture = "document.getElementById('roll').toDataURL()"
    before = page.evaluate(picture)
    wait_for(lambda: page.evaluate(picture) != before, "the next sixteenth")
    coloured = page.evaluate(
        "(() => { const roll = document.getElementById('roll'), data = roll.getContext('2d')"
        ".getImageData(0, 0, roll.width, roll.height).data; let blue = 0;"
        "for (let at = 0; at < data.length; at += 4) blue += data[at] === 0xf4 && data[at + 2] === 0xff;"
        "return blue; })()"
    )
    assert coloured > 100, "strikes of the drums"


def test_what_clips_is_said(page: Page, rig: Rig) -> None:
    """The sound of this rig does not; a state in which blocks did is shown as one."""
    assert page.is_hidden("#clip")
    page.evaluate(
        "import('/look.js').then((look) => fetch('/api/state').then((answer) => answer.json()).then((state) => {"
        "state.status.flags.clipped = 3; look.look(state.status); }))"
    )
    page.wait_for_selector("#clip:not([hidden])")


# --- each control ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "parameter", [each for each in PARAMETERS if each.kind == "switch"], ids=lambda each: each.name
)
def test_a_switch_is_turned_over_and_back(page: Page, rig: Rig, parameter: Parameter) -> None:
    before = rig.state()["parameters"][parameter.name]
    button = f"button[data-parameter={parameter.name}]"
    for wanted in (1 - before, before):
        press(page, button)
        rig.wait_value(parameter.name, wanted)
        page.wait_for_selector(f"{button}[aria-pressed={'true' if wanted else 'false'}]")
    sees(page, button, "by page 127.0.0.1")


@pytest.mark.parametrize(
    "parameter", [each for each in PARAMETERS if each.kind in ("number", "whole")], ids=lambda each: each.name
)
def test_a_slider_is_moved_by_keyboard(page: Page, rig: Rig, parameter: Parameter) -> None:
    slider = page.locator(f"input[data-parameter={parameter.name}]")
    slider.focus()
    page.keyboard.press("Home")
    rig.wait_value(parameter.name, parameter.low)
    sees(page, f".parameter:has([data-parameter={parameter.name}])", shown(parameter.name, parameter.low))
    page.keyboard.press("End")
    rig.wait_value(parameter.name, parameter.high)
    rig.ask(command="set", name=parameter.name, value=parameter.default)
    wait_for(
        lambda: float(slider.input_value()) == pytest.approx(parameter.default, abs=0.8), "the slider follows"
    )


@pytest.mark.parametrize(
    ("name", "choice"),
    [(each.name, choice) for each in PARAMETERS for choice in each.choices if choice != "own"],
)
def test_a_choice_is_made(page: Page, rig: Rig, name: str, choice: str) -> None:
    page.select_option(f"select[data-parameter={name}]", choice)
    rig.wait_value(name, next(each for each in PARAMETERS if each.name == name).choices.index(choice))


def test_a_style_is_played_from_the_next_bar_on(page: Page, rig: Rig) -> None:
    for style in ("swing", "auto"):
        page.select_option("select[data-parameter=style]", style)
        if style != "auto":
            sees(page, "#style_now", style)


def test_a_choice_that_the_rig_does_not_have_is_refused_in_words(page: Page, rig: Rig) -> None:
    page.select_option("select[data-parameter=style]", "own")
    sees(page, "#said", "expected a style that is there")
    wait_for(lambda: page.input_value("select[data-parameter=style]") != "own", "what plays is shown again")


@pytest.mark.parametrize("part", [each.name for each in PARTS])
def test_parts_that_are_off_stay_off_the_band(page: Page, rig: Rig, part: str) -> None:
    """One after the other, until nothing is played at all."""
    rig.ask(command="set", name=f"{part}_enabled", value="off")
    page.wait_for_selector(f"button[data-parameter={part}_enabled][aria-pressed=false]")
    if part != PARTS[-1].name:
        return
    rig.wait_status("sounding", lambda sounding: sounding == 0)
    notes = rig.status("notes")
    seconds = rig.status("seconds")
    rig.wait_status("seconds", lambda now: now > seconds + 1)
    assert rig.status("notes") == notes
    for each in PARTS:
        if each.enabled:
            press(page, f"button[data-parameter={each.name}_enabled]")
    rig.wait_status("notes", lambda now: now > notes)


@pytest.mark.parametrize("action", [each.name for each in ACTIONS])
def test_an_action_is_done(page: Page, rig: Rig, action: str) -> None:
    button = f"button[data-action={action}]"
    if action == "start":
        rig.ask(command="transport", action="stop")
    press(page, button)
    if action == "stop":
        rig.wait_status("band", lambda band: band == "stopped")
        rig.wait_status("sounding", lambda sounding: sounding == 0)
        rig.ask(command="transport", action="start")
    elif action == "panic":
        notes = rig.status("notes")
        rig.wait_status("notes", lambda now: now > notes)  # and the band goes on
    elif action == "downbeat":
        rig.wait_status("beat", lambda beat: beat < 1)
    elif action == "tap":
        _tap(page, rig, button)
    rig.wait_status("band", lambda band: band != "stopped")
    assert page.inner_text("#said") == ""


def _tap(page: Page, rig: Rig, button: str) -> None:
    """Taps in a row set the tempo: these come every 400 ms, more or less."""
    rig.ask(command="set", name="tempo", value=80)
    page.evaluate(
        "(button) => { window.taps = setInterval(() => document.querySelector(button).dispatchEvent("
        "new PointerEvent('pointerdown', {button: 0})), 400); }",
        button,
    )
    rig.wait_status("tempo", lambda tempo: 110 < tempo < 200)
    page.evaluate("clearInterval(window.taps)")
    rig.ask(command="set", name="tempo", value=100)


@pytest.mark.parametrize("clock", [each.name for each in CLOCK_SOURCES])
def test_another_clock_leads_or_it_is_said_why_not(page: Page, rig: Rig, clock: str) -> None:
    press(page, f"button[data-clock={clock}]")
    if clock in NO_OTHER_CLOCKS:
        wait_for(lambda: page.inner_text("#said") or rig.status("clock") == clock, "an answer")
    else:
        rig.wait_status("clock", lambda leads: leads == clock)
        page.wait_for_selector(f"button[data-clock={clock}][aria-pressed=true]")
    press(page, "button[data-clock=internal]")
    rig.wait_status("clock", lambda leads: leads == "internal")


def test_the_pad_is_felt_where_the_finger_is(page: Page, rig: Rig) -> None:
    pad = page.locator("#pad")
    size = float(pad.evaluate("(pad) => pad.getBoundingClientRect().width"))
    pad.click(position={"x": 0.2 * size, "y": 0.5 * size})
    rig.wait_status("valence", lambda valence: valence < -0.2)
    pad.click(position={"x": 0.8 * size, "y": 0.5 * size})
    rig.wait_status("valence", lambda valence: valence > 0.2)
    sees(page, "#emotion", "valence 0.", "arousal")


def test_the_emotion_is_felt_by_keyboard(page: Page, rig: Rig) -> None:
    page.focus("#valence")
    page.keyboard.press("Home")
    page.focus("#feel")
    page.keyboard.press("Enter")
    rig.wait_status("valence", lambda valence: valence < -0.2)


def test_a_snapshot_is_kept_recalled_and_deleted(page: Page, rig: Rig) -> None:
    rig.ask(command="set", name="density", value=0.6)
    page.fill("#name", "verse")
    press(page, "#save")
    page.wait_for_selector("[data-recall=verse]")
    rig.ask(command="set", name="density", value=1)
    press(page, "[data-recall=verse]")
    rig.wait_value("density", 0.6)
    press(page, "[data-delete=verse]")
    sees(page, "[data-delete=verse]", "Sure?")
    press(page, "[data-delete=verse]")
    page.wait_for_selector("[data-recall=verse]", state="detached")
    assert rig.state()["snapshots"] == []
    page.fill("#name", "-")
    press(page, "#save")
    sees(page, "#said", "expected 1 to 63 letters")
    page.fill("#name", "")


def test_a_change_comes_with_the_bar_or_glides_if_asked(page: Page, rig: Rig) -> None:
    page.select_option("#when", "bar")
    page.fill("#over", "1.5")
    press(page, "button[data-parameter=accents_enabled]")
    wait_for(lambda: "accents_enabled on at the next bar over 1.5 s (page" in rig.host.log, "the change")
    page.select_option("#when", "now")
    page.fill("#over", "0")
    press(page, "button[data-parameter=accents_enabled]")
    rig.wait_value("accents_enabled", 0)


@pytest.mark.parametrize("name", [each.name for each in PARAMETERS])
def test_each_parameter_has_its_learn_button(page: Page, rig: Rig, name: str) -> None:
    """This rig has no MIDI input, and says so; tests/rig/test_page.py learns."""
    press(page, f"[data-learn={name}]")
    sees(page, "#said", "learn: the rig has no MIDI input")


def test_an_edited_rig_is_read_again(page: Page, rig: Rig) -> None:
    rig.host.config.write_text(rig.text.replace("tempo: 100", "tempo: 96"))
    press(page, "#reload")
    rig.wait_value("tempo", 96)
    sees(page, "#said", "changed now: music.tempo")
    rig.host.config.write_text(rig.text)
    press(page, "#reload")
    rig.wait_value("tempo", 100)


# --- by keyboard, by everybody --------------------------------------------------------------------------------------


def test_each_control_is_reached_by_tab_and_shows_that_it_is(page: Page) -> None:
    page.evaluate("document.activeElement.blur(); document.body.focus(); window.scrollTo(0, 0)")
    wanted = page.evaluate(
        "[...document.querySelectorAll('button, input, select')].map((each, at) => each.dataset.at = at).length"
    )
    reached, outlined = set(), set()
    for _ in range(wanted + 5):
        page.keyboard.press("Tab")
        at, outline = page.evaluate(
            "[document.activeElement.dataset.at, getComputedStyle(document.activeElement).outlineStyle]"
        )
        reached.add(at)
        outlined |= {at} if outline == "solid" else set()
    there = {str(at) for at in range(wanted)}
    assert there <= reached
    assert there <= outlined


def test_a_button_is_pressed_by_keyboard_once(page: Page, rig: Rig) -> None:
    for key, wanted in (("Space", 0), ("Enter", 1)):
        page.focus("button[data-parameter=drums_enabled]")
        page.keyboard.press(key)
        rig.wait_value("drums_enabled", wanted)
    page.focus("select[data-parameter=listen]")
    page.keyboard.type("lead")
    rig.wait_value("listen", 2)
    page.select_option("select[data-parameter=listen]", "follow")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_nothing_serious_and_nothing_is_too_wide(
    browser: Browser, rig: Rig, size: tuple[int, int]
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core looks for barriers")
    page = opened(browser, rig.port, size)
    page.wait_for_selector("#networks li")
    found = axe.Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in AXE_LEVELS] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    small = page.evaluate(
        "[...document.querySelectorAll('button')].filter((each) => each.getBoundingClientRect().height < 44).length"
    )
    assert small == 0, "a finger needs 44 pixels"
    page.context.close()


# --- the connection -------------------------------------------------------------------------------------------------


def test_it_says_that_the_host_has_gone_and_connects_again_by_itself(page: Page, rig: Rig) -> None:
    rig.host.kill()
    sees(page, "#connection", "not connected")
    press(page, "#panic")
    sees(page, "#said", "not connected: nothing was changed")
    rig.start()
    page.wait_for_selector("[data-link=there]")
    sees(page, "#connection", "playing")
    press(page, "button[data-parameter=bass_enabled]")
    rig.wait_value("bass_enabled", 0)
