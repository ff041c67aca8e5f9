"""Where to go from a channel whose messages leave mainland China, where names are not asked for."""

from bot.common.i18n import Translator
from bot.conversation.replies import Link, Say


def card_form_elsewhere(t: Translator, public_url: str) -> Say:
    """Where the pre-application for a card can be filled in instead."""
    why = _why(t)
    if public_url:
        text = t("Register for a card on the web page:")
        return Say(f"{why}\n{text}", _page(t, public_url))
    text = t("Register on our WeChat account, or go to an outlet's counter with your ID card.")
    return Say(f"{why}\n{text}")


def appointment_elsewhere(t: Translator, public_url: str) -> Say:
    """Where an appointment with an outlet can be asked for instead."""
    why = _why(t)
    if public_url:
        text = t("Ask for the call or the visit on the web page:")
        return Say(f"{why}\n{text}", _page(t, public_url))
    text = t("Ask for it on our WeChat account, or go to an outlet's counter.")
    return Say(f"{why}\n{text}")


def sign_up_elsewhere(t: Translator, public_url: str) -> Say:
    """Where to sign up for a training instead; a linked chat then has the profile too."""
    why = _why(t)
    if public_url:
        text = t(
            "Sign up on the web page. Then link that chat with this one (say “my account”), and "
            "from then on two taps here are enough."
        )
        return Say(f"{why}\n{text}", _page(t, public_url))
    text = t(
        "Sign up on our WeChat account. Then link that chat with this one (say “my account”), and "
        "from then on two taps here are enough."
    )
    return Say(f"{why}\n{text}")


def sign_up_hint(t: Translator, public_url: str) -> str:
    """A line beside the trainings, before anybody taps: where a sign-up can be finished."""
    if public_url:
        return t("Signing up takes your phone number: that goes by the web page, not in here.")
    return t("Signing up takes your phone number: that goes by our WeChat account, not in here.")


def team_answer_elsewhere(t: Translator, public_url: str) -> Say:
    """Where a member of a team answers instead: their code stands for their phone."""
    why = _why(t)
    if public_url:
        text = t("Send your code (DUI-…) on the web page.")
        return Say(f"{why}\n{text}", _page(t, public_url))
    text = t("Send your code (DUI-…) to our WeChat account.")
    return Say(f"{why}\n{text}")


def nomination_elsewhere(t: Translator, public_url: str) -> Say:
    """Where a courier can be nominated, and answer a nomination, instead."""
    why = _why(t)
    if public_url:
        text = t("Nominate, or answer a nomination, on the web page; voting works here too.")
        return Say(f"{why}\n{text}", _page(t, public_url))
    text = t("Nominate, or answer a nomination, on our WeChat account; voting works here too.")
    return Say(f"{why}\n{text}")


def _why(t: Translator) -> str:
    return t(
        "Here I take no names and no phone numbers: what you write passes through servers outside "
        "mainland China."
    )


def _page(t: Translator, public_url: str) -> tuple[Link, ...]:
    return (Link(t("Web page"), public_url.rstrip("/") + "/"),)
