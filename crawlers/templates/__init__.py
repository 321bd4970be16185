"""One file per site family: page to Article. Imports no scrapy."""
