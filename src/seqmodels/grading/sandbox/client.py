"""A client that cannot be filled up, or brought to a stop, by what a kernel says."""

import asyncio
import re
from queue import Empty
from typing import Any

import zmq
import zmq.asyncio
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from traitlets import Type

MESSAGES = "messages"
# The queue of each socket: together with the size of one message, the most that can wait to be read.
_WAITING = 32
_ENDING = 1.0  # seconds from the end of a kernel's connections to that of the kernel, at most
# Of a message, before anything looks into it that takes its time for each part: what is more has no content.
_DEEPEST = 50  # lists and dictionaries in one another
_MOST_PARTS = 100_000  # what is in them, all together
_MOST_KINDS = 100  # in which one thing is shown at once
_LONGEST_HEADING = 1 << 16  # bytes of each part of a message that is not its content
PARTS = "parts"  # the key under which a message has how many parts are in it; None if they were too many

# What those who read a message of one of these types rely on, as Jupyter's protocol has it
_DATA = {"data": dict, "metadata": dict}
_CONTENT = {
    "comm_close": {"comm_id": str, "data": dict},
    "comm_msg": {"comm_id": str, "data": dict},
    "comm_open": {"comm_id": str, "data": dict},
    "display_data": _DATA,
    "error": {"ename": str, "evalue": str, "traceback": list},
    "execute_input": {"code": str, "execution_count": int},
    "execute_reply": {"status": str},
    "execute_result": _DATA | {"execution_count": int},
    "status": {"execution_state": str},
    "stream": {"name": str, "text": str},
    "update_display_data": _DATA,
}
_JSON = re.compile(r"application/(.+\+)?json")
_SHOWN = ("display_data", "execute_result", "update_display_data")
_HEADINGS = 4  # before the content stand a signature, the header, that of the request, and metadata


class _Channel(AsyncZMQSocketChannel):
    """Passes over messages that are none: code in a kernel can write to its sockets itself."""

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        end = None if timeout is None else loop.time() + timeout
        while True:
            left = None if end is None else max(0, end - loop.time())
            if not await self.socket.poll(None if left is None else int(left * 1000)):
                raise Empty
            await asyncio.sleep(0)  # where messages never run out, nothing else would have its turn
            parts = await self.socket.recv_multipart()
            try:
                _, signed = self.session.feed_identities(parts)
                if any(len(part) > _LONGEST_HEADING for part in signed[:_HEADINGS]):
                    raise ValueError("what stands before the content is too long")
                message = self.session.deserialize(signed)
                wanted = _is_whole(message) and self._is_wanted(message)
            except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
                wanted = False
            if wanted:
                return message
            if end is not None and loop.time() >= end:
                raise Empty

    def _is_wanted(self, message: dict[str, Any]) -> bool:
        return True


class _Requests(_Channel):
    """Takes one reply to each request, and no others: whoever waits for one reads on until it comes."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._asked: set[str] = set()

    def send(self, msg: dict[str, Any]) -> None:
        self._asked.add(msg["header"]["msg_id"])
        super().send(msg)

    def _is_wanted(self, message: dict[str, Any]) -> bool:
        request = message["parent_header"].get("msg_id")
        if request not in self._asked:
            return False
        self._asked.remove(request)
        return True


class LimitedClient(AsyncKernelClient):
    """A client for kernels that run code of students: its manager says how long a message it reads."""

    shell_channel_class = Type(_Requests)
    iopub_channel_class = Type(_Channel)
    stdin_channel_class = Type(_Channel)
    control_channel_class = Type(_Channel)

    def __init__(self, **kwargs: Any):
        self._monitors: list[zmq.Socket] = []
        super().__init__(**kwargs)

    def _context_default(self) -> zmq.asyncio.Context:
        context = super()._context_default()
        limit(context, self.parent.most_message)
        return context

    def _create_connected_socket(self, channel: str, identity: bytes | None = None) -> zmq.Socket:
        connected = super()._create_connected_socket(channel, identity)
        # ZeroMQ ends the connection when a message is too long, and is silent from then on.
        self._monitors.append(connected.get_monitor_socket(zmq.EVENT_DISCONNECTED))
        return connected

    async def _async_is_alive(self) -> bool:
        alive = await super()._async_is_alive()
        if not alive or not await self._is_cut_off():
            return alive
        # It could be the end of the kernel itself.
        await asyncio.sleep(_ENDING)
        if await super()._async_is_alive():
            await self.parent.give_up(MESSAGES)
        return False

    is_alive = _async_is_alive

    def start_channels(
        self, shell: bool = True, iopub: bool = True, stdin: bool = True, hb: bool = True, control: bool = True
    ) -> None:
        # Without the heartbeat: its thread waits for ever for the rest of a message that does not come. The manager
        # knows whether the kernel lives.
        super().start_channels(shell, iopub, stdin, False, control)

    def stop_channels(self) -> None:
        for monitor in self._monitors:
            monitor.close(linger=0)
        self._monitors.clear()
        super().stop_channels()

    async def _is_cut_off(self) -> bool:
        for monitor in self._monitors:
            if await monitor.poll(0):
                return True
        return False


def limit(context: zmq.Context, most_message: int) -> None:
    """Limit what the sockets of a context take in."""
    context.setsockopt(zmq.MAXMSGSIZE, most_message)
    context.setsockopt(zmq.RCVHWM, _WAITING)


def _is_whole(message: dict[str, Any]) -> bool:
    """Whether a message has the parts that its readers rely on."""
    header, content = message["header"], message["content"]
    if not all(isinstance(part, dict) for part in (header, message["parent_header"], content)):
        return False
    needed = _CONTENT.get(header["msg_type"], {})
    if header["msg_type"] == "execute_reply" and content.get("status") == "error":
        needed = needed | _CONTENT["error"]
    message[PARTS] = _parts(content)
    if message[PARTS] is None:
        content = message["content"] = _emptied(content, needed)
    return (
        isinstance(header["msg_type"], str)
        and all(isinstance(content[name], kind) for name, kind in needed.items())
        and isinstance(content.get("transient") or {}, dict)
        and isinstance((content.get("transient") or {}).get("display_id") or "", str)
        and all(isinstance(line, str) for line in content.get("traceback") or [])
        and isinstance(content.get("payload") or [], list)
        and all(isinstance(part, dict) for part in content.get("payload") or [])
        and (header["msg_type"] not in _SHOWN or _is_readable(content["data"]))
    )


def _parts(content: dict[str, Any]) -> int | None:
    """How many parts there are in lists and dictionaries; None if they are too many, or too deep in one another."""
    data = content.get("data")
    if isinstance(data, dict) and len(data) > _MOST_KINDS:
        return None
    found, level = 0, [content]
    for _ in range(_DEEPEST):
        found += sum(map(len, level))
        if found > _MOST_PARTS:
            return None
        values = [part for whole in level for part in (whole.values() if isinstance(whole, dict) else whole)]
        level = [part for part in values if isinstance(part, (dict, list))]
        if not level:
            return found
    return None


def _emptied(content: dict[str, Any], needed: dict[str, type]) -> dict[str, Any]:
    """What its readers rely on of a content, with nothing in it."""
    return {name: content.get(name) if kind in (str, int) else kind() for name, kind in needed.items()}


def _is_readable(data: dict[str, Any]) -> bool:
    """Whether what is shown is text, or JSON that is called so as a notebook wants it."""
    return all(isinstance(value, str) or _JSON.fullmatch(kind) for kind, value in data.items())
