"""提醒设置: which notifications may be pushed and when; one word per topic switches it.

```mermaid
stateDiagram-v2
    [*] --> show: 提醒设置
    [*] --> switched: 停培训, 全停, 停培训 开办卡提醒
    show --> switched: a topic's button
    switched --> show: 提醒设置
    show --> quiet: 免打扰时间
    quiet --> show: a button, or hours in words
    quiet --> show: 返回
```
"""

from datetime import timedelta

from bot.common.i18n import Translator
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.notifications import NoticeContext
from bot.conversation.replies import Button, Buttons, Reply, Say, Then
from bot.handlers.account import quiet_hours_wording
from bot.handlers.account.quiet_hours import QuietHoursHandlers
from bot.handlers.feature import Feature, join
from bot.handlers.form_steps import typed
from bot.intents import Intent
from bot.intents.normalise import normalise
from bot.intents.quiet_wishes import quiet_wish
from bot.intents.reminders import EVERYTHING, may_mean_off, switches
from bot.services.notifications import queue, quiet_hours
from bot.services.notifications.kinds import NoticeKind
from bot.services.notifications.queue import OPT_IN, Notice, Topic
from bot.services.notifications.quiet_hours import OwnQuiet
from bot.services.notifications.statuses import Priority

TOPICS = (Topic.TRAINING, Topic.CARD, Topic.STATION)
KNOWN = (*TOPICS, *sorted(OPT_IN))
"""With those that are off until somebody asks for them: they are shown while they are on."""
SAMPLE_LASTS = timedelta(hours=12)


class NotificationSettingsHandlers:
    """Switches for pushed messages, and quiet hours."""

    def __init__(self) -> None:
        self._quiet = QuietHoursHandlers(self._overview)

    def feature(self) -> Feature:
        """Its buttons, words, notices and the intents about reminders."""

        def offer(t: Translator) -> Button:
            return Button(t("Reminders"), "remind")

        own = Feature(
            actions={
                "remind": self.show,
                "remind.set": self.set_topic,
                "remind.try": self.try_one,
            },
            words=_words,
            intent_handlers={
                Intent.REMINDERS_OFF: self.off,
                Intent.REMINDERS_SETTINGS: self.settings,
            },
            intent_buttons={Intent.REMINDERS_OFF: offer, Intent.REMINDERS_SETTINGS: offer},
            renderers={NoticeKind.REMINDER_SAMPLE: _sample},
            references=(self.ask_what_stopped,),
        )
        return join([own, self._quiet.feature()])

    async def show(self, ctx: Context) -> Reply:
        """What is on, what is off, and when it is quiet."""
        return await self._overview(ctx, ctx.t("Reminders:"))

    async def off(self, ctx: Context) -> Reply:
        """One word per topic, several at once; without a topic the question which."""
        wanted = _switches(ctx)
        if wanted:
            return await self._switch(ctx, wanted)
        return await self._overview(ctx, ctx.t("Which messages should stop?"))

    async def ask_what_stopped(self, ctx: Context) -> Reply | None:
        """都关了, 停课了: asked back, as it may speak of stations or of a lesson instead."""
        words = normalise(typed(ctx))
        topic = may_mean_off(words)
        if topic is None or switches(words):
            return None
        t = ctx.t
        if topic == EVERYTHING:
            other = Button(t("Another station"), "near.more")
            text = t("Do you mean that the stations are closed, or that my messages should stop?")
            stop = Button(t("Stop all"), f"remind.set:{EVERYTHING}:0")
        else:
            other = Button(t("Show the trainings"), "training.list")
            text = t("Do you mean that a lesson was called off, or that my messages should stop?")
            stop = Button(
                t("Stop {topic}", topic=_name(t, Topic.TRAINING)), f"remind.set:{topic}:0"
            )
        return Reply((Buttons(((other,), (stop,)), text),), Then("", dict(ctx.data)))

    async def settings(self, ctx: Context) -> Reply:
        """Switches and quiet hours in words, else the overview."""
        if wanted := _switches(ctx):
            return await self._switch(ctx, wanted)
        if (wish := quiet_wish(normalise(typed(ctx)))) is not None:
            return await self._quiet.fulfil(ctx, wish)
        return await self.show(ctx)

    async def set_topic(self, ctx: Context) -> Reply:
        """The button of one topic, or of all."""
        if len(ctx.args) != 2 or ctx.args[0] not in {*KNOWN, EVERYTHING}:
            raise StaleButtonError
        return await self._switch(ctx, {ctx.args[0]: ctx.args[1] == "1"})

    async def try_one(self, ctx: Context) -> Reply:
        """Sends a sample through the outbox, as every reminder."""
        sample = Notice(
            kind=NoticeKind.REMINDER_SAMPLE,
            courier_id=ctx.courier.id,
            params={},
            topic=Topic.SERVICE,
            dedupe_key=f"sample:{ctx.courier.id}:{ctx.now.timestamp():.0f}",
            due_at=ctx.now,
            not_after=ctx.now + SAMPLE_LASTS,
            priority=Priority.INTERACTIVE,
        )
        await queue.enqueue(ctx.db, sample, ctx.now)
        message = ctx.t(
            "One is on its way. If nothing comes within a minute, I cannot write to you here "
            "first; whatever I have for you then comes with my next answer."
        )
        return Reply((Buttons(((Button(ctx.t("Reminders"), "remind"),),), message),))

    async def _switch(self, ctx: Context, wanted: dict[str, bool]) -> Reply:
        """Sets topics and says what is on now."""
        everything = wanted.get(EVERYTHING)
        chosen = {topic: everything for topic in TOPICS if everything is not None}
        if everything is False:  # 全开 does not switch on what nobody asked for, 全停 ends it
            chosen |= {
                topic: False for topic in OPT_IN if await queue.wants(ctx.db, ctx.courier.id, topic)
            }
        chosen |= {topic: wanted[topic] for topic in KNOWN if topic in wanted}
        for topic, on in chosen.items():
            await queue.set_topic(ctx.db, ctx.courier.id, topic, ctx.now, on=on)
        t = ctx.t
        lines = []
        if stopped := [_name(t, topic) for topic in KNOWN if chosen.get(topic) is False]:
            lines.append(t("Stopped: {topics}.", topics=t.p("between names", ", ").join(stopped)))
        if started := [_name(t, topic) for topic in KNOWN if chosen.get(topic)]:
            lines.append(t("On again: {topics}.", topics=t.p("between names", ", ").join(started)))
        return await self._overview(ctx, "\n".join(lines))

    async def _overview(self, ctx: Context, head: str) -> Reply:
        t = ctx.t
        on = {topic: await queue.wants(ctx.db, ctx.courier.id, topic) for topic in KNOWN}
        on = {topic: state for topic, state in on.items() if state or topic in TOPICS}
        own = await quiet_hours.own_quiet(ctx.db, ctx.courier.id)
        lines = [head]
        for topic in on:
            state = t.p("a topic", "on") if on[topic] else t.p("a topic", "off")
            lines.append(t("· {topic}: {state}", topic=_name(t, topic), state=state))
        lines.append(quiet_hours_wording.overview_line(t, own))
        if not any(on.values()):
            lines.append(t("Only answers to what you do yourself still come."))
        if off := [topic for topic in TOPICS if not on[topic]]:
            word = _on_word(t, off[0]) if len(off) < len(TOPICS) else t("start all")
            lines.append(t("To turn it on again, say “{word}”.", word=word))
        return Reply((Say("\n".join(lines)), Buttons(self._rows(t, on, own), "")))

    def _rows(
        self, t: Translator, on: dict[Topic, bool], own: OwnQuiet
    ) -> tuple[tuple[Button, ...], ...]:
        single = tuple(
            Button(
                t("Stop {topic}", topic=_name(t, topic))
                if on[topic]
                else t("Start {topic}", topic=_name(t, topic)),
                f"remind.set:{topic}:{0 if on[topic] else 1}",
            )
            for topic in on
        )
        whole = (
            Button(t("Stop all"), f"remind.set:{EVERYTHING}:0")
            if any(on.values())
            else Button(t("Start all"), f"remind.set:{EVERYTHING}:1")
        )
        night = quiet_hours_wording.night_switch(t, own)
        return (
            single,
            *(((night,),) if night else ()),
            (whole, Button(t("Quiet hours"), "remind.hours")),
            (Button(t("Send me one"), "remind.try"), Button(t("Back"), "start")),
        )


