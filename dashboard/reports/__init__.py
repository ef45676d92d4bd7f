"""Reports: saved filters over recipients, which fill target lists."""
