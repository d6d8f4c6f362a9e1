"""How clients use their connections: what turns a count of requests into capacity units."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from models.resource import Settings

_Size = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]


class Connections(Settings):
    """Size of requests and life of connections; a simulation derives the averages from them."""

    request_kb: _Size = 1.0
    """A request on average, with its headers. [KB]"""
    response_kb: _Size = 20.0
    """A response on average. [KB]"""
    requests_per_connection: Annotated[float, Field(ge=1, le=1e9)] = 10.0
    """Requests that a client sends over one connection before it closes it."""
    connection_seconds: _Size = 30.0
    """How long a connection stays open. [s]"""
