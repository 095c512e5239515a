"""Mail is written with what causes it, leaves after the commit, is tried again, and its failure is shown."""

import base64
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select, update

from auctionapp import jobqueue, transaction
from auctionapp.clock import SetClock
from auctionapp.extensions import db
from auctionapp.mail import jobs, queries, services
from auctionapp.mail.models import Mail
from tests import factories
from tests.at_once import at_once
from tests.mail.smtp_server import MailServer
from tests.outbox import mails

ANNA = "anna@example.org"


@pytest.fixture
def app(app, tmp_path):
    app.config["OUTBOX"] = tmp_path / "outbox"
    return app


@pytest.fixture
def server(app):
    server = MailServer()
    app.config["MAIL_URL"] = server.url
    yield server
    server.stop()


def queue(recipient=ANNA, subject="Your lot", body="It is sold.\n", user_id=None, now=None) -> int:
    return transaction.write(lambda session: services.queue(
        session, recipient, subject, body, user_id, now or datetime.now(UTC)))


def row(mail_id) -> Mail:
    db.session.rollback()
    return db.session.get(Mail, mail_id)


def due_now() -> None:
    db.session.execute(update(Mail).values(next_try_at=datetime.now(UTC) - timedelta(seconds=1)))
    db.session.commit()


def run_jobs(app) -> None:
    jobqueue.make_worker(app).work(burst=True, logging_level="ERROR")


def test_in_development_a_mail_is_a_file_right_after_the_commit(app):
    mail_id = queue(body="Ціна: 12.50\n")
    [text] = mails(app, ANNA)
    assert "Subject: Your lot\n" in text
    assert text.endswith("\n\nЦіна: 12.50\n")
    assert (row(mail_id).state, row(mail_id).body) == ("sent", "")


def test_what_is_rolled_back_sends_no_mail(app):
    def work(session):
        services.queue(session, ANNA, "Your lot", "It is sold.", None, datetime.now(UTC))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        transaction.write(work)
    assert mails(app) == []


def test_with_a_mail_server_a_job_sends_it(app, server):
    mail_id = queue(body="Ціна: 12.50\n")
    assert row(mail_id).state == "queued"
    run_jobs(app)
    [message] = server.received
    assert (message["To"], message["Subject"]) == (ANNA, "Your lot")
    assert message.get_content().strip() == "Ціна: 12.50"
    assert row(mail_id).state == "sent"
    assert mails(app) == []


def test_a_name_and_password_in_the_address_of_the_server_are_used(app, server):
    app.config["MAIL_URL"] = server.url.replace("smtp://", "smtp://gavel:p%40ss@")
    jobs.send(queue())
    assert base64.b64decode(server.credentials[0].split()[2]) == b"\0gavel\0p@ss"


def test_a_line_break_in_a_subject_makes_no_header(app, server):
    jobs.send(queue(subject="Sold: vase\r\nBcc: everybody@example.org\n\nWin"))
    [message] = server.received
    assert message["Bcc"] is None
    assert message["Subject"] == "Sold: vase Bcc: everybody@example.org Win"


@pytest.mark.parametrize("title", ["=?utf-8?q?vase=0ABcc=3A_everybody@example.org=0A=0AWin?=",
                                   "A vase =?utf-8?b?DQpCY2M6IGV2ZXJ5Ym9keUBleGFtcGxlLm9yZw0KDQpXaW4=?=", "=?=??="])
def test_encoded_text_in_a_subject_is_never_decoded_into_headers_or_words(app, server, title):
    jobs.send(queue(subject=f"Sold: {title}"))
    [message] = server.received
    assert message["Bcc"] is None and message.get_payload() == "It is sold.\r\n"
    assert message["Subject"].replace("= ?", "=?") == f"Sold: {title}"


def test_an_address_that_reads_as_encoded_text_gets_no_mail(app, server):
    mail_id = queue(recipient="=?utf-8?q?b=40example.org=2c?=@example.org")
    jobs.send(mail_id)
    assert server.received == []
    assert row(mail_id).state == "failed"


def test_further_headers_arrive_whole_however_long_and_a_line_break_in_one_is_refused(app, server):
    address = f"<https://gavel.example/{'x' * 200}>"

    def queue_with(value):
        return transaction.write(lambda session: services.queue(
            session, ANNA, "Your lot", "It is sold.", None, datetime.now(UTC), {"List-Unsubscribe": value}))

    jobs.send(queue_with(address))
    refused = queue_with("<x>\r\nBcc: everybody@example.org")
    jobs.send(refused)
    [message] = server.received
    assert message["List-Unsubscribe"] == address
    assert row(refused).state == "failed"


