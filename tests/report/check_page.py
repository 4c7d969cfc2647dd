#!/usr/bin/env python3
"""Opens reports in headless Chromium and checks what a reader would meet, at three widths, light and dark, and on paper.

    check_page.py PAGE.html... [--pictures FOLDER]

No message on the console, no request, nothing wider than the window or the paper, each identity once, images decoded, tables that sort
by mouse and by keyboard; on paper black on white, and open what can be opened. With --pictures screenshots and the print are left in
FOLDER. Exits with 77, saying so, where there is no Chromium.
"""
import argparse
import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile


class Browser:
    """Chromium over its debugging pipe: messages are JSON, each ended by a zero byte."""

    def __init__(self, program, folder):
        to_read, self.to = os.pipe()
        self.source, to_write = os.pipe()
        command = (f'exec 3<&{to_read} 4>&{to_write}; exec "$0" --headless=new --no-sandbox --disable-gpu '
                   f'--remote-debugging-pipe --hide-scrollbars --user-data-dir="$1" about:blank')
        self.process = subprocess.Popen(["sh", "-c", command, program, folder], pass_fds=(to_read, to_write),
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        self.waiting, self.number, self.events, self.session = b"", 0, [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def message(self):
        while b"\0" not in self.waiting:
            more = os.read(self.source, 1 << 16)
            if not more:
                sys.exit("Chromium ended early")
            self.waiting += more
        text, self.waiting = self.waiting.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") == self.number:
                if "error" in answer:
                    sys.exit(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def open(self, address):
        self.events.clear()
        self.call("Page.navigate", url=address)
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self.message())

    def value(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            sys.exit(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def key(self, name, text=""):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name, text=text if kind == "keyDown" else "",
                      windowsVirtualKeyCode={"Enter": 13, "Tab": 9}[name])

    def close(self):
        self.session = None
        self.call("Browser.close")
        self.process.wait(timeout=20)


def complaints(browser):
    """What the console said and what was asked of the network."""
    for event in browser.events:
        method, told = event.get("method"), event.get("params", {})
        if method in ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
            yield f"console: {json.dumps(told)[:300]}"
        if method == "Network.requestWillBeSent" and not told["request"]["url"].startswith(("file:", "data:")):
            yield f"asks the network for {told['request']['url']}"


SORTING = """(() => {
  const table = document.querySelector("#classes-table").closest("table");
  const header = table.tHead.rows[0].cells[COLUMN];
  const cells = [...table.tBodies[0].rows].map(row => row.cells[COLUMN].dataset.v ?? row.cells[COLUMN].textContent);
  return [header.getAttribute("aria-sort"), cells];
})()"""


def check_sorting(browser):
    def state(column):
        return browser.value(SORTING.replace("COLUMN", str(column)))

    def press(column, how):
        button = f'document.querySelector("#classes-table").closest("table").tHead.rows[0].cells[{column}].firstChild'
        if how == "mouse":
            browser.value(button + ".click()")
        else:
            browser.value(button + ".focus()")
            browser.key("Enter", "\r")

    for how in ("mouse", "keyboard"):
        for order in ("descending", "ascending"):
            press(2, how)
            said, cells = state(2)
            numbers = [float(cell) for cell in cells]
            if said != order or numbers != sorted(numbers, reverse=order == "descending"):
                yield f"precision by {how} is not {order}: {said} {numbers}"
        press(0, how)
        said, cells = state(0)
        if said != "ascending" or state(2)[0] is not None:
            yield f"class by {how} is not ascending: {said}"
        press(0, how)
        if state(0)[1] != cells[::-1]:
            yield f"class by {how} is not turned round"


def check(browser, address, screenshots):
    for width in (360, 768, 1280):
        browser.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1,
                     mobile=width < 500)
        for scheme in ("light", "dark"):
            browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
            browser.open(address)
            here = f"{width} pixels, {scheme}"
            yield from (f"{here}: {each}" for each in complaints(browser))
            wide = browser.value("document.documentElement.scrollWidth")
            if wide > width:
                widest = browser.value("""[...document.querySelectorAll("body *")].filter(each => !each.closest(".scroll") &&
                  each.getBoundingClientRect().right > innerWidth + 1).map(each => each.outerHTML.slice(0, 90)).slice(0, 3)""")
                yield f"{here}: the page is {wide} pixels wide: {widest}"
            background = browser.value("getComputedStyle(document.body).backgroundColor")
            if (sum(int(part) for part in background[4:-1].split(",")) < 380) != (scheme == "dark"):
                yield f"{here}: the background is {background}"
            if screenshots:
                size = browser.call("Page.getLayoutMetrics")["cssContentSize"]
                shot = browser.call("Page.captureScreenshot", captureBeyondViewport=True,
                                    clip={"x": 0, "y": 0, "width": width, "height": size["height"], "scale": 1})
                (screenshots / f"{width}-{scheme}.png").write_bytes(base64.b64decode(shot["data"]))
    twice = browser.value("""(() => { const all = [...document.querySelectorAll("[id]")].map(each => each.id);
      return all.filter((id, at) => all.indexOf(id) !== at); })()""")
    if twice:
        yield f"identities that stand twice: {twice}"
    dangling = browser.value("""[...document.querySelectorAll("[aria-labelledby]")].flatMap(each =>
      each.getAttribute("aria-labelledby").split(" ")).concat([...document.querySelectorAll("a[href^='#']")].map(each =>
      each.getAttribute("href").slice(1))).filter(id => !document.getElementById(id))""")
    if dangling:
        yield f"what is named and is not there: {dangling}"
    broken = browser.value("[...document.images].filter(each => !each.naturalWidth || !each.alt).length")
    if broken:
        yield f"{broken} images have no pixels or no text"
    plain = browser.value("""[...document.querySelectorAll("table")].filter(each => !each.caption ||
      each.querySelectorAll("th:not([scope])").length).length""")
    if plain:
        yield f"{plain} tables have no caption or headers without scope"
    yield from check_sorting(browser)
    yield from check_print(browser, address, screenshots)


PAPER = """(() => {
  const back = getComputedStyle(document.body).backgroundColor, text = getComputedStyle(document.body).color;
  const wide = [...document.querySelectorAll("body *")].filter(each => each.getBoundingClientRect().right > innerWidth + 1);
  const shown = [...document.querySelectorAll("nav, .skip")].filter(each => each.getBoundingClientRect().height > 0);
  return [back, text, wide.map(each => each.outerHTML.slice(0, 90)).slice(0, 3), shown.length];
})()"""


def check_print(browser, address, screenshots):
    """As on A4 with its margins, by a reader whose system is dark."""
    browser.call("Emulation.setDeviceMetricsOverride", width=703, height=1000, deviceScaleFactor=1, mobile=False)
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    browser.call("Emulation.setEmulatedMedia", media="print", features=dark)
    browser.open(address)
    back, text, wide, shown = browser.value(PAPER)
    if (back, text) != ("rgb(255, 255, 255)", "rgb(0, 0, 0)"):
        yield f"paper: {text} on {back}"
    if wide:
        yield f"paper: cut off: {wide}"
    if shown:
        yield f"paper: {shown} links to parts of the page are printed"
    browser.value("""addEventListener("beforeprint", () => {
      window.closed_in_print = document.querySelectorAll("details:not([open])").length; })""")
    made = browser.call("Page.printToPDF", printBackground=False, preferCSSPageSize=True, paperWidth=8.27, paperHeight=11.69)
    if browser.value("window.closed_in_print") != 0:
        yield "paper: something is not open"
    if browser.value("document.querySelectorAll('details[open]').length") != 0:
        yield "something is left open after the print"
    if screenshots:
        (screenshots / "print.pdf").write_bytes(base64.b64decode(made["data"]))
    browser.call("Emulation.setEmulatedMedia", media="", features=[])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=pathlib.Path, nargs="+", metavar="PAGE.html")
    parser.add_argument("--pictures", type=pathlib.Path)
    options = parser.parse_args()
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        print("skipped: there is no Chromium on this machine")
        return 77
    count = 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser = Browser(program, folder)
        for page in options.pages:
            page = page.resolve()
            if not page.is_file():
                sys.exit(f"there is no {page}")
            pictures = options.pictures / page.stem if options.pictures else None
            if pictures:
                pictures.mkdir(parents=True, exist_ok=True)
            faults = list(check(browser, page.as_uri(), pictures))
            for fault in faults:
                print(fault)
            print(f"{page.name}: {len(faults)} faults")
            count += len(faults)
        browser.close()
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
