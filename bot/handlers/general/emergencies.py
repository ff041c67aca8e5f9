"""What is answered to an emergency: one sentence and the numbers to call, nothing else."""

from bot.common.i18n import Translator
from bot.conversation.context import Context
from bot.conversation.replies import Link, Reply, Say, Then
from bot.intents.emergencies import Emergency


async def answer_emergency(ctx: Context) -> Reply:
    """The reply to an `Emergency`; `args` are its kind and the step that waits, "" for none.

    A form that was interrupted goes on with the next message.
    """
    kind, step = ctx.args
    said, numbers = _help(ctx.t, Emergency(kind))
    links = tuple(
        Link(ctx.t("Call {number} ({who})", number=number, who=who), f"tel:{number}")
        for number, who in numbers
    )
    return Reply((Say(said, links),), Then(step, dict(ctx.data)))


def _help(t: Translator, kind: Emergency) -> tuple[str, tuple[tuple[str, str], ...]]:
    """What to say, and whom to call: the most urgent number first."""
    ambulance = ("120", t.p("who answers a number", "ambulance"))
    police = ("110", t.p("who answers a number", "police"))
    traffic = ("122", t.p("who answers a number", "traffic accidents"))
    fire = ("119", t.p("who answers a number", "fire"))
    match kind:
        case Emergency.DESPAIR:
            said = t(
                "I am glad that you told me. You need not bear this alone: call now, somebody "
                "will listen to you, day and night."
            )
            crisis = ("12356", t.p("who answers a number", "mental health line, free"))
            union = ("12351", t.p("who answers a number", "union, for troubles at work"))
            return said, (crisis, police, ambulance, union)
        case Emergency.GAS:
            said = t(
                "Get out into the open air first, touch no switch and light nothing, and call "
                "from outside."
            )
            return said, (fire, ambulance)
        case Emergency.FIRE:
            said = t("Leave the vehicle and your things, get well away, then call at once.")
            return said, (fire, ambulance)
        case Emergency.CRASH:
            said = t(
                "You come first, never mind the order: stay where no cars drive, do not move if "
                "it hurts badly, and call now."
            )
            return said, (ambulance, traffic)
        case Emergency.CRIME:
            said = t("Go where there are people and light, do not run after anyone, and call now.")
            return said, (police, ambulance)
        case Emergency.ILLNESS:
            said = t("Stop riding, sit down, and call now; do not wait for it to pass.")
            return said, (ambulance,)
        case Emergency.INJURY:
            said = t(
                "Do not grit your teeth, never mind the order: call now and wait there for help."
            )
            return said, (ambulance,)
        case Emergency.HELP:
            said = t("Call at once and say where you are; help will come to you.")
            return said, (ambulance, police, fire)
