"""The article stream: append, read, groups. `open_stream(url)` picks the backend."""
