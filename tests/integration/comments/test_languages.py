"""The worker detects the languages of comments that have none, on both databases."""

from sqlalchemy import text

from commentsite.comments.models import Comment
from commentsite.comments.states import LanguageSource
from commentsite.db.session import session, transaction
from commentsite.letters.queries import get_letter
from commentsite.worker.tasks import TASKS, Job
from tests.support.factories import store_comment

(TASK,) = (task for task in TASKS if task.name == "detect_languages")


def list_languages() -> list[tuple[str, str]]:
    comments = session().query(Comment).order_by(Comment.id)
    found = [(comment.language, str(comment.language_source)) for comment in comments]
    session().rollback()
    return found


def test_comments_without_a_language_get_one_and_a_choice_stays(any_app):
    store_comment(any_app, body="我们感谢工作组的第三稿。我们请求任命一名记录员。")
    store_comment(any_app, body="I agree.")
    store_comment(any_app, body="نشكر المجموعة على مسودتها الثالثة.", language="fa")
    with transaction():
        session().execute(text("UPDATE comment SET state = 'published' WHERE id = 1"))
    page_version, changed_at = get_letter(1).page_version, session().get_one(Comment, 1).changed_at
    session().rollback()
    assert TASK.run(Job(any_app)) == 2
    assert list_languages() == [
        ("zh", LanguageSource.DETECTED),
        ("", LanguageSource.DETECTED),
        ("fa", LanguageSource.AUTHOR),
    ]
    assert get_letter(1).page_version == page_version + 1
    assert session().get_one(Comment, 1).changed_at == changed_at
    session().rollback()
    assert TASK.run(Job(any_app)) == 0
