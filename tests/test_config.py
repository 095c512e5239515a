"""Settings that are unsafe, or only half there, are refused before anything is served."""

from pathlib import Path

import pytest

import config

PRODUCTION = {"GAVEL_ENV": "production", "SECRET_KEY": "only for tests, and long enough"}
S3 = {"S3_BUCKET": "gavel", "S3_REGION": "eu-central-1"}
KEYS = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"}


@pytest.mark.parametrize("given", [
    {"SECRET_KEY": ""}, {"SECRET_KEY": "short"}, {"FLASK_DEBUG": "1"}, {"GATEWAY": "sandbox"},
])
def test_production_refuses_what_is_unsafe(given):
    with pytest.raises(config.UnsafeConfiguration):
        config.load(PRODUCTION | given)


def test_production_starts_with_a_secret_alone():
    assert config.load(PRODUCTION)["PRODUCTION"]


@pytest.mark.parametrize("base", [{"SECRET_KEY": "only for tests"}, PRODUCTION])
@pytest.mark.parametrize("given", [
    {"S3_REGION": "eu-central-1"},
    {"S3_ENDPOINT_URL": "https://s3.example.org"},
    {"S3_BUCKET": "gavel"},
    {"S3_BUCKET": "gavel", "S3_ENDPOINT_URL": "s3.example.org"},
    {"S3_BUCKET": "gavel", "S3_ENDPOINT_URL": "https://"},
    S3 | {"AWS_ACCESS_KEY_ID": "id"},
    S3 | {"AWS_SECRET_ACCESS_KEY": "secret"},
])
def test_half_a_bucket_is_refused(base, given):
    with pytest.raises(config.UnsafeConfiguration):
        config.load(base | given)


def test_pictures_are_kept_in_a_folder_unless_a_bucket_is_named():
    assert config.load(PRODUCTION | {"MEDIA_DIR": "/srv/pictures"})["MEDIA"] == Path("/srv/pictures")
    assert config.load(PRODUCTION | S3)["MEDIA"] == config.Bucket("gavel", "", "eu-central-1")
    given = PRODUCTION | KEYS | {"S3_BUCKET": "gavel", "S3_ENDPOINT_URL": "https://s3.example.org/"}
    assert config.load(given)["MEDIA"] == config.Bucket("gavel", "https://s3.example.org", "")
