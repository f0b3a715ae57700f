"""pygls's protocol with two promises kept: every request is answered, and nobody is told of errors twice."""

from __future__ import annotations

import logging
from typing import Any

from lsprotocol.types import ErrorCodes, ResponseError
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.json_rpc import RPCMessage

log = logging.getLogger(__name__)


class Protocol(LanguageServerProtocol):
    """Answers requests that cannot be read, and those that come after `shutdown`."""

    def structure_message(self, data: dict[str, Any]) -> Any:
        """A message as an object; a request that is none is answered at once."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                self._send_response(data["id"], None, error.to_response_error())
            raise

    def handle_message(self, message: RPCMessage) -> None:
        """Handle a message; after `shutdown` requests are refused instead of dropped."""
        identity = getattr(message, "id", None)
        if self._shutdown and identity is not None and hasattr(message, "method"):
            refused = ResponseError(ErrorCodes.InvalidRequest.value, "the server is shutting down")
            self._send_response(identity, None, refused)
            return
        if identity is not None and not hasattr(message, "method"):
            asked = self._request_futures.get(identity)
            if asked is not None and asked.cancelled():  # we have left already: nobody waits for this answer
                del self._request_futures[identity]
                return
        super().handle_message(message)
