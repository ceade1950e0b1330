from sqlalchemy import update

from app.models import Chapter
from tests.conftest import Serve

SLUGS = [
    "foundations-of-physical-ai",
    "sensing-and-perception",
    "kinematics-and-control",
    "ros-2-in-practice",
    "humanoid-locomotion",
]


def test_chapters_are_listed_in_the_order_of_the_book(serve: Serve) -> None:
    client = serve()

    response = client.get("/chapters")

    assert response.status_code == 200
    assert [chapter["slug"] for chapter in response.json()] == SLUGS
    assert set(response.json()[0]) == {"slug", "title", "summary"}


def test_a_chapter_comes_with_its_text(serve: Serve) -> None:
    client = serve()

    response = client.get("/chapters/ros-2-in-practice")

    assert response.status_code == 200
    assert response.json()["title"] == "ROS 2 in Practice"
    assert "DDS" in response.json()["body"]


def test_an_unknown_chapter_is_a_typed_404(serve: Serve) -> None:
    client = serve()

    response = client.get("/chapters/cooking")

    assert response.status_code == 404
    assert response.json() == {
        "error": {"code": "chapter_not_found", "message": "no chapter has the slug 'cooking'"}
    }


def test_a_restart_restores_the_text_and_keeps_one_copy_of_each_chapter(serve: Serve) -> None:
    earlier = serve()
    with earlier.app.state.database.session() as session:  # type: ignore[attr-defined]
        session.execute(update(Chapter).values(title="outdated"))

    titles = [chapter["title"] for chapter in serve().get("/chapters").json()]

    assert len(titles) == len(SLUGS)
    assert "outdated" not in titles
