"""Greeting, help, language, and the replies when nothing else fits."""

from dataclasses import replace

from bot.common.i18n import DEFAULT, Languages, Translator
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.events import ChatOpened, Other, Voice
from bot.conversation.replies import Button, Buttons, Part, Reply, Say
from bot.geo.places import Places
from bot.handlers.feature import Feature, Offer, join
from bot.handlers.form_steps import typed
from bot.handlers.general.free_text import FreeTextHandler
from bot.handlers.stations.location_request import ask_location
from bot.handlers.stations.search import StationHandlers
from bot.intents import Intent
from bot.intents.languages import wanted_language, wants_mongolian
from bot.intents.talk import Talk, talk
from bot.services.couriers import preferences


class GeneralHandlers:
    """Answers that belong to no subject; `subjects` is the joined feature of all others."""

    def __init__(
        self,
        stations: StationHandlers,
        places: Places,
        languages: Languages,
        subjects: Feature,
    ) -> None:
        self._languages = languages
        self.free_text = FreeTextHandler(
            stations, places, join([subjects, self.feature()])
        ).free_text
        self._arrivals = subjects.arrivals
        self._subjects_in_menu = subjects.menu
        self._subjects_in_help = subjects.help_menu

    def feature(self) -> Feature:
        """What the general buttons and words do."""

        def words(t: Translator) -> tuple[tuple[str, str], ...]:
            return (
                (t.p("spoken words", "start, hello, menu, /start, /menu"), "start"),
                (t.p("spoken words", "help, ?, /help"), "help"),
                (t.p("spoken words", "cancel, stop, quit, /cancel"), "cancel"),
                (t.p("spoken words", "language, /language"), "languages"),
                ("english, speak english", "language:en"),
                ("中文, 汉语, chinese", f"language:{DEFAULT}"),
            )

        return Feature(
            actions={
                "start": self.start,
                "help": self.help,
                "cancel": self.cancel,
                "languages": self.languages,
                "language": self.set_language,
            },
            words=words,
            intent_handlers={
                Intent.GREETING: self.start,
                Intent.HELP: self.help,
                Intent.LANGUAGE: self.languages,
                Intent.THANKS: self.thanks,
                Intent.SMALLTALK: self.smalltalk,
                Intent.PARCEL: self.parcel,
            },
            intent_buttons={
                Intent.LANGUAGE: lambda t: Button(t("中文 / English"), "languages"),
                Intent.HELP: lambda t: Button(t("Help"), "help"),
            },
        )

    async def start(self, ctx: Context) -> Reply:
        """The greeting; a deep link's code goes to the subject that registered it."""
        t = ctx.t
        if isinstance(ctx.event.content, ChatOpened):
            if ctx.event.content.again:
                return Reply(())  # nothing was asked; held notices are shown besides
            kind, _, code = ctx.event.content.code.partition("-")
            if code and kind in self._arrivals:
                return await self._arrivals[kind](replace(ctx, args=(code,)))
        return Reply(
            (
                Say(
                    t(
                        "Hello, this is 驿站小助手. Send me where you are and I tell you at once "
                        "which 爱心驿站 will be open when you get there, with hot water, charging "
                        "and a warm seat. All free."
                    )
                ),
                ask_location(ctx),
                self._menu(t, t("Or pick one:"), asked=True),
            )
        )

    async def help(self, ctx: Context) -> Reply:
        """What can be asked, and what happens to a shared location."""
        t = ctx.t
        return Reply(
            (
                Say(
                    t(
                        "You can:\n"
                        "· send your location, or type a place such as “东胜” or “海拉尔区”\n"
                        "· say what you need: hot water, charging, toilet, hot meal, warm room\n"
                        "· keep stations and say “my favourites” or “my usual stations”\n"
                        "· say what you found: “the door is locked”, “no hot water”; and where one "
                        "is missing: “there should be a station here”\n"
                        "· ask about wages, loans or insurance; paste what looks like fraud and "
                        "say “is it a scam”\n"
                        "· say “cancel” at any time, “English” or “中文” for the language"
                    )
                ),
                Say(
                    t(
                        "Your location is used to find stations and is not kept: only a square "
                        "of about 5 km and what you asked for, so that new stations open where "
                        "they are missing. Phones can be off by up to about 600 m."
                    )
                ),
                Say(
                    t(
                        "Ask “where is my card” or “how do I get a card”; “my data” shows what I "
                        "keep of you, “delete my data” ends it."
                    )
                ),
                ask_location(ctx, shown_before=True),
                self._menu(t, t("Or pick one:"), asked=True, more=self._subjects_in_help),
            )
        )

    async def cancel(self, ctx: Context) -> Reply:
        """Ends whatever was going on."""
        t = ctx.t
        return Reply((Say(t("All right, dropped.")), self._menu(t, t("What next?"))))

    async def languages(self, ctx: Context) -> Reply:
        """The one that was asked for by name, else those there are, each by its own name."""
        text = typed(ctx)
        if (locale := wanted_language(text)) is not None:
            return await self.set_language(replace(ctx, args=(locale,)))
        row = (Button("简体中文", "language:zh_CN"), Button("English", "language:en"))
        said: tuple[Part, ...] = ()
        if wants_mongolian(text):
            said = (
                Say(
                    ctx.t(
                        "I cannot write Mongolian, only Chinese and English; say “中文” or "
                        "“English” at any time to change. If you would rather speak with "
                        "somebody, call 12351 and ask for Mongolian."
                    )
                ),
            )
        return Reply((*said, Buttons((row,), ctx.t("Which language?"))))

    async def set_language(self, ctx: Context) -> Reply:
        """Remembers the choice and says so in the new language."""
        locale = ctx.args[0] if ctx.args else ""
        if locale not in self._languages.translators:
            raise StaleButtonError
        await preferences.set_locale(ctx.db, ctx.courier.id, locale)
        t = self._languages.of(locale, None)
        return Reply((Say(t("From now on I speak English.")), self._menu(t, "")), locale=locale)

    async def thanks(self, ctx: Context) -> Reply:
        """Thanks."""
        if talk(typed(ctx)) is Talk.WHO:
            return await self.smalltalk(ctx)
        said = ctx.t("You are welcome. Ride safely, and come in when you are cold.")
        return Reply((Say(said), self._menu(ctx.t, "")))

    async def smalltalk(self, ctx: Context) -> Reply:
        """Who are you; and what is no question: cross, weary, or meant for others."""
        t, kind = ctx.t, talk(typed(ctx))
        if kind is Talk.CROSS:
            said = t(
                "Sorry, that was no help. Say in a few words what you need, such as “hot water” or "
                "“my card”, or talk to a person."
            )
            row = (Button(t("Stations near me"), "locate"), Button(t("Talk to a person"), "human"))
            return Reply((Say(said), Buttons((row,), "")))
        if kind is Talk.BYE:
            return await self.thanks(ctx)
        if kind is Talk.WEARY:
            said = t("You have had a hard day. Send me where you are, and I find you a warm seat.")
            return Reply((Say(said), ask_location(ctx)))
        if kind is Talk.GROUP:
            said = t(
                "That looks meant for a group, and only I have read it. Thank you for minding "
                "the others; can I find you a place to rest?"
            )
            return Reply((Say(said), self._menu(t, "")))
        said = ctx.t("I am a program, not a person. I find you a warm place to rest.")
        return Reply((Say(said), self._menu(ctx.t, "")))

    async def parcel(self, ctx: Context) -> Reply:
        """驿站 also means parcel point; we have none."""
        said = ctx.t(
            "I know places to rest, not parcels: please ask the courier firm or the "
            "pick-up point about a parcel."
        )
        return Reply((Say(said), self._menu(ctx.t, "")))

    async def voice(self, ctx: Context) -> Reply:
        """A recording without text: how the app turns it into text."""
        t = ctx.t
        content = ctx.event.content
        if isinstance(content, Voice) and not content.transcribed_by_app:
            said = t("I cannot listen yet. Type it, or tap 🎤 on your keyboard and speak.")
        else:
            said = t(
                "I cannot listen yet. Hold the recording, choose “转文字”, and send me the words."
            )
        return Reply((Say(said), self._menu(t, "")))

    async def other(self, ctx: Context) -> Reply:
        """Pictures, stickers, files, and a location that is none."""
        t = ctx.t
        content = ctx.event.content
        if isinstance(content, Other) and content.kind == "bad_location":
            said = t("That location cannot be read. Send it again, or type the name of your town.")
            return Reply((Say(said), ask_location(ctx)))
        said = t("I can only read words and locations.")
        return Reply((Say(said), self._menu(t, t("Pick one:"))))

    async def too_long(self, ctx: Context) -> Reply:
        """A text above the limit of a message."""
        t = ctx.t
        said = t("That is too long for me. Say it in one sentence, please.")
        return Reply((Say(said), self._menu(t, "")))

    async def stale_button(self, ctx: Context) -> Reply:
        """A button that a newer version no longer knows."""
        t = ctx.t
        said = t("That button no longer works.")
        return Reply((Say(said), self._menu(t, t("Pick one:"))))

    def _menu(
        self, t: Translator, prompt: str, *, asked: bool = False, more: tuple[Offer, ...] = ()
    ) -> Buttons:
        """The main menu and `more`; `asked`: the reply asks for the location already."""
        buttons = [
            *(() if asked else (Button(t("Stations near me"), "locate"),)),
            Button(t("My favourites"), "favourites"),
            Button(t("Where is my card"), "card.status"),
            Button(t("My data"), "privacy"),
            *(offer(t) for offer in (*self._subjects_in_menu, *more)),
            Button(t("Help"), "help"),
            Button(t("中文 / English"), "languages"),
        ]
        rows = tuple(tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2))
        return Buttons(rows, prompt)