async def _sample(ctx: NoticeContext) -> Reply | None:
    t = ctx.t
    message = t("This is a sample: reminders reach you here.")
    return Reply((Buttons(((Button(t("Reminders"), "remind"),),), message),))


def _words(t: Translator) -> tuple[tuple[str, str], ...]:
    return (
        (t.p("spoken words", "reminders, reminder settings, notifications"), "remind"),
        (t.p("spoken words", "quiet hours, do not disturb"), "remind.hours"),
        (t.p("spoken words", "stop cards, mute cards"), "remind.set:card:0"),
        (t.p("spoken words", "stop trainings, mute trainings"), "remind.set:training:0"),
        (t.p("spoken words", "stop stations, mute stations"), "remind.set:station:0"),
        (t.p("spoken words", "stop lessons, mute lessons"), "remind.set:lesson:0"),
        (t.p("spoken words", "start lessons, weekly lesson"), "remind.set:lesson:1"),
        (t.p("spoken words", "stop warnings, mute warnings"), "remind.set:warning:0"),
        (t.p("spoken words", "start warnings, fraud warnings"), "remind.set:warning:1"),
        (t.p("spoken words", "stop all, mute all, unsubscribe all"), "remind.set:all:0"),
        (t.p("spoken words", "start cards, unmute cards"), "remind.set:card:1"),
        (t.p("spoken words", "start trainings, unmute trainings"), "remind.set:training:1"),
        (t.p("spoken words", "start stations, unmute stations"), "remind.set:station:1"),
        (t.p("spoken words", "start all, unmute all"), "remind.set:all:1"),
    )


def _switches(ctx: Context) -> dict[str, bool]:
    return switches(normalise(typed(ctx)))


def _name(t: Translator, topic: Topic) -> str:
    match topic:
        case Topic.CARD:
            return t.p("topic", "card progress")
        case Topic.TRAINING:
            return t.p("topic", "trainings")
        case Topic.STATION:
            return t.p("topic", "stations")
        case Topic.LESSON:
            return t.p("topic", "a lesson each week")
        case Topic.WARNING:
            return t.p("topic", "fraud warnings")
        case Topic.SERVICE:
            return t.p("topic", "answers")


def _on_word(t: Translator, topic: Topic) -> str:
    match topic:
        case Topic.CARD:
            return t("start cards")
        case Topic.STATION:
            return t("start stations")
        case _:
            return t("start trainings")
