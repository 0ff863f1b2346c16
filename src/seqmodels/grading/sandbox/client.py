"""A client that cannot be filled up, or brought to a stop, by what a kernel says."""

import asyncio
from queue import Empty
from typing import Any

import zmq
import zmq.asyncio
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from traitlets import Integer, Type

MESSAGES = "messages"
# The queue of each socket: together with the size of one message, the most that can wait to be read.
_WAITING = 32
# What a kernel that is just ending may take until that is known
_ENDING = 1.0


class _Channel(AsyncZMQSocketChannel):
    """Passes over messages that are none: code in a kernel can write to its sockets itself."""

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        end = None if timeout is None else loop.time() + timeout
        while True:
            left = None if end is None else max(0, end - loop.time())
            if not await self.socket.poll(None if left is None else int(left * 1000)):
                raise Empty
            parts = await self.socket.recv_multipart()
            try:
                _, signed = self.session.feed_identities(parts)
                message = self.session.deserialize(signed)
            except (ValueError, TypeError, KeyError, IndexError, AttributeError):
                continue
            if _is_whole(message):
                return message


class LimitedClient(AsyncKernelClient):
    """A client for kernels that run code of students: most_message is the size of the longest message that it reads."""

    most_message = Integer(32 << 20, help="Bytes of the longest message that is read.").tag(config=True)

    shell_channel_class = Type(_Channel)
    iopub_channel_class = Type(_Channel)
    stdin_channel_class = Type(_Channel)
    control_channel_class = Type(_Channel)

    def __init__(self, **kwargs: Any):
        self._monitors: list[zmq.Socket] = []
        super().__init__(**kwargs)

    def _context_default(self) -> zmq.asyncio.Context:
        context = super()._context_default()
        context.setsockopt(zmq.MAXMSGSIZE, self.most_message)
        context.setsockopt(zmq.RCVHWM, _WAITING)
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


def _is_whole(message: dict[str, Any]) -> bool:
    """Whether a message has the parts that every reader relies on."""
    return (
        isinstance(message["header"], dict)
        and isinstance(message["parent_header"], dict)
        and isinstance(message["content"], dict)
        and isinstance(message["header"].get("msg_type"), str)
    )
