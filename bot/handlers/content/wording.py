"""The words and buttons that the handlers of content share."""

from math import ceil

from bot.common.i18n import Translator
from bot.conversation.replies import Button
from bot.handlers import content_text
from bot.services.content.catalogue import Item
from bot.services.content.lessons import Lesson
from bot.services.content.progress import Progress


def spoken(t: Translator) -> tuple[tuple[str, str], ...]:
    """Whole messages and the actions that they mean."""
    return (
        (t.p("spoken words", "micro lessons, learn, learn something, /lessons"), "lesson.list"),
        (t.p("spoken words", "keep learning, next card"), "lesson.onward"),
    )


def in_list(t: Translator, item: Item, lesson: Lesson, progress: Progress) -> str:
    """One of several: its title, and how long it takes or what is left of it."""
    title = content_text.title(t, item)
    if progress.finished_at is not None:
        return t("{title} (done ✓)", title=title)
    if progress.begun:
        left = max(1, ceil(item.minutes * progress.share_left(lesson)))
        return t("{title} (begun, {n} min left)", title=title, n=left)
    return t("{title} ({n} min)", title=title, n=item.minutes)


def to_lessons(t: Translator) -> Button:
    """Leads to the list of lessons."""
    return Button(t("More lessons"), "lesson.list")


def to_trainings(t: Translator) -> Button:
    """Leads to the list of trainings."""
    return Button(t("Trainings"), "training.list")


def to_stamps(t: Translator) -> Button:
    """Leads to the stamps of trainings and lessons."""
    return Button(t("My stamps"), "training.stamps")


def to_start(t: Translator) -> Button:
    """Leads back to the main menu."""
    return Button(t("Back"), "start")


def onward(t: Translator) -> Button:
    """Goes on with the lesson that was begun last."""
    return Button(t("Keep learning"), "lesson.onward")


def pause(t: Translator) -> Button:
    """Stops for now."""
    return Button(t("Take a break"), "lesson.pause")


def weekly(t: Translator, *, on: bool) -> Button:
    """Switches the weekly offer of a lesson."""
    if on:
        return Button(t("No weekly lesson"), "remind.set:lesson:0")
    return Button(t("Offer me one a week"), "remind.set:lesson:1")
