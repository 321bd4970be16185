"""All templates, and which one reads a page. A new site family is one file and one line here."""

from crawlers.templates.agencies import AGENCIES
from crawlers.templates.epaper import EPAPER
from crawlers.templates.finance_media import FINANCE_MEDIA
from crawlers.templates.govcn import GOVCN
from crawlers.templates.hanweb_jcms import HANWEB
from crawlers.templates.jpaas import JPAAS
from crawlers.templates.page import Page
from crawlers.templates.portals import PORTALS
from crawlers.templates.sina import SINA
from crawlers.templates.template import Template, largest
from crawlers.templates.trs import TRS
from crawlers.templates.zj_policy import ZJ_POLICY

TEMPLATES: tuple[Template, ...] = (
    SINA,
    JPAAS,
    GOVCN,
    EPAPER,
    ZJ_POLICY,
    HANWEB,
    *PORTALS,
    *AGENCIES,
    *FINANCE_MEDIA,
    TRS,
)
"""In the order in which their marks are tried; a host always goes before a mark."""

BY_NAME = {template.name: template for template in TEMPLATES}


def laid_out(text: str) -> str:
    """The text as a page: JSON of a family that serves it is laid out, anything else stays as it is."""
    if not text[:200].lstrip("\ufeff \t\r\n").startswith("{"):
        return text
    pages = (template.layout(text) for template in TEMPLATES if template.layout)
    return next((page for page in pages if page is not None), text)


def choose(page: Page, name: str | None = None) -> Template | None:
    """The template named, if it finds a body; else the host's; else the first whose mark the page carries."""
    named = [BY_NAME[name]] if name in BY_NAME else []
    hosts = [template for template in TEMPLATES if template.hosts_page(page)]
    for template in (*named, *hosts):
        if largest(page, template.body):
            return template
    return next(
        (template for template in TEMPLATES if template.marks_page(page) and largest(page, template.body)), None
    )
