"""Addresses, names and passwords (fault 50)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auctionapp.accounts import rules
from auctionapp.errors import DomainError


@pytest.mark.parametrize("password", [
    "password1234", "PASSWORD-2024!", "passwordpassword", "qwertyuiop12", "123456789012", "aaaaaaaaaaaa", "abcabcabcabc",
    "P@ssw0rd2024", "letmein12345", "1q2w3e4r5t6y", "!!!changeme!!!", "iloveyou2024", "abcdefghijkl", "            ",
])
def test_common_passwords_are_refused(password):
    with pytest.raises(rules.WeakPassword):
        rules.check_password(password, "someone@example.org", "Someone")


@pytest.mark.parametrize("password", ["maria.petrova-77", "xx maria petrova", "maria.petrova@example.org", "Maria-Petrova!",
                                      "12 MARIAPETROVA"])
def test_the_own_address_and_name_are_refused_in_a_password(password):
    with pytest.raises(rules.WeakPassword, match="address or your name"):
        rules.check_password(password, "maria.petrova@example.org", "Maria Petrova")


@pytest.mark.parametrize("password", ["seven blue herons", "correct horse battery", "xK9-vQ2_mLp7", "сім синіх чапель",
                                      "🦊🐻🌲🚀🎈🎁🏠🚗🍕🍺🌈⭐", "x" * 5 + "abcdefg 8 birds", "Trading-Floor-77"])
def test_other_passwords_are_taken(password):
    rules.check_password(password, "al@example.org", "Al")


@pytest.mark.parametrize(("length", "taken"), [(11, False), (12, True), (128, True), (129, False)])
def test_a_password_has_twelve_to_128_characters(length, taken):
    password = ("seven blue herons " * 10)[:length]
    if taken:
        rules.check_length(password)
    else:
        with pytest.raises(rules.WeakPassword):
            rules.check_length(password)


def test_a_password_is_the_same_however_its_letters_are_composed():
    assert rules.clean_password("cafe\u0301 at the corner") == rules.clean_password("caf\u00e9 at the corner")


@pytest.mark.parametrize(("typed", "stored"), [
    (" Anna@Example.ORG ", "anna@example.org"),
    ("a+b@example.test", "a+b@example.test"),
    ("anna@bücher.example", "anna@xn--bcher-kva.example"),
])
def test_an_address_is_stored_in_one_way(typed, stored):
    assert rules.clean_email(typed) == stored


@pytest.mark.parametrize("typed", ["", "anna", "@example.org", "anna@", "anna@localhost", "a b@example.org", "a@b@c.org",
                                   "anna@example..org", "anna@[127.0.0.1]", "анна@example.org", "a\0@example.org",
                                   "anna@example.org\nBcc: x@example.org", f"{'a' * 65}@example.org",
                                   "=?utf-8?q?b=40example.org=2c?=@example.org"])
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(rules.InvalidEmail):
        rules.clean_email(typed)


@pytest.mark.parametrize(("typed", "kept"), [("  Anna\t K. ", "Anna K."), ("Оля", "Оля"), ("👩‍🌾 Mia", "👩‍🌾 Mia")])
def test_a_name_is_kept_with_single_blanks(typed, kept):
    assert rules.clean_name(typed) == kept


@pytest.mark.parametrize("typed", ["", " x ", "x" * 61, "a\0b", "\u202eabc", "a\u200bb", "...", "\ud800ab", "\u3164\u3164"])
def test_what_is_no_name_is_refused(typed):
    with pytest.raises(rules.InvalidName):
        rules.clean_name(typed)


@given(st.text(max_size=300))
def test_whatever_is_typed_is_taken_or_refused_in_words(typed):
    for rule in (rules.clean_email, rules.clean_name, lambda text: rules.check_password(text, text, text)):
        try:
            rule(typed)
        except DomainError as refusal:
            assert refusal.text
