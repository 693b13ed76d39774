"""Each row of the table of incidents that the hostile suite answers for, and the tests that hold it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

ROWS: dict[int, tuple[str, ...]] = {
    1: (
        "test_code_that_is_read_is_not_run",
        "test_a_hostile_flow_that_is_only_looked_at_runs_nothing",
    ),
    4: (
        "test_every_route_is_classified",
        "test_nobody_gets_in_anonymously_but_where_it_says_so",
        "test_a_viewer_reads_and_changes_nothing",
        "test_another_author_changes_nothing_that_is_not_theirs",
        "test_every_route_and_socket_is_closed",
        "test_a_request_for_what_is_not_ones_own_gets_nowhere",
    ),
    5: (
        "test_a_request_for_what_is_not_ones_own_gets_nowhere",
        "test_nobody_is_let_in",
        "test_nobody_gets_at_the_terminal_of_another",
    ),
    19: (
        "test_nothing_else_is_a_link",
        "test_a_link_works_once",
        "test_no_token_of_a_wrong_kind_signs_in",
        "test_nothing_empty_or_odd_is_a_session_or_a_token",
    ),
    20: (
        "test_what_is_not_the_authors_is_not_got",
        "test_a_viewer_reads_and_changes_nothing",
        "test_a_terminal_gets_no_further_than_a_flow",
        "test_a_tokens_scope_is_held_at_every_route",
    ),
    21: (
        "test_a_hostile_flow_that_is_only_looked_at_runs_nothing",
        "test_all_else_is_a_literal",
    ),
    22: (
        "test_what_is_not_the_authors_is_not_got",
        "test_lies_over_the_workers_socket_spoil_only_its_own_test",
        "test_a_worker_has_no_capabilities_and_is_not_root",
        "test_routes_cannot_be_changed_from_inside",
        "test_without_isolation_a_second_account_is_409",
    ),
    23: (
        "test_nothing_of_a_repository_runs",
        "test_the_sandbox_sees_the_repository_alone",
        "test_nothing_that_a_repository_names_is_run",
        "test_a_repositorys_own_folder_is_listed_and_never_written",
    ),
    24: (
        "test_a_link_into_a_repositorys_folder_is_no_way_to_write_there",
        "test_folders_that_are_swapped_for_links_while_writing_never_let_a_byte_out",
        "test_a_folder_that_becomes_a_link_leads_nowhere",
        "test_what_is_put_in_place_of_the_folder_meanwhile_is_not_followed",
        "test_a_link_below_the_share_is_never_bound",
    ),
    26: (
        "test_tokens_links_cookies_and_passwords_are_scrubbed",
        "test_the_access_log_has_no_query",
        "test_neither_environment_nor_files_hold_a_secret",
    ),
    30: (
        "test_every_route_and_socket_is_closed",
        "test_git_is_closed_as_well",
        "test_whoever_is_signed_out_loses_terminal_and_socket_within_five_seconds",
        "test_a_token_that_is_taken_back_ends_its_push_within_five_seconds",
    ),
    31: (
        "test_a_terminal_gets_no_further_than_a_flow",
        "test_its_environment_and_descriptors_hold_nothing_of_the_servers",
    ),
    32: (
        "test_every_route_is_classified",
        "test_nobody_is_let_in",
        "test_nobody_gets_a_socket_without_session_origin_and_csrf_token",
    ),
    33: (
        "test_no_other_sites_page_is_let_in",
        "test_a_websocket_from_another_origin_or_none_is_refused_before_it_is_accepted",
    ),
    37: (
        "test_building_is_the_owners_act_or_an_admins_and_others_run_with_what_is_there",
        "test_hashes_are_checked_and_a_right_one_is_taken",
        "test_building_is_in_the_audit_log_once",
        "test_a_hostile_flow_that_is_only_looked_at_runs_nothing",
    ),
    42: (
        "test_another_users_pages_stay_fast_during",
        "test_a_full_disk_is_said_and_pages_still_load",
        "test_one_that_takes_all_is_ended_while_pages_load",
        "test_a_flood_of_ones_own_folder_is_ended",
    ),
}
SCENARIO_15 = "test_everything_is_refused_or_contained_and_the_log_tells_the_story"
WANTED = {1, 4, 5, *range(19, 25), 26, *range(30, 34), 37, 42}


@cache
def _every_test() -> frozenset[str]:
    """By name alone: tests move between files as these grow."""
    texts = (path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py"))
    return frozenset(name for text in texts for name in re.findall(r"^def (test_\w+)", text, re.MULTILINE))


def test_every_row_has_its_tests() -> None:
    assert set(ROWS) == WANTED


@pytest.mark.parametrize("name", sorted({SCENARIO_15, *(name for names in ROWS.values() for name in names)}))
def test_the_named_tests_are_there(name: str) -> None:
    assert name in _every_test()
