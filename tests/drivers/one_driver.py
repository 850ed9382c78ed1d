"""Tests that are not played by both drivers and compared, and why: the one list of it.

All others are, by a mark of `tests/drivers/stage.py`. `tests/test_one_driver.py` finds a test that
is neither marked nor listed here, and what is listed here for no reason any more.
"""

from __future__ import annotations

import attrs

MARKS = ("every_kind", "every_driver", "every_async", "every_way")

# Folders and files, below `tests`, of which no test is played by both.
PLACES = {
    "adapters/": "what is done inside of a body, whichever driver runs it",
    "commands/": "the command line",
    "comparison/": "the mock and `dwf_sim.mocked`, for functions of the SDK alone",
    "checks/": "properties of functions, those of the SDK among them",
    "conformance/": "recordings and generated programs are played by both drivers there, too",
    "engine/": "the engine is asked without a driver",
    "expressions/": "no function is played",
    "flow/": "policies are asked without an engine",
    "histories/": "changed code is entered by both drivers there, too",
    "invariants/": "invariants read records, whoever has caused them",
    "lint/": "text is looked at, and nothing is played",
    "model/": "no function is played",
    "mutants/": "a wrong engine is wrong for either driver",
    "project/": "what stands around the product: hooks, workflow, packages, the contributors' page",
    "report/": "records are shown, whoever has caused them",
    "rules/": "no function is played",
    "scenario/": "how files are read and told of",
    "search/": "plays are judged by what comes of them, those of the SDK among them",
    "sim/": "the agenda and what stands around a driver",
    "stored/": "files of failures, and what they were seen with; the SDK is one case of that",
    "strategies/": "what is drawn, before anything is played; the machine plays the SDK there, too",
    "vendor/": "the vendor's own cases, by the SDK alone",
    "drivers/test_asks.py": "what a bench hears of steps; those of the SDK among them",
    "drivers/test_bad_arguments.py": "our own driver's words; the SDK checks arguments itself",
    "drivers/test_bindings.py": "no function is played",
    "drivers/test_checkpointing.py": "the SDK of Python has no checkpointing (A47)",
    "drivers/test_entropy.py": "threads and chance, whichever driver",
    "drivers/test_frozen.py": "threads and the clock, whichever driver",
    "drivers/test_inngest.py": "what is only met with the SDK",
    "drivers/test_inngest_ai.py": "only the SDK has `step.ai`",
    "drivers/test_inngest_middleware.py": "only the SDK has middleware",
    "drivers/test_inngest_registration.py": "settings as the SDK writes them",
    "drivers/test_inngest_routes.py": "two ways into the SDK",
    "drivers/test_inngest_sends.py": "clients of the SDK, inside and outside of functions",
    "drivers/test_inngest_serializer.py": "only the SDK has serializers",
    "drivers/test_settings.py": "settings as we write them; of the SDK, see registration",
    "drivers/test_signals.py": "the SDK of Python has no signals (A47)",
    "drivers/test_trigger.py": "the vendor's mock moved over: each test says for which functions",
    "faults/test_daylight_saving.py": "clocks and schedules of the engine, whichever driver",
    "faults/test_each_kind.py": "that each kind strikes; what it does is in the other files",
    "faults/test_plan_in_force.py": "how often a fault strikes, whatever it strikes",
    "faults/test_plans.py": "random plans; those of test_parity.py are played by both",
    "faults/test_sentences.py": "no function is played",
    "faults/test_sites.py": "sites are listed and struck by both drivers, one after the other",
    "faults/test_stored.py": "plans as data",
    "faults/test_table.py": "no function is played",
    "test_among_others.py": "the pytest plugin",
    "test_bad_calls.py": "our own driver's words, and mistakes outside of functions",
    "test_bad_settings.py": "refused where it is given, before anything is played",
    "test_checking.py": "when invariants are checked, whoever has caused the records",
    "test_checkpointing.py": "the SDK of Python has no checkpointing (A47)",
    "test_cron.py": "no function is played",
    "test_cron_laws.py": "no function is played",
    "test_debuggers.py": "debuggers, where user code stands, whichever driver runs it",
    "test_demo.py": "the command line",
    "test_determinism.py": "digests of native programs; of the SDK's see drivers/test_inngest.py",
    "test_durable_tests.py": "the pytest plugin",
    "test_docstrings.py": "no function is played",
    "test_duration.py": "no function is played",
    "test_effects.py": "what a ledger counts, whoever calls it",
    "test_factory.py": "the pytest plugin",
    "test_habitat.py": "the clock, chance and fences of user code, which both drivers stand in",
    "test_healing.py": "when runs end, whichever driver plays them",
    "test_hints.py": "texts; where a driver has to do with them, both are asked",
    "test_imports.py": "no function is played",
    "test_keywords.py": "refused where they are given, before anything is played",
    "test_layers.py": "no function is played",
    "test_mistakes_page.py": "no function is played",
    "test_one_driver.py": "no function is played",
    "test_oracles.py": "what users claim, whichever driver plays the function that claims it",
    "test_parity.py": "compares both drivers itself",
    "test_quiet_tests.py": "the pytest plugin and the command line",
    "test_plugin.py": "the pytest plugin",
    "test_pages.py": "pages of the documentation",
    "test_public.py": "no function is played",
    "test_readme.py": "the README",
    "test_recovery.py": "holds simulations against one another, those of the SDK among them",
    "test_repeating.py": "a line of text, whichever driver",
    "test_request_calls.py": "counts the calls of each driver itself",
    "test_scenario_files.py": "the pytest plugin",
    "test_site.py": "no function is played",
    "test_tidy.py": "no function is played",
    "test_topics.py": "no function is played",
    "test_unreadable_timeouts.py": "made natively, and past the SDK's checks: both are asked",
}


