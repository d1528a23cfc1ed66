"""A Firefox without a window, driven over WebDriver BiDi (https://www.w3.org/TR/webdriver-bidi/)."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from websockets.sync.client import ClientConnection, connect

TIMEOUT = 20  # seconds
ENTER = "\ue007"


class Tab:
    """One page. Actions wait until the element is there, and are those of a keyboard and a mouse."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = count(1)
        self.command("session.new", capabilities={})
        self._context = self.command("browsingContext.create", type="tab")["context"]

    def command(self, method: str, **params) -> dict:
        """Send a command and return its result. Raises AssertionError with the browser's message."""
        number = next(self._numbers)
        self._connection.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self._connection.recv(timeout=TIMEOUT))
            if answer.get("id") == number:
                assert answer["type"] == "success", f"{method}: {answer.get('message')}"
                return answer["result"]

    def open(self, address: str) -> None:
        self._act("browsingContext.navigate", url=address, wait="complete")

    def resize(self, width: int, height: int) -> None:
        self._act("browsingContext.setViewport", viewport={"width": width, "height": height})

    def forget_cookies(self) -> None:
        self.command("storage.deleteCookies")

    def evaluate(self, expression: str):
        """Return the value of an expression in the page: a string, a number, a boolean or None."""
        answer = self.command(
            "script.evaluate",
            expression=expression,
            target={"context": self._context},
            awaitPromise=True,
        )
        assert answer["type"] == "success", answer.get("exceptionDetails", {}).get("text")
        return answer["result"].get("value")

    def wait_for(self, expression: str) -> None:
        """Wait until an expression is true. A page that is just being replaced counts as not yet."""
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            with suppress(AssertionError):
                if self.evaluate(f"Boolean({expression})"):
                    return
            time.sleep(0.05)
        msg = f"{expression} is not true at {self.evaluate('location.href')}"
        raise AssertionError(msg)

    def wait_for_address(self, part: str) -> None:
        self.wait_for(f"document.readyState == 'complete' && location.href.includes({part!r})")

    def read(self, selector: str = "main") -> str:
        """Return the text that a reader sees."""
        self.wait_for(f"document.querySelector({selector!r})")
        return self.evaluate(f"document.querySelector({selector!r}).innerText")

    def press(self, keys: str) -> None:
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._perform({"type": "key", "id": "keyboard", "actions": actions})

    def click(self, selector: str) -> None:
        self.wait_for(f"document.querySelector({selector!r})")
        self.evaluate(f"document.querySelector({selector!r}).scrollIntoView({{block: 'center'}})")
        [element] = self._act(
            "browsingContext.locateNodes",
            locator={"type": "css", "value": selector},
            maxNodeCount=1,
        )["nodes"]
        origin = {"type": "element", "element": {"sharedId": element["sharedId"]}}
        move = {"type": "pointerMove", "x": 0, "y": 0, "origin": origin}
        buttons = [{"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp")]
        self._perform({"type": "pointer", "id": "mouse", "actions": [move, *buttons]})

    def fill(self, selector: str, text: str) -> None:
        """Replace what stands in a field by typing."""
        self.click(selector)
        self.evaluate(f"document.querySelector({selector!r}).select()")
        self.press(text)

    def choose(self, selector: str, value: str) -> None:
        """Choose an option of a list. A list without a window has nothing to click on."""
        self.evaluate(
            f"(() => {{ const list = document.querySelector({selector!r}); list.value = {value!r};"
            " list.dispatchEvent(new Event('change', {bubbles: true})); })()"
        )

    def _act(self, method: str, **params) -> dict:
        return self.command(method, context=self._context, **params)

    def _perform(self, source: dict) -> None:
        self._act("input.performActions", actions=[source])


@contextmanager
def run_firefox(profile: Path) -> Iterator[Tab]:
    """Start Firefox with an empty profile, and end it."""
    program = shutil.which("firefox-esr")
    if program is None:
        msg = "Firefox is missing: make test installs it as root, or apt-get install firefox-esr"
        raise AssertionError(msg)
    command = [program, "--headless", "--remote-debugging-port", "0", "--profile", str(profile)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            address = _find_address(process.stderr)
            with connect(f"{address}/session", max_size=None) as connection:
                yield Tab(connection)
        finally:
            process.terminate()
            process.stderr.read()


def _find_address(lines) -> str:
    for line in lines:
        if found := re.search(r"ws://127\.0\.0\.1:\d+", line):
            return found[0]
    msg = "Firefox ended before it told its address"
    raise AssertionError(msg)
