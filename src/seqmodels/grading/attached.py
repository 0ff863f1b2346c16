"""The pictures of one text: those attached to its cell, as JupyterLab and VS Code keep them, and those pasted into it.

Colab writes a picture that is pasted into a text as an address of millions of letters.
"""

import re
from collections.abc import Mapping
from urllib.parse import unquote

from seqmodels.grading.markup import picture_in_page
from seqmodels.grading.pictures import Refused
from seqmodels.grading.room import Room

_SCHEME = "attachment:"
_PASTED = re.compile(r"data:image/[\w.+-]{1,40}(?:;[\w.+=-]{1,40}){0,3};base64,([A-Za-z0-9+/=]*)", re.IGNORECASE)
_NAMED = re.compile(r"""attachment:([^\s()<>"']{1,300})""")


class Attached:
    """The pictures of one text, as markup.Shown asks for them.

    Args:
      attachments: for each name the pictures in base64, by their kinds.
      room: of the page on which they are shown.
    """

    def __init__(self, attachments: Mapping, room: Room):
        self._written = {name: _written(bundle) for name, bundle in attachments.items()}
        self._room = room

    def take_pasted(self, text: str) -> str:
        """A text with a short address for each picture that was pasted into it."""
        return _PASTED.sub(self._keep, text)

    def address(self, address: str) -> str:
        """The address that holds the picture which the notebook calls so.

        Raises:
          Refused: it is not shown.
        """
        name = address.removeprefix(_SCHEME)
        written = self._written.get(name, self._written.get(unquote(name)))
        if name == address or written is None:
            raise Refused("it is not in the notebook")
        return self._room.picture(written).url()

    def all_in(self, text: str) -> str:
        """The pictures that a text names, as HTML, for a text that is shown as it was typed."""
        return "".join(
            f"<p>{picture_in_page(_SCHEME + name, unquote(name), self.address)}</p>"
            for name in dict.fromkeys(_NAMED.findall(text))
        )

    def _keep(self, pasted: re.Match) -> str:
        name = f"pasted-{len(self._written) + 1}"
        self._written[name] = pasted[1]
        return _SCHEME + name


def _written(bundle: object) -> str:
    """A picture's base64; of a bundle of something else nothing, which is no picture either."""
    kinds = bundle if isinstance(bundle, Mapping) else {}
    return next((data for data in kinds.values() if isinstance(data, str)), "")
