"""Walk through pages by keyboard, and read what the browser tells assistive technology about the focus."""

MAX_STOPS = 90  # of the Tab key until a control must be reached


class KeyboardWalk:
    """A page used by keyboard alone. Controls are found by the role and the name in Chromium's accessibility tree."""

    def __init__(self, page):
        self.page = page
        self.devtools = page.context.new_cdp_session(page)

    def read_focus(self) -> dict:
        """Return role, name, description and state of the focused element as in the accessibility tree."""
        self.page.wait_for_load_state()
        reference = self.devtools.send("Runtime.evaluate", {"expression": "document.activeElement"})
        found = self.devtools.send(
            "Accessibility.getPartialAXTree",
            {"objectId": reference["result"]["objectId"], "fetchRelatives": False},
        )
        node = found["nodes"][0]
        values = {
            part: node.get(part, {}).get("value", "") for part in ("role", "name", "description")
        }
        return values | {p["name"]: p["value"].get("value") for p in node.get("properties", [])}

    def focus(self) -> str:
        """Return role and name of the focused element, such as "button Preview"."""
        focus = self.read_focus()
        return f"{focus['role']} {focus['name']}"

    def tab_to(self, control: str, *, back: bool = False) -> list[str]:
        """Press Tab until a control has the focus, and return the controls on the way."""
        passed: list[str] = []
        for _ in range(MAX_STOPS):
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
            focus = self.focus()
            if focus == control:
                return passed
            passed.append(focus)
        msg = f"The Tab key does not reach {control!r}, but {passed}"
        raise AssertionError(msg)

    def press(self, control: str, key: str = "Enter", *, back: bool = False) -> None:
        self.tab_to(control, back=back)
        self.page.keyboard.press(key)

    def type(self, control: str, text: str) -> None:
        self.tab_to(control)
        self.page.keyboard.type(text)
