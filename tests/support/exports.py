"""Write the export files of other comment systems, with invented content."""

import json

WXR = """<?xml version="1.0" encoding="UTF-8"?>
<!-- Posts & comments of a site -->
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/"><channel>
<language>fr-FR</language>
<wp:author><wp:author_login>lena</wp:author_login><wp:author_display_name>Léna Q.</wp:author_display_name></wp:author>
{items}
</channel></rss>"""
POST = """<item><title>On {number} &amp; more</title><link>https://old.example/post-{number}/</link><dc:creator>lena</dc:creator>
<content:encoded><![CDATA[<p>A paragraph.</p>]]></content:encoded><wp:post_id>{number}</wp:post_id>
<wp:post_date_gmt>2019-03-01 08:00:00</wp:post_date_gmt><wp:status>{status}</wp:status>
<wp:post_type>{kind}</wp:post_type><wp:post_password>{password}</wp:post_password>
<category domain="category" nicename="routes">Routes</category>
{comments}</item>"""
COMMENT = """<wp:comment><wp:comment_id>{number}</wp:comment_id><wp:comment_author>{name}</wp:comment_author>
<wp:comment_author_email>p@example.org</wp:comment_author_email>
<wp:comment_author_IP>192.0.2.7</wp:comment_author_IP><wp:comment_date>2019-03-02 11:00:00</wp:comment_date>
<wp:comment_date_gmt>2019-03-02 10:00:00</wp:comment_date_gmt>
<wp:comment_content><![CDATA[{text}]]></wp:comment_content><wp:comment_approved>{approved}</wp:comment_approved>
<wp:comment_type>{kind}</wp:comment_type><wp:comment_parent>{parent}</wp:comment_parent></wp:comment>"""


def wp_comment(number, approved="1", *, kind="comment", parent=0, name="Petra", text="Some words"):
    return COMMENT.format(
        number=number, approved=approved, kind=kind, parent=parent, name=name, text=text
    )


def wxr(*comments, status="publish", kind="post", password=""):
    return wxr_of(wp_post(5, *comments, status=status, kind=kind, password=password))


def wp_post(number, *comments, status="publish", kind="post", password=""):
    return POST.format(
        number=number, status=status, kind=kind, password=password, comments="".join(comments)
    )


def wxr_of(*posts):
    return WXR.format(items="".join(posts))


def waline(*comments):
    users = [{"objectId": 1, "password": "$2a$08$hash", "email": "root@example.org"}]
    return json.dumps({"data": {"type": "waline", "data": {"Comment": comments, "Users": users}}})


def waline_comment(number, **changes):
    return {
        "objectId": number,
        "comment": "Yes",
        "insertedAt": "2020-01-01 18:00:00",
        "nick": "Petra",
        "mail": "p@example.org",
        "pid": None,
        "rid": None,
        "status": "approved",
        "url": "/a/",
    } | changes


def mail(number, text, *, answers="", sender="Petra <p@example.org>", separator="p@example.org"):
    reply = f"In-Reply-To: <{answers}@l>\n" if answers else ""
    return (
        f"From {separator} Wed Jan  1 10:00:00 2020\nFrom: {sender}\nSubject: Routes\n"
        f"Date: Wed, 01 Jan 2020 11:00:00 +0100\nMessage-ID: <{number}@l>\n{reply}\n{text}\n\n"
    )


DISQUS = """<?xml version="1.0" encoding="utf-8"?>
<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">
<thread dsq:id="7"><link>https://old.example/a/</link><title>A</title></thread>{posts}</disqus>"""
DISQUS_POST = """<post dsq:id="{number}"><message><![CDATA[<p>Words</p>]]></message>
<createdAt>2020-01-01T10:00:00Z</createdAt><isDeleted>{deleted}</isDeleted><isSpam>{spam}</isSpam>
<author><name>Petra</name></author><thread dsq:id="7"/>{parent}</post>"""


def disqus_post(number, *, deleted="false", spam="false", parent=""):
    parent = f'<parent dsq:id="{parent}"/>' if parent else ""
    return DISQUS_POST.format(number=number, deleted=deleted, spam=spam, parent=parent)
