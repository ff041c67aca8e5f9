"""`yizhan notes`: what waits for an operator's eye, shown and marked as dealt with.

Exit codes: 0 done, 1 where a note to mark is not there.
"""

import argparse
from typing import TYPE_CHECKING, Any

from bot.commands.cards.card_lists import actor
from bot.common.clock import CHINA, Clock, system_clock

if TYPE_CHECKING:
    from bot.common.i18n import Translator
    from bot.config.settings import Settings
    from bot.services.cards.lockout import Subject
    from bot.services.operators.notes import Note
    from bot.services.stations.reports import StationProblem
    from bot.store.encryption import Keyring
    from bot.store.engine import Store


def add_parser(commands: "argparse._SubParsersAction[Any]", t: "Translator") -> None:
    """Adds `notes`; imports nothing that is slow to load."""
    parser = commands.add_parser("notes", help=t("what needs an operator's eye"))
    parser.set_defaults(run=run)
    parser.add_argument("done", nargs="*", type=int, metavar="ID", help=t("mark these as done"))
    parser.add_argument(
        "--in-order",
        action="store_true",
        help=t("what couriers reported is in order again: they are told"),
    )


async def run(args: argparse.Namespace, settings: "Settings", t: "Translator") -> int:
    """The command on the database of the settings; its exit code. Raises `SettingsError`."""
    from bot.config.database import with_keys

    async with with_keys(settings) as (store, keys):
        return await run_in(args, store, keys, t)


async def run_in(
    args: argparse.Namespace,
    store: "Store",
    keys: "Keyring",
    t: "Translator",
    *,
    clock: Clock = system_clock,
) -> int:
    """What waits for an operator, or marks it as dealt with."""
    from bot.services.operators import notes

    now = clock()
    async with store.writing() as db:
        if args.done:
            if args.in_order:
                from bot.services.stations.feedback.operator_checks import confirm_in_order
                from bot.services.stations.observations import Observer

                await confirm_in_order(db, Observer(keys), args.done, now)
            closed = await notes.close(db, args.done, now)
            print(t("{n} notes done", n=closed))
            return 0 if closed == len(set(args.done)) else 1
        found = await notes.waiting(db, keys, actor(), now)
    for one in found:
        print(f"{one.id}  {one.at.astimezone(CHINA):%Y-%m-%d %H:%M}  {_note(one, t)}")
    print(t("{n} notes; mark one as done with: yizhan notes ID", n=len(found)))
    return 0


def _note(note: "Note", t: "Translator") -> str:
    from bot.services.cards.lockout import Subject
    from bot.services.operators.notes import NoteKind
    from bot.services.stations.reports import StationProblem

    match note.kind:
        case NoteKind.CARD_LABEL:
            return t(
                "The bank uses a status that is not known: “{label}”. Couriers see it as it is. "
                "Say what it stands for: yizhan cards labels set",
                label=note.detail,
            )
        case NoteKind.BANK_PUSH:
            return t(
                "Pushes of the bank were refused again and again: {reason} Nothing of them was "
                "taken; see docs/cards.md.",
                reason=_refused_push(str(note.params["reason"]), t),
            )
        case NoteKind.PRE_APPLICATION:
            return t("A pre-application waits. See: yizhan cards requests")
        case NoteKind.APPOINTMENT:
            return t("Somebody asks an outlet for a call or a visit. See: yizhan appointments list")
        case NoteKind.CARD_LOCKED:
            return _locked(Subject(str(note.params["scope"])), str(note.params.get("channel")), t)
        case NoteKind.STATION_PROBLEM:
            problem = StationProblem(str(note.params["problem"]))
            return t(
                "{code} {name}: a courier reports: {problem} (“{words}”). Please check the "
                "station and correct the list.",
                code=note.params["code"],
                name=note.params["name"],
                problem=_problem(problem, t),
                words=note.detail,
            )
        case NoteKind.STATION_CHECK:
            return t(
                "{code} {name}: to be checked. Several couriers found the same wrong within two "
                "hours: {problem}. Others are sent elsewhere meanwhile, for three hours at least; "
                "whether it is closed is yours to decide.",
                code=note.params["code"],
                name=note.params["name"],
                problem=_fact(str(note.params["fact"]), t),
            )


def _fact(fact: str, t: "Translator") -> str:
    """What does not hold, in words."""
    from bot.belief.model import ENTER, EXISTS
    from bot.handlers.stations.facilities import facility

    if fact == EXISTS:
        return t("the station is no longer there")
    if fact == ENTER:
        return t("closed at a time when the list says open")
    return f"{t('a facility does not work')}: {facility(t, fact)}"


def _refused_push(reason: str, t: "Translator") -> str:
    match reason:
        case "unsigned" | "forged":
            return t("the signature is missing or wrong. Do both sides have the same secret?")
        case "stale":
            return t("they are signed for another time. Are both clocks right?")
        case "replayed":
            return t("a signature was used twice. Ask the bank to sign each one anew.")
        case "no_key" | "key_reused":
            return t("the idempotency key is missing, or was used for another batch.")
        case "too_large":
            return t("the batches are too large. Ask the bank to split them.")
        case _:
            return t("the bodies are not as agreed. Ask the bank what changed.")


def _problem(problem: "StationProblem", t: "Translator") -> str:
    from bot.services.stations.reports import StationProblem

    match problem:
        case StationProblem.CLOSED:
            return t("closed at a time when the list says open")
        case StationProblem.BROKEN:
            return t("a facility does not work")
        case StationProblem.REFUSED:
            return t("not let in")
        case StationProblem.MISPLACED:
            return t("not at the address given")
        case StationProblem.GONE:
            return t("the station is no longer there")
        case StationProblem.OTHER:
            return t("something is wrong")


def _locked(subject: "Subject", channel: str, t: "Translator") -> str:
    from bot.services.cards.lockout import Subject

    match subject:
        case Subject.EVERYBODY:
            return t("Very many wrong tries of new chats: all new chats are locked for an hour.")
        case Subject.CHANNEL:
            return t(
                "Very many wrong tries of new chats on one channel ({channel}): new chats there "
                "are locked for an hour.",
                channel=channel,
            )
        case Subject.NETWORK:
            return t(
                "Thirty wrong tries from one network: new chats from there are locked for an hour."
            )
        case Subject.NUMBER:
            return t(
                "Five wrong tries for one application: locked for a day. Its owner gets in by: "
                "yizhan cards release NUMBER"
            )
        case Subject.CHAT:
            return t("Five wrong tries in one chat: locked for a day.")
