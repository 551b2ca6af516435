"""Debian's chromium without a window, driven through its debugging protocol."""

import asyncio
import itertools
import json
import subprocess
import urllib.request

import websockets

from live_server import eventually


class Browser:
    """One page. Everything that it says on its console is kept in `console`."""

    def __init__(self, folder):
        self.folder = folder
        self.console = []
        self._numbers = itertools.count(1)
        self._loop = asyncio.new_event_loop()
        self._process = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--remote-debugging-port=0", f"--user-data-dir={folder}",
             "about:blank"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port_file = folder / "DevToolsActivePort"
        port = eventually(lambda: port_file.exists() and port_file.read_text().split("\n")[0], "chromium")
        pages = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=20))
        url = next(page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page")
        self._socket = self._run(lambda: websockets.connect(url, max_size=None, ping_interval=None))
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def _run(self, begin):
        async def wait():
            return await asyncio.wait_for(begin(), 20)

        return self._loop.run_until_complete(wait())

    def call(self, method, **parameters):
        number = next(self._numbers)
        request = json.dumps({"id": number, "method": method, "params": parameters})
        self._run(lambda: self._socket.send(request))
        while True:
            message = json.loads(self._run(self._socket.recv))
            if message.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown"):
                self.console.append(json.dumps(message["params"]))
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]

    def open(self, url):
        self.call("Page.navigate", url=url)

    def run(self, script):
        """The value of an expression in the page."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def text(self, selector):
        return self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")

    def shows(self, selector, text):
        eventually(lambda: text in self.text(selector), f"{selector} showing {text!r}")

    def press(self, key):
        code = {"Tab": 9, "Enter": 13}[key]
        for kind in ("keyDown", "keyUp"):
            extra = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **extra)

    def type(self, text):
        self.call("Input.insertText", text=text)

    def close(self):
        self._run(self._socket.close)
        self._process.terminate()
        self._process.wait(20)
        self._loop.close()
