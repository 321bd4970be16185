"""Attachments of every kind, made here; hostile and unreadable ones say why."""

import io
import zipfile

import pypdfium2
import pytest
import xlsxwriter
from docx import Document

from chainwatch.models import Reading
from crawlers.attachments import Kind, Limits, not_fetched, read_attachment, tell


def docx() -> bytes:
    document = Document()
    document.add_paragraph("某市产业链行动方案")
    table = document.add_table(2, 2)
    for row, cells in enumerate((("指标", "2027年"), ("规模", "1200亿元"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    document.add_paragraph("　　落款")
    return saved(document.save)


def xlsx() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for name in ("名单", "指标"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["企业", "产值"])
            sheet.write_row(1, 0, ["某公司", 120])
    return out.getvalue()


def ofd() -> bytes:
    text = '<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Content><ofd:Layer>{}</ofd:Layer></ofd:Content></ofd:Page>'
    piece = "<ofd:TextObject><ofd:TextCode>{}</ofd:TextCode></ofd:TextObject>"
    return zipped(
        {
            "OFD.xml": "<OFD/>",
            "Doc_0/Pages/Page_10/Content.xml": text.format(piece.format("末页")),
            "Doc_0/Pages/Page_2/Content.xml": text.format(piece.format("某政办函〔2026〕1号") + piece.format("各县：")),
        }
    )


def pdf(text: str = "") -> bytes:
    if not text:
        blank = pypdfium2.PdfDocument.new()
        blank.new_page(200, 200)
        return saved(blank.save)
    stream = f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n" % len(stream) + stream + b"\nendstream",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body = b"".join(b"%d 0 obj" % i + each + b"endobj\n" for i, each in enumerate(objects, 1))
    return b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R>>\n%%EOF"


def saved(save: object) -> bytes:
    out = io.BytesIO()
    assert callable(save)
    save(out)
    return out.getvalue()


def zipped(members: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        pytest.param("方案.docx", docx(), "某市产业链行动方案\n指标\t2027年\n规模\t1200亿元\n落款", id="docx"),
        pytest.param("名单.xlsx", xlsx(), "名单\n企业\t产值\n某公司\t120\n指标\n企业\t产值\n某公司\t120", id="xlsx"),
        pytest.param("函.ofd", ofd(), "某政办函〔2026〕1号\n各县：\n末页", id="ofd"),
        pytest.param("plan", pdf("Chain plan 2027"), "Chain plan 2027", id="pdf-by-its-bytes"),
        pytest.param(
            "说明.txt", "产业链说明，共三百家企业。".encode("gb18030"), "产业链说明，共三百家企业。", id="txt-gb18030"
        ),
    ],
)
def test_text_of_a_file(name: str, data: bytes, text: str) -> None:
    attachment = read_attachment(name, "https://x.example.test/f", data)
    assert (attachment.reading, attachment.text, attachment.note) == (Reading.READ, text, "")
    assert attachment.size == len(data)
    assert attachment.digest
    assert attachment.media_type


@pytest.mark.parametrize(
    ("name", "data", "note"),
    [
        pytest.param("旧.doc", b"\xd0\xcf\x11\xe0" + b"0" * 100, "the old Word format is not read", id="doc"),
        pytest.param("扫描.pdf", pdf(), "no text in it: a scan, or pictures only", id="scan"),
        pytest.param("坏.pdf", b"%PDF-1.4 nothing", "the file is damaged (PdfiumError)", id="damaged"),
        pytest.param("假.pdf", b"<!DOCTYPE html><html>404</html>", "a web page came in place of the file", id="html"),
        pytest.param("包.rar", b"Rar!....", "archives are not opened", id="rar"),
        pytest.param("空.pdf", b"", "empty file", id="empty"),
        pytest.param(
            "炸弹.docx",
            zipped({"word/document.xml": b"0" * 60_000_000}),
            "the archive unpacks to more than it may",
            id="bomb",
        ),
    ],
)
def test_what_is_not_read_says_why(name: str, data: bytes, note: str) -> None:
    attachment = read_attachment(name, "https://x.example.test/f", data)
    assert (attachment.reading, attachment.text) == (Reading.NOT_READ, "")
    assert attachment.note == note or (name == "空.pdf" and attachment.note)


def test_limits_of_size_time_memory_and_text() -> None:
    data = docx()
    assert read_attachment("a.docx", "u", data, limits=Limits(size=10)).note == "larger than 10 bytes"
    assert read_attachment("a.docx", "u", data, limits=Limits(seconds=0.01)).note == "not read within 0.01 s"
    starved = read_attachment("a.docx", "u", data, limits=Limits(memory=20_000_000))
    assert starved.reading == Reading.NOT_READ
    assert starved.note
    cut = read_attachment("a.docx", "u", data, limits=Limits(text=4))
    assert (cut.text, cut.note) == ("某市产业", "cut after 4 characters")


def test_bytes_decide_before_the_name() -> None:
    assert tell("改名.doc", docx()) == (Kind.DOCX, "")
    assert not_fetched("a.pdf", "u", "answered 404").note == "answered 404"
