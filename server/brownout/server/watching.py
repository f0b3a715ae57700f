"""What changes outside of open documents: settings of the editor, files on the disk, workspace folders."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from brownout.project import delegation
from brownout.project.config import FILES
from brownout.project.place import LOCK_FILES, is_version_file
from brownout.server import options
from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path

if TYPE_CHECKING:
    from brownout.server.door import Server

log = logging.getLogger(__name__)

PATIENCE = 1.5
"""Seconds that a client has to tell its settings before anything is said by the defaults."""
PATTERNS = (
    "**/*.py",
    "**/brownout.toml",
    "**/pyproject.toml",
    "**/brownout-baseline.json",
    "**/.gitignore",
    "**/ruff.toml",
    "**/.ruff.toml",
    "**/*requirement*.txt",
    "**/requirements/*.txt",
    "**/constraints.txt",
    *(f"**/{name}" for name in LOCK_FILES),
)
READ_AGAIN = frozenset({*FILES, *delegation.FILES, ".gitignore", "brownout-baseline.json"})
"""Files after whose change a project is read again."""


def offer(server: Server) -> None:
    """Register the features that tell of changes."""

    @server.feature(types.INITIALIZED)
    async def initialized(ls: Server, _: types.InitializedParams) -> None:
        await asyncio.gather(_register(ls), _begin(ls))

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def configuration(ls: Server, params: types.DidChangeConfigurationParams) -> None:
        if not await _configure(ls) and params.settings:
            ls.configure(options.read(params.settings))

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def watched(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
        changed(ls, params.changes)

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    async def folders(ls: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
        gone = {to_fs_path(folder.uri) for folder in params.event.removed}
        left = [folder for folder in ls.state.layout.folders if str(folder) not in gone]
        added = (to_fs_path(folder.uri) for folder in params.event.added)
        ls.state.set_folders([*left, *(Path(place) for place in added if place)])
        await _configure(ls)
        ls.refresh()


def expect_settings(server: Server) -> None:
    """Let the server begin: at once where the client cannot be asked for settings, else when it has told them.

    Findings by the defaults would flash and vanish. A client that takes too long gets them all the same.
    """
    workspace = server.client_capabilities.workspace
    if workspace is None or not workspace.configuration:
        server.state.begin()
    else:
        asyncio.get_running_loop().call_later(PATIENCE, _late, server)


async def _begin(server: Server) -> None:
    await _configure(server)
    server.state.begin()


def _late(server: Server) -> None:
    if not server.state.begun.is_set():
        log.warning("the client has not told its settings within %s s: the defaults count until it does", PATIENCE)
        server.state.begin()


def changed(server: Server, events: Sequence[types.FileEvent]) -> None:
    """Files changed on the disk: the projects that they lie in are asked about again in a moment."""
    state = server.state
    settings = False
    for event in events:
        place = to_fs_path(event.uri)
        if place is None:
            continue
        path = Path(place)
        settings = settings or path.name in FILES
        for project in state.projects.values():
            if not path.is_relative_to(project.root):
                continue
            name = path.relative_to(project.root).as_posix()
            if path.suffix == ".py" and event.type is types.FileChangeType.Changed:
                project.changed.add(name)
            elif path.suffix == ".py" or path.name in READ_AGAIN or is_version_file(name):
                project.reread = True
            state.later(project.root)
    if settings:
        state.arrange()


async def _register(server: Server) -> None:
    """Ask to be told of files and settings, where the client does so on demand."""
    workspace = server.client_capabilities.workspace
    if workspace is None:
        return
    wanted: list[types.Registration] = []
    watched = workspace.did_change_watched_files
    server.watches = bool(watched and watched.dynamic_registration)
    if server.watches:
        watchers = [types.FileSystemWatcher(pattern) for pattern in PATTERNS]
        how = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        wanted.append(types.Registration("files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, how))
    told = workspace.did_change_configuration
    if told is not None and told.dynamic_registration:
        section = types.DidChangeConfigurationRegistrationOptions("brownout")
        wanted.append(types.Registration("settings", types.WORKSPACE_DID_CHANGE_CONFIGURATION, section))
    if wanted:
        with contextlib.suppress(Exception):
            await server.client_register_capability_async(types.RegistrationParams(wanted))


async def _configure(server: Server) -> bool:
    """Ask for the settings, the window's and each folder's, where the client can be asked; whether it could."""
    workspace = server.client_capabilities.workspace
    if workspace is None or not workspace.configuration:
        return False
    folders = server.state.layout.folders if len(server.state.layout.folders) > 1 else []
    scopes = [None, *(from_fs_path(str(folder)) for folder in folders)]
    items = [types.ConfigurationItem(scope, "brownout") for scope in scopes]
    try:
        found = await server.workspace_configuration_async(types.ConfigurationParams(items))
    except Exception as error:
        log.warning("the client did not give its settings: %s", error)
        return False
    if found and any(found):
        window = options.read(found[0]) if found[0] else server.state.options
        scoped = {folder: options.read(one) for folder, one in zip(folders, found[1:], strict=False) if one}
        server.configure(window, {folder: one for folder, one in scoped.items() if one != window})
    return True
