"""The modules that `make mutants` changes, and the tests that must notice."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Module:
    """Source files and the tests that must notice a change of them, the fastest first."""

    sources: tuple[str, ...]
    tests: tuple[str, ...]


def _named(folder: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{folder}/{name}" for name in names)


_SEATS = (
    *_named("tests/services/trainings", "test_registration_limits.py", "test_holds.py",
            "test_linked_registrations.py",
            "test_teams.py", "test_invitations.py", "test_own_seats_in_teams.py",
            "test_maintenance.py", "test_checkin.py",
            "test_stamps.py"),
    *_named("tests/stories", "test_waitlist.py", "test_trainings.py", "test_training_teams.py",
            "test_training_attendance.py"),
    "tests/services/trainings/test_never_oversold.py",
)  # fmt: skip

MODULES = {
    "router": Module(
        ("bot/conversation/router.py",),
        ("tests/conversation/test_router.py",),
    ),
    "dispatcher": Module(
        ("bot/conversation/dispatcher.py",),
        _named(
            "tests/conversation",
            "test_dispatcher.py",
            "test_dispatcher_outcomes.py",
            "test_dispatcher_failures.py",
            "test_dispatcher_reports.py",
        ),
    ),
    "degrade": Module(
        ("bot/conversation/degrade.py",),
        _named(
            "tests/conversation",
            "test_degrade_examples.py",
            "test_degrade_cuts.py",
            "test_degrade.py",
        ),
    ),
    "hours": Module(
        _named(
            "bot/hours",
            "opening.py",
            "weekly.py",
            "compiled.py",
            "calendar.py",
            "parser.py",
            "grammar.py",
            "scopes.py",
            "binding.py",
            "statements.py",
            "clock_times.py",
            "dates.py",
        ),
        _named(
            "tests/hours",
            "test_parser_limits.py",
            "test_compiled_limits.py",
            "test_weekly_limits.py",
            "test_opening_limits.py",
            "test_parser.py",
            "test_calendar.py",
            "test_opening.py",
            "test_weekly.py",
            "test_grammar.py",
            "test_seasons.py",
            "test_real_texts.py",
            "test_against_opening_hours_library.py",
        ),
    ),
    "belief": Module(
        _named("bot/belief", "model.py", "reporters.py", "ordering.py"),
        _named(
            "tests/belief",
            "test_model.py",
            "test_reporters.py",
            "test_ordering.py",
            "test_documented_figures.py",
            "test_attackers.py",
        ),
    ),
    "nearest": Module(
        ("bot/geo/spatial_index.py", "bot/geo/place_tree.py"),
        _named(
            "tests/geo",
            "test_exact_radius.py",
            "test_spatial_index.py",
            "test_spatial_index_distances.py",
            "test_worst_cases.py",
        ),
    ),
    "seating": Module(("bot/services/trainings/seating.py",), _SEATS),
    "registrations": Module(("bot/services/trainings/registrations.py",), _SEATS),
    "lockout": Module(
        ("bot/services/lockout/counters.py", "bot/services/cards/lockout.py"),
        (
            *_named("tests/services/lockout", "test_exact_instants.py", "test_counters.py"),
            *_named("tests/services/cards", "test_lockout_limits.py", "test_lockout.py"),
        ),
    ),
    "leases": Module(
        ("bot/outbox/repository.py",),
        _named("tests/outbox", "test_claims.py", "test_leases.py", "test_worker.py"),
    ),
    "delivery decision": Module(
        ("bot/outbox/policy.py",), ("tests/outbox/test_decision_table.py",)
    ),
    "wechat webhook": Module(
        _named("bot/channels/wechat", "webhook.py", "inflight.py"),
        (
            *_named(
                "tests/channels/wechat",
                "test_inflight.py",
                "test_webhook.py",
                "test_webhook_turns.py",
            ),
            *_named("tests/stories", "test_wechat_retries.py", "test_wechat.py"),
        ),
    ),
    "quiet hours": Module(
        ("bot/services/notifications/quiet_hours.py",),
        (
            "tests/services/notifications/test_quiet_limits.py",
            "tests/services/notifications/test_own_quiet_hours.py",
            "tests/outbox/test_quiet_hours.py",
        ),
    ),
}
