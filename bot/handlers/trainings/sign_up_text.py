"""报名 in one's own words: which session is meant, and what is said of oneself beside it.

```mermaid
stateDiagram-v2
    [*] --> agreeing: "报名 王强 138… 周六上午那场", one session fits (training_signup)
    [*] --> sure: one fits, name and phone not said
    [*] --> choice: several fit, or none
    sure --> agreeing: name and phone
    sure --> done: 对, 报名
    sure --> [*]: 不是, 返回, 取消, anything else
    choice --> done: one of them picked
```
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.conversation.context import Context, StaleButtonError, StepInterruptedError
from bot.conversation.replies import Button, Buttons, Json, Reply, Say, Then
from bot.handlers.feature import Feature
from bot.handlers.form_steps import navigation_buttons, says_no, says_yes, typed
from bot.handlers.trainings import wording as words
from bot.handlers.trainings.sign_up import MOST, Find, SignUp
from bot.intents import contacts
from bot.intents.slots import ordinal
from bot.services.trainings import catalogue, registration_queries
from bot.services.trainings.catalogue import Training

TEAM = re.compile("带队|团队|我们(?:站|组|队|几)|[几两三四五六七八九十0-9]+个?人|bring|team")


class SpokenSignUp:
    """Registration that begins with a sentence."""

    def __init__(self, sign_up: SignUp, find: Find, *, demo: bool = False) -> None:
        self._sign_up = sign_up
        self._find = find
        self._demo = demo

    def feature(self) -> Feature:
        """Its intent and its step."""
        return Feature(
            steps={"training.sure": self.hear_sure},
            meanings={"training_register": self.register_in_words},
        )

    async def register_in_words(self, ctx: Context) -> Reply:
        """报名 王强 13812345678 周六上午那场: what is said is used, what is missing asked."""
        t, text = ctx.t, typed(ctx)
        coming = await catalogue.upcoming(ctx.db, ctx.now, demo=self._demo)
        open_ones = [one for one in coming if one.takes(ctx.now)]
        if not open_ones:
            row = (Button(t("My trainings"), "training.mine"), Button(t("Back"), "start"))
            return Reply(
                (Say(t("There is nothing to register for right now.")), Buttons((row,), ""))
            )
        if TEAM.search(text):
            return await self._bring(ctx, open_ones)
        listed = ctx.data.get("sessions")
        number = ordinal(text)
        chosen = await self._find(ctx, text, open_ones)
        if number is not None and isinstance(listed, list) and number <= len(listed):
            chosen = [one for one in open_ones if one.id == listed[number - 1]] or chosen
        elif len(chosen) == len(open_ones) > 1 and isinstance(listed, list) and len(listed) == 1:
            chosen = [one for one in open_ones if one.id == listed[0]] or chosen  # the one shown
        name, phone = contacts.name(text), contacts.phone(text)
        kept: dict[str, Json] = {}
        if phone and not ctx.abroad:
            kept = {"name": name or "", "phone": phone}
        if len(chosen) == 1 and not contacts.people(text)[1:]:
            ctx = replace(ctx, args=(str(chosen[0].id),), data=kept)
            if kept and name:
                return await self._sign_up.register(ctx)
            mine = await registration_queries.standing(ctx.db, chosen[0].id, ctx.courier.id)
            card = words.card(t, chosen[0], mine, ctx.now)
            if mine is not None:
                return Reply((card, self._sign_up.own_rows(ctx, chosen[0], mine)))
            action = f"training.register:{chosen[0].id}"
            free = chosen[0].left and not chosen[0].waiting
            label = t("Yes, register me") if free else t("Yes, put me in line")
            sure = ((Button(label, action),),)
            buttons = navigation_buttons(
                ctx, "training.list", first=sure, prompt=t("Is it this one?")
            )
            then = Then("training.sure", {**kept, "sessions": [chosen[0].id]})
            return Reply((card, buttons), then)
        prompt = t("Which one?") if chosen else t("There is none like that. These are open:")
        return self._choose(ctx, chosen or open_ones, prompt, kept)

    def _choose(
        self, ctx: Context, among: Sequence[Training], prompt: str, kept: dict[str, Json]
    ) -> Reply:
        rows = tuple(words.choose(ctx.t, one, ctx.now, "training.register") for one in among[:MOST])
        return Reply(
            (navigation_buttons(ctx, "training.list", first=rows, prompt=prompt),), Then("", kept)
        )

    async def _bring(self, ctx: Context, open_ones: Sequence[Training]) -> Reply:
        """带队报名 in words: for which session."""
        found = await self._find(ctx, typed(ctx), open_ones) or open_ones
        rows = tuple(words.choose(ctx.t, one, ctx.now, "training.team") for one in found[:MOST])
        prompt = ctx.t("Which one does your team come to?")
        return Reply((navigation_buttons(ctx, "training.list", first=rows, prompt=prompt),))

    async def hear_sure(self, ctx: Context) -> Reply:
        """The answer to 是这场吗: a yes, a no, or at once who one is."""
        listed = ctx.data.get("sessions")
        if not (isinstance(listed, list) and listed and isinstance(listed[0], int)):
            raise StaleButtonError
        if says_yes(ctx):
            return await self._sign_up.register(replace(ctx, args=(str(listed[0]),)))
        if says_no(ctx):
            coming = await catalogue.upcoming(ctx.db, ctx.now, demo=self._demo)
            others = [one for one in coming if one.takes(ctx.now)]
            return self._choose(ctx, others, ctx.t("Which one?"), {})
        text = typed(ctx)
        phone = contacts.phone(text)
        name = contacts.name(text, asked=phone is not None)
        if not (name or phone):
            raise StepInterruptedError(data=ctx.data)
        who: dict[str, Json] = {
            "name": name or ctx.data.get("name") or "",
            "phone": phone or ctx.data.get("phone") or "",
        }
        if who["name"] and who["phone"]:
            return await self._sign_up.register(replace(ctx, args=(str(listed[0]),), data=who))
        return await self._sign_up.hear_who(replace(ctx, data={"training": listed[0], **who}))
