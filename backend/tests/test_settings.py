import pytest

from app.settings import SettingsError
from tests.conftest import Configure


def test_empty_variables_count_as_not_given(configure: Configure) -> None:
    settings = configure(COMMIT="", IMAGE_DIGEST="", QDRANT_URL="", PORT="", CORS_ORIGINS="")

    assert settings.commit == "unknown"
    assert settings.image_digest is None
    assert settings.qdrant_url is None
    assert settings.port == 7860
    assert settings.cors_origins == []


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_reached_through_psycopg_and_never_migrated_by_the_service(
    configure: Configure, scheme: str
) -> None:
    settings = configure(DATABASE_URL=f"{scheme}://reader:p%40ss@db:5432/handbook")

    url = settings.database_url.get_secret_value()
    assert url == "postgresql+psycopg://reader:p%40ss@db:5432/handbook"
    assert not settings.migrates_itself


@pytest.mark.parametrize(
    "origins",
    ["https://a.example,http://b.example:8080", '["https://a.example", "http://b.example:8080"]'],
)
def test_origins_are_a_comma_separated_or_json_list(configure: Configure, origins: str) -> None:
    settings = configure(CORS_ORIGINS=origins)

    assert settings.cors_origins == ["https://a.example", "http://b.example:8080"]


def test_every_mistake_is_told_at_once_without_the_values(configure: Configure) -> None:
    with pytest.raises(SettingsError) as raised:
        configure(
            COMMIT="abc123",
            IMAGE_DIGEST="latest",
            DATABASE_URL="mysql://root:hunter2@db/handbook",
            QDRANT_URL="http://user:hunter2@qdrant:6333",
            OPENROUTER_BASE_URL="http://[broken",
            CORS_ORIGINS="https://book.example/",
            PORT="70000",
        )

    assert str(raised.value) == (
        "The settings are wrong; correct these variables:\n"
        '  COMMIT: give the full hash, 40 lower-case hexadecimal digits, or "unknown"\n'
        "  IMAGE_DIGEST: give sha256: and 64 lower-case hexadecimal digits\n"
        "  DATABASE_URL: give postgresql://user:password@host:5432/name or sqlite:///file\n"
        "  QDRANT_URL: give an http or https URL without a user or password in it\n"
        "  OPENROUTER_BASE_URL: give an http or https URL without a user or password in it\n"
        "  CORS_ORIGINS: give origins such as https://book.example, without a path\n"
        "  PORT: Input should be less than or equal to 65535"
    )


@pytest.mark.parametrize("url", ["not a url", "postgresql://u:hunter2@host:port/db"])
def test_a_malformed_database_url_is_not_repeated(configure: Configure, url: str) -> None:
    with pytest.raises(SettingsError) as raised:
        configure(DATABASE_URL=url)

    assert "DATABASE_URL" in str(raised.value)
    assert url not in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_a_list_of_origins_that_is_not_json_is_refused(configure: Configure) -> None:
    with pytest.raises(SettingsError, match="CORS_ORIGINS: give origins separated by commas"):
        configure(CORS_ORIGINS="[https://book.example")


def test_secrets_do_not_show_when_settings_are_printed(configure: Configure) -> None:
    settings = configure(
        DATABASE_URL="postgresql://reader:hunter2@db/handbook",
        QDRANT_API_KEY="hunter2",
        OPENROUTER_API_KEY="hunter2",
    )

    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize("digest", ["b" * 64, "sha512:" + "b" * 64, "sha256:b"])
def test_an_image_digest_names_its_algorithm(configure: Configure, digest: str) -> None:
    with pytest.raises(SettingsError, match="IMAGE_DIGEST: give sha256:"):
        configure(IMAGE_DIGEST=digest)
