"""Rule files become checked objects: TOML and CSV, merged, each with its shape."""
