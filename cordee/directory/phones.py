"""Phone numbers as people type them, kept as E.164."""

import phonenumbers
from phonenumbers import PhoneNumberType

REGIONS = ("FR", "GP", "MQ", "GF", "RE", "YT", "PM", "PF", "NC", "WF")
"""Where a number typed without its country may come from: mainland first, then overseas."""


def parse_phone(text: str) -> str:
    """Give a number as E.164, or "" when it cannot be one."""
    number = _parsed(text)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if number else ""


def parse_mobile(text: str) -> str:
    """Give a mobile number as E.164, or "" when it is not a mobile: a text must reach it."""
    number = _parsed(text)
    mobiles = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
    if number is None or not (phonenumbers.number_type(number) in mobiles or _is_fiction(number)):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _is_fiction(number: phonenumbers.PhoneNumber) -> bool:
    """Tell the mobiles that Arcep keeps for works of fiction, 06 39 98: the demonstration's."""
    return number.country_code == 33 and (number.national_number or 0) // 10_000 == 63_998


def show_phone(number: str) -> str:
    """Write a number the way people read it: « 06 12 34 56 78 »."""
    parsed = _parsed(number)
    if parsed is None:
        return number
    style = phonenumbers.PhoneNumberFormat
    french = parsed.country_code == 33
    chosen = style.NATIONAL if french else style.INTERNATIONAL
    return phonenumbers.format_number(parsed, chosen).replace(" ", "\u00a0")


def _parsed(text: str) -> phonenumbers.PhoneNumber | None:
    if len(text) > 40:
        return None
    for region in REGIONS:
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number) or _is_fiction(number):
            return number
    return None
