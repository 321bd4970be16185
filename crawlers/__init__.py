"""Scrapy project: pages in, Article out. Knows no rule."""
