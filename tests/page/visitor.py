"""A visitor without a browser: speaks to the page's server as the browser's half of Streamlit does.

Thirty browsers measure browsers; thirty of these measure the server. It opens the page over the websocket, uploads
files with the XSRF token as a browser does, clicks, and knows what the page shows after each run.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs, StringArray
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import Config
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.page.told import told_in

COOKIE = "_streamlit_xsrf"
PATIENCE = 120.0

Path = tuple[int, ...]


@dataclass
class Node:
    """A place on the page: what is there, which run put it there, and the key of the block if it is one."""

    element: Element | None
    run: str
    fragment: str
    key: str = ""


class Visitor:
    """One tab.

    Parameters
    ----------
    address : str
        Of the page, such as "http://127.0.0.1:8501/".
    query : str
        What follows the question mark in its address, such as "gallery=photos".
    patience : float
        Seconds that any answer may take.
    """

    def __init__(self, address: str, query: str = "", *, patience: float = PATIENCE) -> None:
        self.address = urlsplit(address)
        self.query = query
        self.patience = patience
        self.session = ""
        self.settings: Config | None = None
        self.seen: list[str] = []
        """Every notice so far: spinners, progress, and captions with an hourglass."""
        self._nodes: dict[Path, Node] = {}
        self._states: dict[str, WidgetState] = {}
        self.repeated: list[str] = []
        """Parts of the page that a browser asks for again and again by itself."""
        self._run, self._fragments = "", ()
        self._socket: ClientConnection | None = None
        self.token = self._cookie()

    # ---- coming and going

    def __enter__(self) -> Visitor:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def open(self) -> None:
        """Open the page, and wait until all of it is there."""
        self.connect()
        self.rerun()

    def connect(self, *, session: str = "") -> None:
        """Open the connection, and ask for nothing yet; with the name of a session, ask for that one again."""
        self._socket = connect(
            f"ws://{self.address.netloc}/_stcore/stream",
            origin=f"http://{self.address.netloc}",
            subprotocols=["streamlit", self.token, *([session] if session else [])],
            additional_headers={"Cookie": f"{COOKIE}={self.token}"},
            max_size=None,
            max_queue=None,  # else closing waits in vain for what comes behind messages that nobody reads
            compression=None,
        )

    def leave(self) -> None:
        """Close the tab."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    # ---- what can be done

    def click(self, key: str) -> None:
        """Press the button with that key."""
        self.press(key)
        self.wait()

    def press(self, key: str) -> None:
        """Press the button with that key, and do not wait."""
        button = self.widget("button", key)
        self.ask(WidgetState(id=button.id, trigger_value=True), fragment=self.fragment_of(button.id))

    def make_own(self, key: str = "own-make") -> None:
        """Press the button that makes a gallery of uploaded pictures, and look every now and then until it is there.

        A browser's page looks by itself.
        """
        self.click(key)
        while self.of("progress"):
            time.sleep(0.1)
            self.rerun()

    def pick(self, key: str, option: str) -> None:
        """Choose one of the radio buttons with that key, by what is written on it."""
        radio = self.widget("radio", key)
        self._keep(WidgetState(id=radio.id, string_value=option))
        self.rerun(fragment=self.fragment_of(radio.id))

    def choose(self, key: str, option: str) -> None:
        """Choose one of the pills with that key, by what is written on it."""
        pills = self.widget("button_group", key)
        self._keep(WidgetState(id=pills.id, string_array_value=StringArray(data=[option])))
        self.rerun(fragment=self.fragment_of(pills.id))

    def trigger(self, key: str, event: str, value: object) -> None:
        """Let a component of the page's own, known by its key, tell the server something."""
        own = self.widget("bidi_component", key)
        payload = json.dumps([{"event": event, "value": value}])
        state = WidgetState(id=f"$$STREAMLIT_INTERNAL_KEY_{own.id}__events", json_trigger_value=payload)
        self.rerun(state, fragment=self.fragment_of(own.id))

    def left_out(self, *parts: str) -> list[tuple[str, dict[str, bool], float]]:
        """What a browser asks for with these parts of the page on the screen, by the keys of their containers.

        Returns
        -------
        list of (str, dict, float)
            Key of a component that watches; what of these parts has no contents; seconds until the browser asks.
        """
        found = []
        for own in self.of("bidi_component"):
            said = json.loads(own.bidi_component.json or "{}")
            if "wait" in said:
                missing = {each["part"]: True for each in said["parts"] if each["part"] in parts and not each["drawn"]}
                found += [(_key(own.bidi_component.id), missing, said["wait"] / 1000)] if missing else []
        return found

    def upload(self, name: str, data: bytes, *, uploader: int = -1) -> None:
        """Give a file to one of the page's uploaders, by default the last, and wait for what comes of it."""
        self.upload_many([(name, data)], uploader=uploader)

    def upload_many(self, files: Sequence[tuple[str, bytes]], *, uploader: int = -1) -> None:
        """Give files to one of the page's uploaders, and wait for what comes of it."""
        self.hand_in(files, uploader=uploader)
        self.wait()

    def hand_in(self, files: Sequence[tuple[str, bytes]], *, uploader: int = -1) -> None:
        """The same without waiting."""
        widget = self.of("file_uploader")[uploader].file_uploader
        state = WidgetState(id=widget.id)
        for (name, data), urls in zip(files, self.places(len(files)), strict=True):
            status = self.put(urls.upload_url, name, data)
            if status != 204:
                raise RuntimeError(f"The upload of {name} was answered with {status}.")
            given = state.file_uploader_state_value.uploaded_file_info.add()
            given.file_id, given.name, given.size = urls.file_id, name, len(data)
            given.file_urls.CopyFrom(urls)
        self._keep(state)
        self.ask(fragment=self.fragment_of(widget.id))

    def places(self, count: int = 1) -> list[FileURLs]:
        """Addresses to upload files to."""
        message = BackMsg()
        message.file_urls_request.request_id = str(uuid.uuid4())
        message.file_urls_request.session_id = self.session
        message.file_urls_request.file_names.extend(["file"] * count)
        self.send(message)
        for answer in self.messages():
            if answer.WhichOneof("type") == "file_urls_response":
                return list(answer.file_urls_response.file_urls)
        raise RuntimeError("The server named no place to upload to.")

    def put(self, path: str, name: str, data: bytes, *, token: str | None = None, cookie: str | None = None) -> int:
        """Send a file as the browser does; the status of the answer."""
        line = uuid.uuid4().hex
        shown = name.replace("\\", "\\\\").replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        head = (
            f'--{line}\r\nContent-Disposition: form-data; name="file"; filename="{shown}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        body = head + data + f"\r\n--{line}--\r\n".encode()
        token, cookie = (self.token if given is None else given for given in (token, cookie))
        headers = {"Content-Type": f"multipart/form-data; boundary={line}"}
        headers |= {"X-Xsrftoken": token} if token else {}
        headers |= {"Cookie": f"{COOKIE}={cookie}"} if cookie else {}
        with self._http() as connection:
            connection.request("PUT", path if path.startswith("/") else f"/{path}", body, headers)
            return connection.getresponse().status

    def rerun(self, *triggers: WidgetState, fragment: str = "") -> None:
        """Run the page, or a fragment of it, and wait until it has ended."""
        self.ask(*triggers, fragment=fragment)
        self.wait()

    def ask(self, *triggers: WidgetState, fragment: str = "") -> None:
        """Run the page and do not wait."""
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.fragment_id = fragment
        message.rerun_script.widget_states.widgets.extend([*self._states.values(), *triggers])
        message.rerun_script.context_info.url = self.address.geturl()
        self.send(message)

    def wait(self) -> None:
        """Take what comes until a run has ended and no other follows."""
        for message in self.messages():
            if message.WhichOneof("type") != "script_finished":
                continue
            status = message.script_finished
            if status == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                raise RuntimeError("The page's script does not compile.")
            if status in (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY):
                self._drop_stale()
                return
        raise RuntimeError("The server closed the connection.")

    # ---- what is on the page

    def all(self) -> list[Element]:
        """All elements, from top to bottom."""
        return [node.element for _, node in sorted(self._nodes.items()) if node.element is not None]

    def of(self, kind: str) -> list[Element]:
        """All elements of a kind, such as "markdown" or "file_uploader", from top to bottom."""
        return [element for element in self.all() if element.WhichOneof("type") == kind]

    def widget(self, kind: str, key: str) -> Any:
        """The widget or component of that kind with that key."""
        return next(found for found in (getattr(each, kind) for each in self.of(kind)) if _key(found.id) == key)

    def texts(self) -> list[str]:
        """All Markdown, captions and headings."""
        return [e.markdown.body for e in self.of("markdown")] + [e.heading.body for e in self.of("heading")]

    def errors(self) -> list[str]:
        """What the page complains about: exceptions, and boxes with an error."""
        return [e.exception.message for e in self.of("exception")] + [e.alert.body for e in self.of("alert")]

    def cards(self, column: int = 0) -> list[tuple[str, str]]:
        """Text and address of the picture of each card of a ranking, in their order."""
        return [
            (f"{card['rank']} {card['name']} {card['score']} {card['place']}", card["src"])
            for card in self._told(column)
        ]

    def on_card(self, what: str, rank: int, *, column: int = 0) -> None:
        """Press a button of a card: "why", "search", "more", "less" or "neither"."""
        self.trigger(f"cards-{column}", "asked", [what, self._told(column)[rank - 1]["index"]])

    def _told(self, column: int) -> list[dict[str, Any]]:
        found = filter(None, (told_in(element.html.body) for element in self.of("html")))
        return next((told["cards"] for told in found if told["explanation"] == f"why-{column}"), [])

    def fragment_of(self, widget: str) -> str:
        """The part of the page that a widget is in."""
        found = (n.fragment for n in self._nodes.values() if n.element is not None and _identity(n.element) == widget)
        return next(found, "")

    # ---- the protocol

    def send(self, message: BackMsg) -> None:
        """Send a message as it is."""
        if self._socket is None:
            raise RuntimeError("The visitor has left.")
        self._socket.send(message.SerializeToString())

    def messages(self) -> Iterator[ForwardMsg]:
        """What the server sends, as it comes; ends when it closes the connection."""
        until = time.monotonic() + self.patience
        while self._socket is not None:
            try:
                data = self._socket.recv(timeout=max(0.0, until - time.monotonic()))
            except ConnectionClosed:
                return
            assert isinstance(data, bytes)
            message = ForwardMsg()
            message.ParseFromString(data)
            self._take(message)
            yield message

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.session = message.new_session.initialize.session_id or self.session
            self.settings = message.new_session.config
            self._run = message.metadata.run.script_run_id
            self._fragments = tuple(message.metadata.run.fragment_ids)
        elif kind == "page_info_changed":
            # As a browser does.
            self.query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            self.repeated.append(message.auto_rerun.fragment_id)
        elif kind == "delta":
            self._place(tuple(message.metadata.delta_path), message)

    def _place(self, path: Path, message: ForwardMsg) -> None:
        delta = message.delta
        kind = delta.WhichOneof("type")
        if kind == "new_transient":
            for element in delta.new_transient.elements:
                self._note(element)
            return
        if any(path[:end] not in self._nodes for end in range(2, len(path))):
            # So does a browser, which shows this instead of the page.
            raise RuntimeError(f"Cannot set a node at {path}: there is nothing that holds it.")
        if kind == "add_block":
            self._nodes[path] = Node(None, self._run, delta.fragment_id, _key(delta.add_block.id))
            return
        # An element in the place of a block takes all of it away.
        for inside in [at for at in self._nodes if at[: len(path)] == path]:
            del self._nodes[inside]
        self._nodes[path] = Node(delta.new_element, self._run, delta.fragment_id)
        self._note(delta.new_element)

    def _note(self, element: Element) -> None:
        kind = element.WhichOneof("type")
        if kind == "spinner":
            self.seen.append(element.spinner.text)
        elif kind == "progress":
            self.seen.append(element.progress.text)
        elif kind == "markdown" and "hourglass" in element.markdown.body:
            self.seen.append(element.markdown.body)

    def _drop_stale(self) -> None:
        for path, node in list(self._nodes.items()):
            # A fragment inside one that was drawn goes with it.
            within = {self._nodes[path[:end]].fragment for end in range(len(path)) if path[:end] in self._nodes}
            if node.run != self._run and (not self._fragments or {node.fragment, *within} & set(self._fragments)):
                del self._nodes[path]
        # Widgets that are not on the page any more are not spoken of, as in a browser.
        there = {_identity(node.element) for node in self._nodes.values() if node.element is not None}
        self._states = {identity: state for identity, state in self._states.items() if identity in there}

    def _keep(self, state: WidgetState) -> None:
        self._states[state.id] = state

    def _cookie(self) -> str:
        with self._http() as connection:
            connection.request("GET", "/_stcore/health")
            cookies: SimpleCookie = SimpleCookie(connection.getresponse().headers.get("Set-Cookie", ""))
        return cookies[COOKIE].value if COOKIE in cookies else ""

    def _http(self) -> contextlib.closing[http.client.HTTPConnection]:
        return contextlib.closing(http.client.HTTPConnection(self.address.netloc, timeout=self.patience))


def _identity(element: Element) -> str:
    kind = element.WhichOneof("type")
    return "" if kind is None else str(getattr(getattr(element, kind), "id", ""))


def _key(identity: str) -> str:
    """The key in the id of a widget or a block: what follows the hash."""
    parts = identity.split("-", 2) if identity.startswith("$$ID-") else ["", "", identity]
    return parts[2] if len(parts) == 3 else ""
