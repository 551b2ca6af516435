"""Ten records that pipes like to change: binary, null, empty and doubled parts, big numbers, line ends."""

import time

_FIELDS = [
    '"key":"/w==","key_enc":"base64","payload":"wygA","payload_enc":"base64"', '"key":null,"payload":"null key"',
    '"key":"","payload":"empty key"', '"key":"tombstone","payload":null', '"key":"empty","payload":""',
    '"key":"h","payload":"v","headers":[{"key":"d","value":"1"},{"key":"d","value":"2"},{"key":"n","value":null},'
    '{"key":"e","value":""},{"key":"b","value":"/wA=","enc":"base64"}]',
    '"key":"big","payload":"{\\"n\\":9007199254740993,\\"d\\":1.10}"', '"key":"nl","payload":"a\\nb\\r\\n"',
    '"key":"u","payload":"\u2028\u2029"', '"key":"null","payload":"null"',
]


def envelopes():
    """Their envelopes, a line each, stamped now and spread over three partitions."""
    now = int(time.time() * 1000)
    return "".join(f'{{"partition":{i % 3},"ts":{now + i},{each}}}\n' for i, each in enumerate(_FIELDS)).encode()
