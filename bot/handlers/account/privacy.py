"""你存了我什么, 删除我的数据: shows a courier what is stored of them, and erases it on request."""

import json
from collections.abc import Mapping, Sequence

from bot.common.clock import CHINA
from bot.common.i18n import Translator
from bot.conversation.context import Context
from bot.conversation.events import ChatLeft
from bot.conversation.replies import Button, Buttons, Document, Link, Part, Reply, Say
from bot.handlers.cards import wording
from bot.handlers.cards.wording import pre_application_status
from bot.handlers.feature import Feature
from bot.intents import Intent
from bot.services.cards.applications import Cards
from bot.services.cards.pre_applications import PreApplications
from bot.services.privacy import erasure
from bot.services.privacy.erasure import BeforeErasure, ErasureReason, Privacy

FIRST = ("favourite", "left_out_station", "visit", "observation", "demand")
THEN = (
    "appointment",
    "profile",
    "registration",
    "team",
    "lesson_progress",
    "certificate",
    "nomination",
    "nomination_photo",
    "honour_vote",
    "person_conversation",
    "person_message",
    "consent",
    "outbox",
    "operator_chat",
)
COUNTED = frozenset({"chat", "card_binding", "card_request", *FIRST, *THEN})
"""The tables that the summary words; what any other holds is counted together."""


class PrivacyHandlers:
    """A courier's rights over their data."""

    def __init__(
        self,
        data: Privacy,
        cards: Cards,
        requests: PreApplications,
        before_erasure: Sequence[BeforeErasure] = (),
    ) -> None:
        self._data = data
        self._cards = cards
        self._requests = requests
        self._before_erasure = before_erasure

    def feature(self) -> Feature:
        """What buttons and words about one's own data do."""

        def words(t: Translator) -> tuple[tuple[str, str], ...]:
            return (
                (t.p("spoken words", "my data, privacy, /privacy, /export"), "privacy"),
                (t.p("spoken words", "delete my data, erase me, /delete"), "erase.ask"),
                (t.p("spoken words", "start anew"), "start"),
            )

        return Feature(
            actions={"privacy": self.show, "erase.ask": self.ask_erasure, "erase.do": self.erase},
            words=words,
            intent_handlers={Intent.MY_DATA: self.show, Intent.DELETE_DATA: self.ask_erasure},
            intent_buttons={
                Intent.MY_DATA: lambda t: Button(t("My data"), "privacy"),
                Intent.DELETE_DATA: lambda t: Button(t("Delete my data"), "erase.ask"),
            },
        )

    async def show(self, ctx: Context) -> Reply:
        """A readable summary of all that is stored, and every row of it as a file."""
        t = ctx.t
        stored = await self._data.summary(ctx.db, ctx.courier.id, ctx.now)
        mine = await self._cards.mine(ctx.db, ctx.courier.id)
        requests = await self._requests.mine(ctx.db, ctx.courier.id)
        rows = stored.rows
        since = stored.since.astimezone(CHINA)
        lines = [
            t("This is what I keep of you:"),
            t(
                "· since {year}-{month}-{day}: the language you chose or last used, chats: {n}",
                year=since.year,
                month=since.month,
                day=since.day,
                n=rows.get("chat", 0),
            ),
            *_counted(t, FIRST, rows),
            *(
                t(
                    "· card {number} of {name}: {status}",
                    number=one.number,
                    name=one.name or "*",
                    status=wording.status(t, one.status, one.label),
                )
                for one in mine
            ),
            *(
                t(
                    "· pre-application {number} of {name}, {phone}: {status}",
                    number=one.number,
                    name=one.name,
                    phone=one.phone,
                    status=pre_application_status(t, one.status),
                )
                for one in requests
            ),
            *_counted(t, THEN, rows),
        ]
        if stored.answers:
            lines.append(
                t(
                    "· what I told you in the last 7 days: {n} (so that nothing is done twice; "
                    "deleted after that)",
                    n=stored.answers,
                )
            )
        if other := sum(count for table, count in rows.items() if table not in COUNTED):
            lines.append(t("· other entries: {n}", n=other))
        lines.append(
            t(
                "Names and numbers are encrypted and shown masked. The bank keeps its own records: "
                "ask the outlet about those."
            )
        )
        parts: list[Part] = [Say("\n".join(lines))]
        exported = await self._data.export(ctx.db, ctx.courier.id)
        content = json.dumps(exported, ensure_ascii=False, indent=1, default=str).encode()
        name = t("my-data-{day}.json", day=f"{ctx.now.astimezone(CHINA):%Y%m%d}")
        parts.append(Document(name, "application/json", content, Link(name, "")))
        row = [Button(t("Delete my data"), "erase.ask")]
        if mine:
            row.append(Button(t("Unbind"), "card.bound"))
        return Reply((*parts, Buttons((tuple(row),), t("What would you like to do?"))))

    async def ask_erasure(self, ctx: Context) -> Reply:
        """Asks for a confirmation, and says what will be erased."""
        t = ctx.t
        message = t(
            "I delete everything I keep of you, at once and for good: kept stations, searches, "
            "bound cards, pre-applications, appointments, registrations, waiting notices and this "
            "chat's memory. The bank's own records are not touched."
        )
        named = t(
            "A phone that a team's leader typed, and that you have not confirmed as yours, a "
            "person deletes for you: say “human”."
        )
        rows = (
            (Button(t("Yes, delete everything"), "erase.do"),),
            (Button(t("Only unbind my card"), "card.bound"), Button(t("Cancel"), "cancel")),
        )
        return Reply((Say(f"{message}\n{named}"), Buttons(rows, "")))

    async def erase(self, ctx: Context) -> Reply:
        """Erases, in the turn that confirms it."""
        await erasure.erase(
            ctx.db, ctx.courier.id, ctx.now, ErasureReason.REQUESTED, self._before_erasure
        )
        message = ctx.t(
            "Deleted: I know nothing of you any more. Backups lose it within 30 days. Write to me "
            "again whenever you like."
        )
        start = Buttons(((Button(ctx.t("Start anew"), "start"),),), "")
        return Reply((Say(message), start), erased=True)

    async def chat_left(self, ctx: Context) -> Reply:
        """Erases the chat where leaving the channel means that; there is nobody to answer."""
        content = ctx.event.content
        if isinstance(content, ChatLeft) and content.erase:
            courier = ctx.courier
            await erasure.erase_chat(
                ctx.db, courier.id, courier.chat_id, ctx.now, self._before_erasure
            )
        return Reply(())


