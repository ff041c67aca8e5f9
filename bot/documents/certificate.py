"""The certificate of a training or of a series of lessons as a PDF."""

from datetime import datetime

from bot.common.clock import CHINA
from bot.documents.pdf import GOLD, GREY, INK, RED, Fonts, Page
from bot.services.trainings.certificates import Certificate


def certificate_pdf(
    certificate: Certificate, fonts: Fonts, *, issuer: str = "", verify_url: str = ""
) -> bytes:
    """A landscape A4 page to print; with `verify_url`, a QR code that opens the public check.

    Raises `Unprintable` when no font has a character of the name or title.
    """
    with Page(f"结业证书 {certificate.number}", fonts, landscape=True) as page:
        width, height = page.width, page.height
        page.frame(9, 1.6, RED)
        page.frame(12, 0.35, GOLD)
        page.frame(13.6, 0.35, GOLD)
        for x in (13.6, width - 13.6):
            for y in (13.6, height - 13.6):
                page.ring(x, y, 5, 0.35, GOLD)
                page.star(x, y, 2.6, RED)
        middle = width / 2
        page.write("职业培训大讲堂", 0, 26, width, 15, align="C", colour=GREY, spacing=3)
        page.write("结业证书", 0, 37, width, 46, align="C", colour=RED, bold=True, spacing=22)
        page.line(middle - 62, 62.5, middle - 8, 62.5, 0.4, GOLD)
        page.line(middle + 8, 62.5, middle + 62, 62.5, 0.4, GOLD)
        page.star(middle, 62.5, 2.6, GOLD)
        name_size = 32.0
        page.write(
            certificate.name,
            50,
            73,
            width - 100,
            name_size,
            align="C",
            bold=True,
            spacing=6,
            least=14,
        )
        page.line(middle - 55, 91, middle + 55, 91, 0.3, GREY)
        done = "学完微课系列" if certificate.is_course else "参加培训"
        held = certificate.ends_at if certificate.is_course else certificate.starts_at
        page.write(f"于{chinese_date(held)}{done}", 40, 99, width - 80, 17, align="C")
        y = page.paragraph(
            f"《{certificate.title}》",
            40, 110, width - 80, 24,
            lines=2, least=16, align="C", bold=True, leading=1.5,
        )  # fmt: skip
        page.write(_proof(certificate), 40, y + 2, width - 80, 17, align="C")
        left, bottom = 32.0, 168.0
        page.write("证书编号", left, bottom, 30, 11, colour=GREY)
        page.write(certificate.number, left, bottom + 5.5, 90, 16, bold=True, spacing=0.8)
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
        date = chinese_date(certificate.issued_at)
        page.write(date, middle - 55, bottom + 7, 110, 14, align="C", colour=INK)
        return page.data()


def chinese_date(moment: datetime) -> str:
    """`2026年11月28日`, in Inner Mongolia."""
    local = moment.astimezone(CHINA)
    return f"{local.year}年{local.month}月{local.day}日"


def _proof(certificate: Certificate) -> str:
    if certificate.is_course:
        minutes = round(certificate.hours * 60)
        return f"共 {minutes} 分钟，已完成学习并答完全部题目，特发此证。"
    return f"共 {_hours(certificate.hours)} 小时，已到场签到并完成学习，特发此证。"


def _hours(hours: float) -> str:
    return f"{hours:.1f}".removesuffix(".0")
