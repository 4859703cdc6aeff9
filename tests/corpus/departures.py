"""Records on which we and pymarc differ, and who is right. Every line was looked at by hand.

Keys: file below the fixtures folder -> (reason, how many records). A record of a file that is not here
must come out exactly as pymarc reads it.
"""

from __future__ import annotations

# We set the record aside; pymarc, handed exactly these bytes, reads something. In each the length, base
# address, directory and terminators do not agree, or the bytes are MARC-8 in disguise.
SET_ASIDE: dict[str, dict[str, int]] = {}

# Both read the record, and the fields differ.
FIELDS: dict[str, dict[str, int]] = {}
