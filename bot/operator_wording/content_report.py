"""What operators read about content files: each fault with its file and line, and what changes."""

from collections.abc import Iterator
from typing import Final, assert_never

from bot.common.i18n import Translator
from bot.operator_wording import import_report
from bot.operator_wording.import_report import shortened
from bot.services.content.importing.columns import COLUMNS
from bot.services.content.importing.faults import ContentFault
from bot.services.content.importing.plan import Plan
from bot.services.content.lessons import LessonFault
from bot.services.content.markdown import MarkdownFault
from bot.services.pictures import PictureFault
from bot.services.spreadsheets.tables import Problem

PICTURES: Final = "JPEG, PNG, WebP"


def lines(plan: Plan, t: Translator) -> Iterator[str]:
    """The whole report."""
    yield from import_report.findings(plan.problems, plan.warnings, advice, t)
    for entry in plan.new:
        yield t("New: {code} {name}", code=entry.code, name=entry.title)
    for one in plan.changed:
        fields = (
            (COLUMNS[of.field][0], _on_one_line(of.before), _on_one_line(of.after))
            for of in one.differences
        )
        yield import_report.changed(one.after.code, one.after.title, fields, t)
    yield from import_report.missing(plan.missing, t)
    yield import_report.counts(
        len(plan.problems),
        new=len(plan.new),
        changed=len(plan.changed),
        unchanged=plan.unchanged,
        missing=len(plan.missing),
        t=t,
    )


def advice(problem: Problem, t: Translator) -> str:
    """What is wrong and what to do about it."""
    if (content := import_report.fault(ContentFault, problem)) is not None:
        return _of_content(content, problem, t)
    if (lesson := import_report.fault(LessonFault, problem)) is not None:
        return _of_lesson(lesson, problem, t)
    if (markup := import_report.fault(MarkdownFault, problem)) is not None:
        return _of_markdown(markup, t)
    if (picture := import_report.fault(PictureFault, problem)) is not None:
        return _of_picture(picture, problem, t)
    return import_report.advice(problem, t)


def _on_one_line(text: str) -> str:
    return shortened(" ".join(text.split()))


def _of_content(fault: ContentFault, problem: Problem, t: Translator) -> str:
    given = problem.params
    match fault:
        case ContentFault.NOT_TEXT:
            return t("not a text in UTF-8; save it as UTF-8")
        case ContentFault.TOO_LARGE:
            return t("larger than {most} MB; one file holds one piece of content", **given)
        case ContentFault.NO_FRONT_MATTER:
            return t("the first line must be ---, with lines such as “kind: lesson” under it")
        case ContentFault.NOT_CLOSED:
            return t("close the front matter with a line ---")
        case ContentFault.NO_VALUE:
            return t("write “key: value” on each line between the two ---")
        case ContentFault.UNKNOWN_KEY:
            return t("not a known key; known are: {known}", **given)
        case ContentFault.KEY_TWICE:
            return t("this key is there twice; remove one")
        case ContentFault.LANGUAGE:
            return t("write “# 中文” or “# English” above each text; cards need “## 卡片”")
        case ContentFault.LANGUAGE_TWICE:
            return t("this language is there twice; put its text together")
        case ContentFault.BEFORE_LANGUAGE:
            return t("text above the first “# 中文” or “# English”; move it below one")
        case ContentFault.REQUIRED:
            return t("required; fill it in")
        case ContentFault.TOO_LONG:
            return t("longer than {max_length} characters; shorten it", **given)
        case ContentFault.KIND:
            return t("not a known kind; known are: {known}", **given)
        case ContentFault.CODE:
            return t("write 1 to 32 small Latin letters, digits and hyphens, such as winter-riding")
        case ContentFault.CODE_TWICE:
            return t("{other} has this code too; each piece of content needs its own", **given)
        case ContentFault.DATE:
            return t("not a date; write it as 2026-11-28")
        case ContentFault.DATES_REVERSED:
            return t("it ends before it begins; correct one of the two dates")
        case ContentFault.FLAG:
            return t("write 是 or 否")
        case ContentFault.NUMBER:
            return t("write a whole number from 0 to {most}", **given)
        case ContentFault.LEAGUE:
            return t("not a league of the region; leave it empty if it is for all")
        case ContentFault.OTHER_SHAPE:
            return t(
                "both languages need as many cards and questions, as many options, and the right "
                "answer at the same place"
            )
        case ContentFault.NOT_A_LESSON:
            return t("only lessons have this; leave it out")
        case _:
            assert_never(fault)


def _of_lesson(fault: LessonFault, problem: Problem, t: Translator) -> str:
    given = problem.params
    match fault:
        case LessonFault.BEFORE_FIRST:
            return t("text above the first “## 卡片”; put it on a card")
        case LessonFault.SECTION:
            return t("write “## 卡片” above a card and “## 问题” above a question")
        case LessonFault.CARD_COUNT:
            return t("{count} cards; a lesson has {least} to {most}", **given)
        case LessonFault.QUESTION_COUNT:
            return t("{count} questions; a lesson has {least} to {most}", **given)
        case LessonFault.ORDER:
            return t("a card after a question; cards come first")
        case LessonFault.EMPTY:
            return t("nothing stands here; write a text or remove the heading")
        case LessonFault.TOO_LONG:
            return t("{size} bytes, at most {most} fit one message; split or shorten it", **given)
        case LessonFault.OPTION_COUNT:
            return t("{count} options; a question has {least} to {most}, each after “- ”", **given)
        case LessonFault.RIGHT_COUNT:
            return t("{count} options are marked right; mark one with “- [x]”", **given)
        case LessonFault.OPTION_LONG:
            return t("an option is a button: at most {most} Chinese characters", **given)
        case LessonFault.OPTION_TWICE:
            return t("this option is there twice; change one")
        case LessonFault.NO_EXPLANATION:
            return t("say after the options why the answer is right, on lines that begin with “>”")
        case LessonFault.AFTER_EXPLANATION:
            return t("nothing may follow the explanation; begin it with “>” or remove it")
        case _:
            assert_never(fault)


def _of_markdown(fault: MarkdownFault, t: Translator) -> str:
    match fault:
        case MarkdownFault.HTML:
            return t("HTML is not accepted; write plain text and Markdown")
        case MarkdownFault.HEADING:
            return t("headings are not shown in chats; make it a paragraph")
        case MarkdownFault.NESTED_LIST:
            return t("a list inside a list; make it one list")
        case MarkdownFault.MARKUP:
            return t("only paragraphs, lists, emphasis and links; a chat cannot show this")
        case MarkdownFault.LINK:
            return t("a link begins with https:// or tel:")
        case MarkdownFault.PICTURE_IN_TEXT:
            return t("put a picture on a line of its own, with an empty line above and below")
        case _:
            assert_never(fault)


def _of_picture(fault: PictureFault, problem: Problem, t: Translator) -> str:
    given = problem.params
    match fault:
        case PictureFault.MISSING:
            return t("there is no such picture beside the file; add it, or correct the name")
        case PictureFault.NAME:
            return t("name a picture in the folder of the import, not a web address")
        case PictureFault.TOO_BIG:
            return t(
                "larger than {most} MB; save it smaller (1280 pixels wide are enough)", **given
            )
        case PictureFault.TOO_MANY_PIXELS:
            return t("more than {most} million pixels; save it smaller", **given)
        case PictureFault.NOT_A_PICTURE:
            return t("not a picture that can be read; save it as {formats}", formats=PICTURES)
        case _:
            assert_never(fault)
