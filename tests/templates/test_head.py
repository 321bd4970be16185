"""Head tables of government documents in every markup that authorities use."""

from datetime import date

import pytest

from crawlers.templates.head import head_table
from crawlers.templates.page import open_page

CASES = {
    "rows": "<table><tr><td>索 引 号：</td><td>002/2021-1</td><td>发布机构：</td><td>某厅</td></tr><tr><td>文 号</td><td>某经信[2021]7号</td><td>成文日期</td><td>2021年6月3日</td></tr></table>",
    "list": "<ul><li><b>索引号：</b>002/2021-1</li><li><b>发布机构：</b>某厅</li><li><b>文件编号：</b>某经信〔2021〕7号</li><li><b>生成日期：</b>2021-06-03</li></ul>",
    "spans": "<div><span>索引号</span><span>002/2021-1</span></div><div><span>发文机关</span><em>某厅</em></div><div><span>发文字号：</span><span>某经信（2021）7号</span></div><div><span>成文日期</span><em>2021/6/3</em></div>",
    "definitions": "<dl><dt>索引号:</dt><dd>002/2021-1</dd><dt>文号:</dt><dd>某经信【2021】7号</dd><dt>发布机构:</dt><dd>某厅</dd><dt>成文时间:</dt><dd>2021-06-03</dd></dl>",
    "one line": "<p>索引号：002/2021-1　　发布机构：某厅</p><p>文号：某经信〔2021〕7 号</p><p>成文日期：二〇二一年六月三日</p>",
    "bold label, colon outside": "<table><tr><td><strong>索引号</strong>：</td><td>002/2021-1</td><td><strong>发布机构</strong>：</td><td>某厅</td></tr><tr><td><strong>文号</strong>：</td><td>某经信〔2021〕7号</td><td><strong>生成日期</strong>：</td><td>2021-6-3</td></tr></table>",
}


@pytest.mark.parametrize("name", CASES)
def test_a_head_is_read_whatever_carries_it(name: str) -> None:
    page = open_page(f"<html><body>{CASES[name]}<div id='zoom'>索引号：正文里的不算</div></body></html>", None)
    document, by = head_table(page, (), page.first("#zoom"))
    assert document is not None
    assert (document.index, document.number, document.issuer, document.written) == (
        "002/2021-1",
        "某经信〔2021〕7号",
        "某厅",
        date(2021, 6, 3),
    )
    assert {"document.index", "document.number", "document.issuer", "document.written"} <= by.keys()


def test_an_empty_cell_does_not_take_its_neighbours_label() -> None:
    rows = "<tr><td>索引号：</td><td>1</td></tr><tr><td>文号：</td><td></td><td>统一编号：</td><td>ZJ1</td></tr>"
    document, _ = head_table(open_page(f"<table>{rows}</table>", None), (), None)
    assert document is not None
    assert document.number is None


def test_a_page_without_a_head_has_no_document() -> None:
    assert head_table(
        open_page("<html><body><p>发布日期：2021-06-03 来源：某报</p></body></html>", None), (), None
    ) == (None, {})