@attrs.frozen
class Alone:
    """Tests of a file that is played by both drivers otherwise, and why they are not."""

    file: str
    why: str
    tests: tuple[str, ...]


_ASYNCIO = "parallel by asyncio alone, of which the SDK runs all bodies at once (see differences)"
_RACE = "the SDK of Python has no `group.race`"
_LEAVES = "a task that is left, cancelled or not awaited: the SDK has no tasks of its own (A47)"
_LISTED = "a difference of behaviour, listed and shown by test_parity.py"
_MADE = "refused where it is made, or a text: nothing is played"
_OURS = "what our own driver alone has, or says"

TESTS = (
    Alone(
        "test_conditions.py",
        "a thousand ticks: how often crons tick is the engine's matter, and the SDK takes seconds",
        (
            "test_each_schedule_comes_twice_at_least",
            "test_what_else_happens_is_waited_for_however_often_crons_tick",
            "test_within_a_time_crons_tick_as_often_as_they_do",
            "test_crons_alone_are_not_waited_for_as_long_as_the_budget_lasts",
        ),
    ),
    Alone(
        "faults/test_timed.py",
        "pauses are the engine's own: no driver hears of them",
        (
            "test_a_pause_of_a_function_that_is_never_served_has_not_struck",
            "test_a_pause_waits_until_its_function_is_served",
            "test_the_end_of_a_faults_pause_leaves_the_users_own",
            "test_two_pauses_of_faults_that_overlap_last_until_both_are_over",
            "test_a_user_ends_a_pause_whoever_began_it",
        ),
    ),
    Alone(
        "drivers/test_context.py",
        _OURS,
        (
            "test_a_context_has_what_the_vendors_has_and_no_more_than_the_time",
            "test_the_steps_of_both_kinds_of_handlers_have_the_same_names",
            "test_the_time_of_a_handler_moves_with_the_simulation",
            "test_an_event_keeps_its_version",
        ),
    ),
    Alone(
        "drivers/test_errors.py",
        "errors of TypeScript's kind, which stay in their step (A68)",
        (
            "test_a_non_retriable_error_that_stays_in_its_step_is_a_step_error",
            "test_a_step_that_asks_for_later_by_an_error_of_its_own_is_tried_then",
        ),
    ),
    Alone(
        "drivers/test_errors.py",
        _LISTED,
        (
            "test_whatever_step_is_nested_is_so_at_once",
            "test_a_cancellation_that_leaves_the_handler_is_its_error",
            "test_an_error_that_cannot_say_what_it_is_still_has_its_name",
        ),
    ),
    Alone(
        "drivers/test_errors.py",
        _OURS,
        ("test_a_body_that_is_no_function_fails_the_run_at_once",),
    ),
    Alone(
        "drivers/test_interrupts.py",
        _LEAVES,
        (
            "test_a_step_in_the_finally_block_of_a_task_waits_for_its_own_time",
            "test_a_step_kept_for_a_finally_block_of_a_task_waits_as_well",
            "test_a_finally_block_of_a_task_that_does_not_end_well_is_complained_of",
            "test_a_body_that_is_still_running_when_the_handler_fails_is_closed",
            "test_a_handler_that_returns_during_a_body_waits_for_it",
        ),
    ),
    Alone(
        "drivers/test_interrupts.py",
        "the SDK's dead plain handlers are in test_inngest.py",
        ("test_a_dead_plain_handler_does_nothing_that_counts_while_its_stack_is_unwound",),
    ),
    Alone(
        "drivers/test_logger.py",
        "the SDK's clients have loggers: test_inngest_middleware.py",
        ("test_lines_reach_the_logger_of_the_app",),
    ),
    Alone(
        "drivers/test_parallel.py",
        _ASYNCIO,
        (
            "test_asyncio_runs_steps_in_parallel",
            "test_one_new_step_alone_runs_at_once_however_it_is_awaited",
            "test_a_repeated_id_in_parallel_is_numbered_in_the_order_of_the_calls",
            "test_memos_are_handed_out_in_the_order_in_which_their_steps_were_done",
            "test_a_race_is_won_by_the_step_that_was_done_first",
            "test_a_race_waits_for_the_slowest_unless_it_is_a_group_race",
            "test_a_race_of_an_event_and_a_sleep_ends_with_the_later_one",
            "test_settled_branches_are_seen_with_their_errors",
            "test_an_error_that_is_caught_leaves_the_other_branch_to_go_on",
            "test_a_task_group_ends_its_other_tasks_when_one_step_has_failed",
            "test_a_task_group_may_hold_steps_of_its_own_between_its_tasks",
            "test_an_interrupt_that_a_task_group_wraps_is_still_one",
            "test_a_task_group_inside_a_group_is_planned_with_it",
            "test_an_error_that_a_task_group_wraps_is_the_functions_and_retried",
            "test_a_semaphore_around_steps_lets_so_many_begin",
            "test_tasks_may_wait_for_each_other_across_steps",
            "test_a_group_next_to_a_task_is_reported_together_with_it",
            "test_tasks_inside_a_group_are_planned_with_it",
            "test_a_step_that_another_task_finds_instead_of_the_one_to_run_is_unexpected",
        ),
    ),
    Alone(
        "drivers/test_parallel.py",
        _LEAVES,
        (
            "test_a_step_started_and_never_awaited_is_done_before_the_run_ends",
            "test_a_handler_that_returns_before_its_steps_reports_what_is_open",
            "test_a_step_started_first_and_awaited_last_runs_with_the_others",
            "test_a_step_whose_task_is_cancelled_is_as_if_it_was_never_asked_for",
            "test_a_task_that_is_cancelled_before_it_begins_was_not_forgotten",
        ),
    ),
    Alone(
        "drivers/test_parallel.py",
        _RACE,
        (
            "test_a_group_race_goes_on_with_the_first_and_ends_with_the_last",
            "test_the_second_step_after_a_group_race_waits_for_the_loser",
            "test_a_group_race_of_sleeps_is_entered_after_each",
            "test_a_loser_that_fails_later_does_not_matter_to_the_race",
            "test_a_race_is_lost_by_all_when_the_first_to_be_done_has_failed",
            "test_a_race_that_something_without_steps_wins_complains_of_nothing",
        ),
    ),
    Alone(
        "drivers/test_parallel.py",
        "the SDK of Python cannot ask for the older parallelism",
        (
            "test_without_optimized_parallelism_each_chain_goes_its_own_way",
            "test_without_optimized_parallelism_the_handler_is_entered_after_each_step",
        ),
    ),
    Alone(
        "drivers/test_send_event.py",
        "what an app's send gives; the SDK has one send to await and one to call",
        ("test_what_a_send_outside_of_a_step_gives_may_be_awaited",),
    ),
    Alone(
        "drivers/test_sequential.py",
        "the SDK's steps are coroutines, and Python warns of one that an interrupt leaves behind",
        ("test_a_step_kept_for_later_runs_when_it_is_awaited",),
    ),
    Alone(
        "drivers/test_sleep_and_wait.py",
        "played by both, with the names of their own errors (docs/fidelity.md)",
        ("test_a_wait_that_is_given_what_is_no_event_fails_the_handler",),
    ),
    Alone(
        "faults/test_acknowledgement.py",
        _MADE,
        ("test_it_reads_as_a_sentence",),
    ),
    Alone(
        "faults/test_events.py",
        _MADE,
        ("test_a_fault_of_an_event_reads_as_a_sentence", "test_a_fault_that_cannot_be_is_refused"),
    ),
    Alone(
        "faults/test_faults.py",
        _MADE,
        ("test_a_plan_reads_as_a_sentence", "test_a_bad_fault_is_refused_where_it_is_made"),
    ),
    Alone(
        "faults/test_mishaps.py",
        _MADE,
        ("test_a_fault_reads_as_a_sentence", "test_a_bad_fault_is_refused"),
    ),
    Alone(
        "faults/test_mishaps.py",
        "digests of one driver are compared",
        ("test_the_same_faults_give_the_same_trace",),
    ),
    Alone(
        "faults/test_timed.py",
        "how a version is found, before anything of it is played",
        ("test_a_version_may_be_given_by_where_it_is",),
    ),
    Alone(
        "faults/test_timed.py",
        "the clock of the test and the plan, whoever is served",
        (
            "test_the_real_clock_is_back_afterwards",
            "test_a_fault_can_be_put_in_force_while_time_goes_on",
            "test_a_fault_by_chance_may_not_strike",
            "test_nobody_waits_for_a_fault",
        ),
    ),
    Alone(
        "faults/test_timed.py",
        _MADE,
        ("test_they_read_as_sentences", "test_what_cannot_be_is_refused"),
    ),
    Alone(
        "test_cancellation.py",
        _MADE,
        ("test_a_cancellation_that_cannot_be_registered_is_refused",),
    ),
    Alone(
        "test_filters.py",
        _MADE,
        ("test_a_trigger_that_cannot_be_read_is_refused_when_the_function_is_made",),
    ),
    Alone("test_flow_stories.py", _MADE, ("test_a_cancellation_has_one_condition",)),
    Alone(
        "test_flow_stories.py",
        "the SDK of Python has no checkpointing (A47)",
        (
            "test_a_checkpoint_that_is_too_big_is_refused_and_its_step_retried",
            "test_what_is_reported_with_the_result_must_have_room_as_well",
        ),
    ),
    Alone(
        "test_given.py",
        _OURS,
        (
            "test_no_memory_address_is_shown",
            "test_a_set_is_shown_in_an_order_that_no_hash_decides",
            "test_long_values_are_cut_and_broken_ones_named_by_their_class",
            "test_a_wrong_object_in_an_error_does_not_change_the_digest",
            "test_a_bad_retry_after_is_refused_where_it_is_written",
            "test_a_subclass_that_keeps_nonsense_there_fails_its_run",
        ),
    ),
    Alone(
        "test_interleaving.py",
        "turns within an instant are each driver's own (A109)",
        (
            "test_a_lost_update_shows_up_under_some_seed_and_always_under_that_seed",
            "test_steps_that_sleep_take_turns_in_virtual_time",
            "test_a_function_says_which_goes_next",
            "test_a_callback_cancelled_at_the_last_moment_does_not_hang_its_request",
        ),
    ),
    Alone("test_interleaving.py", _MADE, ("test_an_unknown_way_to_interleave_is_refused",)),
    Alone("test_mistakes.py", _LISTED, ("test_parallel_steps_whose_order_differs_are_found",)),
    Alone(
        "test_mistakes.py",
        "lines, which are compared with what is written in the test; those with kinds ask both",
        (
            "test_tasks_that_take_turns_by_chance_may_ask_in_any_order",
            "test_a_sleep_of_asyncio_outside_of_steps_is_found",
            "test_what_a_task_of_its_own_does_is_told_by_the_line_that_awaits_it",
            "test_a_simulation_of_the_handlers_own_is_none_of_its_effects",
            "test_what_is_done_in_steps_is_no_mistake",
            "test_bodies_that_the_sdk_runs_at_once_are_told_from_their_handler",
            "test_an_input_that_differs_is_found_while_watching",
            "test_a_log_line_outside_of_steps_is_found_while_watching",
            "test_a_list_that_a_step_adds_to_is_found_while_watching",
            "test_no_two_entries_see_the_same_chance_and_time_while_watching",
            "test_a_timeline_shows_a_mistake_with_its_line",
        ),
    ),
    Alone(
        "test_mistakes.py",
        "signals, checkpoints, sends and deploys, which each driver has of its own",
        (
            "test_steps_that_ran_in_one_request_are_compared_with_those_of_the_next",
            "test_other_code_that_is_deployed_in_mid_run_may_do_otherwise",
            "test_a_send_outside_of_steps_is_found",
            "test_a_send_of_the_sdks_client_outside_of_steps_is_found",
            "test_a_signal_outside_of_steps_is_found",
        ),
    ),
    Alone(
        "test_mistakes.py",
        "how what was found is kept and told, whichever driver has found it",
        (
            "test_no_generated_program_has_a_mistake",
            "test_a_function_with_many_runs_is_one_warning",
            "test_the_clock_never_goes_back_while_watching",
            "test_entries_at_one_instant_differ_however_time_is_moved_while_watching",
            "test_no_generated_program_has_a_mistake_while_watching",
            "test_watch_is_a_bool",
            "test_what_is_known_of_a_run_is_forgotten_with_its_end",
        ),
    ),
    Alone(
        "test_reruns.py",
        _MADE,
        (
            "test_a_status_that_no_run_ends_with_is_refused",
            "test_an_expression_that_cannot_be_compiled_is_refused",
        ),
    ),
    Alone(
        "test_sends.py",
        "the gateway answers to the test; no function is started",
        (
            "test_what_the_server_refuses_is_refused_in_its_words",
            "test_a_send_of_nothing_is_no_error",
            "test_the_first_and_the_last_time_an_event_may_have_are_taken",
            "test_other_wrong_types_are_refused_likewise",
            "test_the_limit_is_in_bytes_of_the_whole_event",
            "test_an_event_that_is_too_large_is_told_so_whatever_else_is_wrong_with_it",
            "test_more_than_five_thousand_events_at_once_are_refused_after_the_last_that_fits",
        ),
    ),
    Alone(
        "test_sends.py",
        "our own class of error; that of the SDK is in test_inngest_sends.py",
        ("test_an_app_sends_within_the_same_limits",),
    ),
    Alone("test_stubs.py", _MADE, ("test_a_stub_that_makes_no_sense_is_refused",)),
    Alone(
        "test_triggers.py",
        _MADE,
        (
            "test_what_cannot_be_registered_is_refused_in_the_servers_words",
            "test_a_trigger_names_its_event",
        ),
    ),
    Alone(
        "test_unused.py",
        "how what never came about is told, whichever driver plays",
        (
            "test_without_faults_none_is_unstruck",
            "test_a_list_of_many_steps_is_cut_off",
            "test_trigger_warns_of_a_stub_that_no_step_has_used",
            "test_a_step_that_must_be_stubbed_and_is_misspelt_is_told_of",
        ),
    ),
    Alone("test_views.py", _MADE, ("test_a_send_before_serve_says_so",)),
    Alone(
        "test_views.py",
        "the SDK of Python has no signals (A47)",
        ("test_a_signal_is_answered_with_a_bounded_trace_too",),
    ),
    Alone(
        "test_views.py",
        "a thousand steps take long; test_worked_traces.py has both drivers take 120",
        ("test_a_run_has_so_many_steps_at_most",),
    ),
    Alone("test_warnings.py", _LISTED, ("test_mistakes_of_user_code_are_warnings",)),
    Alone(
        "test_warnings.py",
        "events that nobody takes: no function is played",
        (
            "test_warnings_come_in_the_order_of_their_first_time_and_each_once",
            "test_warnings_go_as_far_back_as_the_trace",
        ),
    ),
    Alone(
        "test_what_records_tell.py",
        "who was served is told of each driver in its own words",
        ("test_a_function_is_served_with_its_settings",),
    ),
    Alone(
        "test_what_records_tell.py",
        _MADE,
        ("test_a_long_field_is_shown_shortened_and_hashed_whole",),
    ),
    Alone(
        "test_worked_traces.py",
        "the SDK of Python has no checkpointing (A47)",
        ("test_t13_three_steps_are_checkpointed_before_a_sleep",),
    ),
)
