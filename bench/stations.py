"""A list of 180,000 stations: `python -m bench.stations`, at most 60 seconds and 600 MB a report.

The command `yizhan stations import FILE`, dry run and with --apply, csv and xlsx. Every measurement
is a process of its own; seconds are of the wall and of the processor, which is the honest figure on
a busy machine.
"""

import argparse
import contextlib
import csv
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import xlsxwriter  # type: ignore[import-untyped]

ROWS = 180_000
HEADINGS = (
    "编号", "名称", "站点类型", "建设单位", "旗县", "地址", "经度", "纬度", "服务时间", "服务设施",
    "进入方式", "门口提示", "电动车停放", "卫生间", "电话", "星级", "核实日期", "状态", "例外安排",
    "示例",
)  # fmt: skip
HOURS = (
    "周一至周五（法定节假日除外）8:30-17:30", "每天8:00-20:00", "24小时", "工作日 9:00-17:00",
    "上午：8:30-12:00 下午：2:30-5:30", "9:00-17:00，周一休息", "",
)  # fmt: skip
FACILITIES = (
    "饮水机;充电;微波炉", "饮水机;微波炉=故障;空调;卫生间", "饮水、充电、休息",
    "医药箱;雨伞;WiFi", "",
)  # fmt: skip


def stations(rows: int) -> Iterator[tuple[str, ...]]:
    """As many stations, on a grid of some 30 by 20 kilometres per 1,000."""
    for number in range(rows):
        lon = 107.0 + (number % 600) * 0.01
        lat = 40.0 + (number // 600) * 0.004
        yield (
            f"15{number % 80:04}-{number:06}", f"示范路{number}号驿站", "银行网点", "示范市总工会",
            "新城区", f"示范路{number}号", f"{lon:.6f}", f"{lat:.6f}", HOURS[number % 7],
            FACILITIES[number % 5], "推门进", "大厅右手边", "门前可停", "站内有",
            f"0471-{1_000_000 + number}", str(number % 5 + 1), f"2026-0{number % 9 + 1}-15",
            "营业", "", "",
        )  # fmt: skip


def write_csv(path: Path, rows: int) -> None:
    """The list as csv, as Excel writes it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADINGS)
        out.writerows(stations(rows))


def write_xlsx(path: Path, rows: int) -> None:
    """The list as a workbook."""
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet("驿站")
    sheet.write_row(0, 0, HEADINGS)
    for number, row in enumerate(stations(rows), start=1):
        sheet.write_row(number, 0, row)
    book.close()


def run(path: Path, apply: bool) -> None:
    """The command in this process, its measurements on stderr."""
    from bot.commands.cli import main as command

    argv = ["stations", "import", str(path), "--datum", "gcj02", "--accept-doubtful"]
    begun = perf_counter()
    with contextlib.suppress(SystemExit):
        sys.argv = ["yizhan", *argv, *(["--apply"] if apply else [])]
        command()
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024,
          file=sys.stderr)  # fmt: skip


def measure(path: Path, url: str, apply: bool) -> tuple[list[float], str]:
    """Wall seconds, processor seconds and peak megabytes, and the last line of the report."""
    done = subprocess.run(  # noqa: S603 - this Python and this module
        [sys.executable, "-m", "bench.stations", "--run", str(path), *(["--apply"] * apply)],
        check=True, capture_output=True, text=True, env=os.environ | {"YIZHAN_DATABASE_URL": url},
    )  # fmt: skip
    figures = [float(one) for one in done.stderr.splitlines()[-1].split()]
    return figures, done.stdout.splitlines()[-1]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Import of a large list of stations.")
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--apply", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--rows", type=int, default=ROWS)
    args = parser.parse_args()
    if args.run:
        run(args.run, args.apply)
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        url = f"sqlite+aiosqlite:///{folder}/bot.db"
        written = Path(folder, "list.csv"), Path(folder, "list.xlsx")
        for write, path in zip((write_csv, write_xlsx), written, strict=True):
            write(path, args.rows)
        print(f"{args.rows:,} stations of {len(HEADINGS)} columns\n")
        print(f"{'':<28}{'wall s':>8}{'CPU s':>8}{'peak MB':>9}")
        for what, path, apply in (
            ("csv, all new", written[0], False),
            ("xlsx, all new", written[1], False),
            ("csv, --apply", written[0], True),
            ("csv, the same again", written[0], False),
        ):
            (wall, used, peak), last = measure(path, url, apply)
            print(f"{what:<28}{wall:>8.1f}{used:>8.1f}{peak:>9.0f}  {last}", flush=True)


if __name__ == "__main__":
    main()
