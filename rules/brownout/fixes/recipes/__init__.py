"""The recipes by the name under which a `Fix` asks for them; one subject per file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from brownout.core import Fix
from brownout.fixes.recipes.answers import answer_status, hide_text
from brownout.fixes.recipes.checks import (
    add_key,
    check_status,
    close_descriptor,
    delete_statement,
    digest_file,
    make_directory,
    refuse_none,
)
from brownout.fixes.recipes.connections import catch_disconnect, check_integrity, enable_wal
from brownout.fixes.recipes.devices import device_if_available
from brownout.fixes.recipes.durable import rotate_log, sync_file, without_test
from brownout.fixes.recipes.files import clean_up_in_finally, remove_in_finally, write_atomically
from brownout.fixes.recipes.guarding import fall_back, limit_child, remove_on_failure, start_over
from brownout.fixes.recipes.handlers import answer_failure, log_exception, log_traceback, raise_again, raise_for_status
from brownout.fixes.recipes.handles import make_folder, open_with
from brownout.fixes.recipes.keywords import add_keyword, bound_cache, remove_keyword
from brownout.fixes.recipes.loops import iterate_copy
from brownout.fixes.recipes.models import load_once
from brownout.fixes.recipes.retries import add_imported_keyword, pause_before_retry
from brownout.fixes.recipes.sockets import (
    drop_dead_client,
    limit_socket,
    reconnect,
    remove_client_in_finally,
    skip_odd_message,
)
from brownout.fixes.recipes.sqlite import back_up, begin_transaction, close_connection, commit_after, edit_text
from brownout.fixes.recipes.survival import go_on, mark_failed
from brownout.fixes.recipes.tasks import keep_task, log_failure
from brownout.fixes.recipes.threads import (
    await_future,
    give_way,
    make_plain,
    run_in_executor,
    run_in_thread,
    sleep_on_loop,
)
from brownout.fixes.recipes.uploads import base_name, bound_copy, bound_read
from brownout.fixes.tree import Tree

Recipe = Callable[[Tree, Fix], None]
"""Notes its changes in the tree; raises `CannotFix` where the code has another shape."""

RECIPES: Mapping[str, Recipe] = {
    recipe.__name__: recipe
    for recipe in (
        answer_status,
        sleep_on_loop,
        hide_text,
        fall_back,
        remove_on_failure,
        start_over,
        make_folder,
        open_with,
        add_imported_keyword,
        add_key,
        add_keyword,
        back_up,
        answer_failure,
        await_future,
        base_name,
        begin_transaction,
        bound_read,
        catch_disconnect,
        close_connection,
        commit_after,
        edit_text,
        close_descriptor,
        delete_statement,
        device_if_available,
        bound_cache,
        bound_copy,
        bound_read,
        catch_disconnect,
        check_integrity,
        check_status,
        clean_up_in_finally,
        close_descriptor,
        delete_statement,
        digest_file,
        drop_dead_client,
        enable_wal,
        give_way,
        go_on,
        log_exception,
        log_failure,
        make_directory,
        refuse_none,
        make_plain,
        mark_failed,
        pause_before_retry,
        raise_for_status,
        iterate_copy,
        limit_child,
        limit_socket,
        load_once,
        keep_task,
        log_exception,
        make_directory,
        refuse_none,
        log_traceback,
        raise_again,
        reconnect,
        remove_client_in_finally,
        remove_in_finally,
        remove_keyword,
        rotate_log,
        run_in_executor,
        run_in_thread,
        skip_odd_message,
        sync_file,
        without_test,
        write_atomically,
    )
}
