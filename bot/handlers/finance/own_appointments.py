"""A courier's own appointments: shown, cancelled in one tap, told of when their state changes."""

from bot.common.i18n import Translator
from bot.conversation.context import Context, Handler, StaleButtonError
from bot.conversation.notifications import NoticeContext
from bot.conversation.replies import Button, Buttons, Reply, Say
from bot.handlers.feature import Feature
from bot.handlers.finance import appointment_questions as questions
from bot.handlers.finance import wording
from bot.handlers.form_steps import typed
from bot.intents.subjects.money import asks_for_own_appointments
from bot.services.appointments.requests import Appointments
from bot.services.appointments.statuses import AppointmentStatus
from bot.services.notifications.kinds import NoticeKind


class OwnAppointmentHandlers:
    """`begin` asks for a new one."""

    def __init__(self, appointments: Appointments, begin: Handler) -> None:
        self._appointments = appointments
        self._begin = begin

    def feature(self) -> Feature:
        """Its buttons, words and notices."""

        def words(t: Translator) -> tuple[tuple[str, str], ...]:
            return ((t.p("spoken words", "my appointments"), "appt.mine"),)

        return Feature(
            actions={"appt.mine": self.mine, "appt.cancel": self.cancel},
            words=words,
            renderers={NoticeKind.APPOINTMENT_CHANGED: self.changed},
        )

    async def spoken_of(self, ctx: Context) -> Reply:
        """A free text about appointments: one's own where it asks for them, else the form."""
        if asks_for_own_appointments(typed(ctx)):
            return await self.mine(ctx)
        if not ctx.args and await self._appointments.mine(ctx.db, ctx.courier.id):
            return await self.mine(ctx)
        return await self._begin(ctx)

    async def mine(self, ctx: Context) -> Reply:
        """The courier's own appointments."""
        return questions.own(ctx, await self._appointments.mine(ctx.db, ctx.courier.id))

    async def cancel(self, ctx: Context) -> Reply:
        """Deletes one, at once."""
        if not await self._appointments.cancel(ctx.db, ctx.courier.id, ctx.number(0)):
            raise StaleButtonError
        return questions.cancelled(ctx)

    async def changed(self, notice: NoticeContext) -> Reply | None:
        """The state was changed; nothing where it changed again since, or it was cancelled."""
        number, status = notice.params.get("appointment"), notice.params.get("status")
        if not isinstance(number, int):
            return None
        one = await self._appointments.one(notice.db, notice.courier_id, number)
        if one is None or one.status != status:
            return None
        t = notice.t
        text = wording.changed(t, one.number, one.topic, one.status)
        last = Button(t("My appointments"), "appt.mine")
        match one.status:
            case AppointmentStatus.UNREACHED:
                row = (Button(t("Ask for another"), f"appt.begin:{one.topic}"), last)
            case AppointmentStatus.DONE:
                row = (Button(t("Money matters"), "money"), last)
            case AppointmentStatus.NEW | AppointmentStatus.CONTACTED:
                row = (
                    Button(t("Cancel {number}", number=one.number), f"appt.cancel:{one.id}"),
                    last,
                )
        return Reply((Say(text), Buttons((row,), "")))
