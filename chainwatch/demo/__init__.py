"""The local site that `chainwatch demo` crawls, and its pages."""
