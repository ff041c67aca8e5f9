"""What argparse itself says of a wrong call, in the operator's language."""

import argparse

from bot.common.i18n import Translator


def speak(t: Translator) -> None:
    """Makes argparse word its help and errors with `t`, for the whole process.

    It reads catalogues by the name of its module-level `_` only, which is why that is replaced;
    sentences that are not here (they differ between versions of Python) stay English.
    """
    sentences = _sentences(t)

    def said(sentence: str) -> str:
        return sentences.get(sentence, sentence)

    argparse._ = said  # type: ignore[attr-defined]


def _sentences(t: Translator) -> dict[str, str]:
    return {
        "usage: ": t("usage: "),
        "positional arguments": t("positional arguments"),
        "options": t("options"),
        "show this help message and exit": t("show this help message and exit"),
        "%(prog)s: error: %(message)s\n": t("%(prog)s: error: %(message)s\n"),
        "argument %(argument_name)s: %(message)s": t("argument %(argument_name)s: %(message)s"),
        "the following arguments are required: %s": t("the following arguments are required: %s"),
        "one of the arguments %s is required": t("one of the arguments %s is required"),
        "unrecognized arguments: %s": t("unrecognized arguments: %s"),
        "not allowed with argument %s": t("not allowed with argument %s"),
        "ignored explicit argument %r": t("ignored explicit argument %r"),
        "expected one argument": t("expected one argument"),
        "expected at most one argument": t("expected at most one argument"),
        "expected at least one argument": t("expected at least one argument"),
        "ambiguous option: %(option)s could match %(matches)s": t(
            "ambiguous option: %(option)s could match %(matches)s"
        ),
        "invalid %(type)s value: %(value)r": t("invalid %(type)s value: %(value)r"),
        "invalid choice: %(value)r (choose from %(choices)s)": t(
            "invalid choice: %(value)r (choose from %(choices)s)"
        ),
    }