def _counted(t: Translator, tables: Sequence[str], rows: Mapping[str, int]) -> list[str]:
    """What these tables hold, in plain words; empty tables are left out."""
    return [_line(t, table, rows[table]) for table in tables if rows.get(table)]


def _line(t: Translator, table: str, n: int) -> str:
    lines = {
        "favourite": t("· stations kept: {n}", n=n),
        "left_out_station": t("· stations you reported, left out for the day: {n}", n=n),
        "visit": t("· stations you chose, for two days: {n}", n=n),
        "observation": t(
            "· what you found at stations: {n} (only the hour; without you after 30 days)", n=n
        ),
        "demand": t("· looked for stations: {n} (only roughly where, in squares of 5 km)", n=n),
        "appointment": t(
            "· appointments with outlets, with your name and phone: {n} (encrypted)", n=n
        ),
        "profile": t("· your name and phone for trainings (encrypted)"),
        "registration": t("· training registrations: {n}", n=n),
        "team": t("· teams you brought: {n}", n=n),
        "lesson_progress": t("· lessons you began, and how far you came: {n}", n=n),
        "certificate": t("· certificates: {n}", n=n),
        "nomination": t(
            "· nominations for the honour, of you or given in by you: {n} (name, firm and story "
            "encrypted)",
            n=n,
        ),
        "nomination_photo": t("· your photo for the honour: {n} (encrypted)", n=n),
        "honour_vote": t("· your vote for the honour: {n}", n=n),
        "person_conversation": t("· conversations with a person: {n}", n=n),
        "person_message": t(
            "· what you and a colleague wrote there: {n} (encrypted; deleted after 30 days)", n=n
        ),
        "consent": t("· times you pressed “I agree” or “No”: {n}", n=n),
        "outbox": t("· notices for you: {n}", n=n),
        "operator_chat": t("· accounts of operators who try out messages in your chat: {n}", n=n),
    }
    return lines[table]
