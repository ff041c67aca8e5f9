"""Notes to operators in words."""

from bot.belief.model import ENTER, EXISTS
from bot.common.i18n import Translator
from bot.handlers.stations.facilities import facility
from bot.services.cards.lockout import Subject
from bot.services.operators.notes import Note, NoteKind
from bot.services.stations.reports import StationProblem


def note_text(note: Note, t: Translator) -> str:
    """What the note says, and what to do."""
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


def _fact(fact: str, t: Translator) -> str:
    """What does not hold, in words."""

    if fact == EXISTS:
        return t("the station is no longer there")
    if fact == ENTER:
        return t("closed at a time when the list says open")
    return f"{t('a facility does not work')}: {facility(t, fact)}"


def _refused_push(reason: str, t: Translator) -> str:
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


def _problem(problem: StationProblem, t: Translator) -> str:

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


def _locked(subject: Subject, channel: str, t: Translator) -> str:

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
