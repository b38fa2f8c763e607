"""Processes that serve pages: uvicorn on a socket that the supervisor opened."""

from __future__ import annotations

import asyncio
import socket

import uvicorn
from starlette.applications import Starlette

from gateway.console.patience import PatientProtocol


async def serve(
    application: Starlette,
    sock: socket.socket,
    stopping: asyncio.Event,
    protocol: type[PatientProtocol] = PatientProtocol,
) -> None:
    """Until told to stop; requests under way are answered."""
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            log_config=None,
            access_log=False,  # an address may hold what somebody searched for
            server_header=False,
            lifespan="off",
            http=protocol,
            ws="none",
            timeout_graceful_shutdown=10,
        )
    )
    serving = asyncio.create_task(server._serve([sock]))  # without its signal handlers: ours stand
    await stopping.wait()
    server.should_exit = True
    await serving
