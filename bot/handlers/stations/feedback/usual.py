"""我常去的: the stations that a courier goes to often, looked up only after their yes."""

from bot.common.i18n import Translator
from bot.conversation.context import Context
from bot.conversation.replies import Button, Buttons, Reply, Say
from bot.handlers.feature import Feature
from bot.handlers.stations import links, wording
from bot.handlers.stations.remembered import with_numbers
from bot.services.couriers import consents
from bot.services.couriers.consents import Purpose
from bot.services.stations import catalogue
from bot.services.stations.feedback.usual import usual_stations
from bot.services.stations.search import StationSearch


class UsualStationHandlers:
    """Asks once, then lists them with their state right now."""

    def __init__(self, stations: StationSearch, public_url: str = "") -> None:
        self._stations = stations
        self._public_url = public_url

    def feature(self) -> Feature:
        """Its words and buttons."""

        def words(t: Translator) -> tuple[tuple[str, str], ...]:
            return ((t.p("spoken words", "my usual stations, usual stations"), "station.usual"),)

        return Feature(
            actions={
                "station.usual": self.show,
                "station.usual.yes": self.agree,
                "station.usual.no": self.refuse,
            },
            words=words,
        )

    async def show(self, ctx: Context) -> Reply:
        """The stations, or first the question whether they may be looked up."""
        t = ctx.t
        if not await consents.given(ctx.db, ctx.courier.id, Purpose.USUAL_STATIONS):
            text = t(
                "I can list the stations you go to often: those you keep, and those where you "
                "tapped “✅ Open” in the last 30 days. Nothing else is looked at, and older taps "
                "no longer carry your name. Shall I?"
            )
            row = (Button(t("Yes, list them"), "station.usual.yes"), Button(t("No"), "cancel"))
            return Reply((Buttons((row,), text),))
        return await self._list(ctx)

    async def agree(self, ctx: Context) -> Reply:
        """Yes: listed from now on."""
        await self._record(ctx, yes=True)
        return await self._list(ctx)

    async def refuse(self, ctx: Context) -> Reply:
        """Taken back: no longer listed."""
        await self._record(ctx, yes=False)
        return Reply((Say(ctx.t("All right, I no longer list where you go often.")),))

    async def _record(self, ctx: Context, *, yes: bool) -> None:
        purpose, channel = Purpose.USUAL_STATIONS, ctx.event.sender.channel
        await consents.record(ctx.db, ctx.courier.id, purpose, channel, ctx.now, yes=yes)

    async def _list(self, ctx: Context) -> Reply:
        t = ctx.t
        ids = await usual_stations(ctx.db, ctx.courier.id, ctx.now)
        described = await catalogue.describe(ctx.db, ids, self._stations.described)
        stop = Button(t("List them no more"), "station.usual.no")
        if not described:
            text = t("None yet: keep a station, or tap “✅ Open” when I ask you how one was.")
            row = (Button(t("Stations near me"), "locate"), stop)
            return Reply((Say(text), Buttons((row,), "")))
        says, rows = [Say(t("You often go to:"))], []
        shown = [one for one in ids if one in described]
        for number, station_id in enumerate(shown, 1):
            station = described[station_id]
            opening = self._stations.state(station.schedule, ctx.now)
            state = wording.state_now(t, station, opening, ctx.now)
            way = links.shortest_way(t, station, self._public_url)
            says.append(Say(f"{number}. {station.name} · {state}", way))
            rows.append((Button(t("How to get in {n}", n=number), f"station.card:{station_id}"),))
        return Reply((*says, Buttons((*rows, (stop,)), "")), with_numbers(ctx, shown))
