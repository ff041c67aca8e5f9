"""The certificate of a winner of 最美快递员 as a PDF."""

from bot.documents.certificate import chinese_date
from bot.documents.pdf import GOLD, GREY, INK, RED, Fonts, Page
from bot.services.honours.winners import Winner


def honour_certificate_pdf(
    winner: Winner, fonts: Fonts, *, issuer: str = "", verify_url: str = ""
) -> bytes:
    """A landscape A4 page to print; with `verify_url`, a QR code that opens the public check.

    Raises `Unprintable` when no font has a character of the name or title.
    """
    with Page(f"荣誉证书 {winner.certificate}", fonts, landscape=True) as page:
        width, height = page.width, page.height
        page.frame(9, 1.6, RED)
        page.frame(12, 0.35, GOLD)
        for x in (13.6, width - 13.6):
            for y in (13.6, height - 13.6):
                page.ring(x, y, 5, 0.35, GOLD)
                page.star(x, y, 2.6, RED)
        middle = width / 2
        page.write("荣誉证书", 0, 30, width, 46, align="C", colour=RED, bold=True, spacing=22)
        page.line(middle - 62, 58, middle - 8, 58, 0.4, GOLD)
        page.line(middle + 8, 58, middle + 62, 58, 0.4, GOLD)
        page.star(middle, 58, 2.6, GOLD)
        page.write(
            winner.name, 50, 70, width - 100, 32.0, align="C", bold=True, spacing=6, least=14
        )
        page.line(middle - 55, 88, middle + 55, 88, 0.3, GREY)
        page.write(winner.firm, 40, 93, width - 80, 14, align="C", colour=GREY, least=9)
        y = page.paragraph(
            f"在《{winner.campaign.title}》中获评",
            40, 106, width - 80, 18,
            lines=2, least=13, align="C", leading=1.5,
        )  # fmt: skip
        page.write("最美快递员", 40, y + 4, width - 80, 30, align="C", colour=RED, bold=True)
        left, bottom = 32.0, 168.0
        page.write("证书编号", left, bottom, 30, 11, colour=GREY)
        page.write(winner.certificate, left, bottom + 5.5, 90, 16, bold=True, spacing=0.8)
        if verify_url:
            page.qr(verify_url, width - left - 30, 153, 30, INK)
            page.write("扫码验真", width - left - 30, 183, 30, 10, align="C", colour=GREY)
        else:
            page.write(
                "向驿站小助手发送编号即可验真", width - left - 70, bottom + 7, 70, 10,
                align="R", colour=GREY,
            )  # fmt: skip
        if issuer:
            page.write(issuer, middle - 55, bottom - 1, 110, 15, align="C", least=10)
        date = chinese_date(winner.published_at)
        page.write(date, middle - 55, bottom + 7, 110, 14, align="C", colour=INK)
        return page.data()