def test_a_line_break_in_an_address_is_refused_for_good(app, server):
    mail_id = queue(recipient="a@example.org\nBcc: b@example.org")
    jobs.send(mail_id)
    assert server.received == []
    assert row(mail_id).state == "failed"


def test_a_mail_that_does_not_leave_is_tried_six_times_with_growing_pauses(app):
    app.config["MAIL_URL"] = "smtp://127.0.0.1:1"
    mail_id = queue()
    pauses = []
    for tries in range(1, 7):
        jobs.send(mail_id)
        jobs.send(mail_id)
        last = row(mail_id)
        assert last.tries == tries, "before its time nothing is tried"
        if last.state == "queued":
            pauses.append(last.next_try_at - datetime.now(UTC))
            assert "yet" in queries.trouble(db.session(), ANNA)
            due_now()
    assert (last.state, last.body) == ("failed", "")
    assert "Refused" in last.error
    assert pauses == sorted(pauses)
    assert len(pauses) == 5
    assert "could not be delivered." in queries.trouble(db.session(), ANNA)


def test_a_server_that_never_takes_the_address_is_asked_once(app, server):
    server.answer_to_recipient = "550 no such person"
    mail_id = queue()
    run_jobs(app)
    assert (row(mail_id).state, row(mail_id).tries) == ("failed", 1)


def test_a_busy_server_is_asked_again_by_the_sweep(app, server):
    server.answer_to_recipient = "451 later"
    mail_id = queue()
    run_jobs(app)
    assert row(mail_id).state == "queued"
    server.answer_to_recipient = "250 fine"
    jobs.send_waiting()
    run_jobs(app)
    assert server.received == [], "not before its time"
    due_now()
    jobs.send_waiting()
    run_jobs(app)
    assert len(server.received) == 1
    assert queries.trouble(db.session(), ANNA) is None


def test_the_sweep_finds_what_a_lost_job_missed(app, server, redis_server):
    queue(now=datetime.now(UTC) - timedelta(minutes=3))
    redis_server.client.flushall()
    jobs.send_waiting()
    run_jobs(app)
    assert len(server.received) == 1


def test_with_redis_away_the_sweep_sends_by_itself(make_app, tmp_path):
    other = make_app(REDIS_URL=f"unix://{tmp_path}/none.sock", OUTBOX=tmp_path / "outbox")
    server = MailServer()
    other.config["MAIL_URL"] = server.url
    with other.app_context():
        queue(now=datetime.now(UTC) - timedelta(minutes=3))
        jobs.send_waiting()
    server.stop()
    assert len(server.received) == 1


def test_a_mail_sent_by_several_at_once_leaves_once(app, server):
    mail_id = queue()
    at_once(app, *[partial(jobs.send, mail_id)] * 6)
    assert len(server.received) == 1


def test_a_try_that_died_is_made_again_after_its_lease(app, server):
    mail_id = queue()
    services.claim(mail_id)
    jobs.send(mail_id)
    assert server.received == []
    due_now()
    jobs.send(mail_id)
    assert len(server.received) == 1


def test_production_without_mail_notes_the_failure_at_once(app):
    app.config.update(PRODUCTION=True, MAIL_URL="")
    mail_id = queue()
    assert (row(mail_id).state, row(mail_id).error) == ("failed", "MAIL_URL is not set")
    assert mails(app) == []


def test_a_failed_mail_is_shown_where_its_code_is_waited_for_and_to_its_person(app, client, server):
    server.answer_to_recipient = "550 no such person"
    words = "seven blue herons"
    client.post("/account/register", data={"email": ANNA, "display_name": "Anna", "password": words,
                                           "password_again": words, "terms": "y"})
    assert "could not be delivered" not in client.get("/account/confirm").text
    run_jobs(app)
    assert "could not be delivered" in client.get("/account/confirm").text
    bert = factories.user()
    queue(bert.email)
    run_jobs(app)
    factories.sign_in(client, bert)
    assert "could not be delivered" in client.get("/dashboard/security").text


def test_old_traces_are_forgotten(app):
    mail_id = queue()
    services.forget_old(SetClock(datetime.now(UTC) + timedelta(days=31)))
    assert row(mail_id) is None


def test_the_file_of_a_mail_stays_in_its_folder(app):
    queue(recipient="../../../etc/passwd@example.org")
    assert len(mails(app)) == 1
    db.session.rollback()
    assert db.session.scalar(select(Mail.state)) == "sent"
