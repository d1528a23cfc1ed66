"""Cache public pages at three points, all of them under one rule for keys.

Readers outnumber writers by far, and a public page is the same for every reader. Rendering the page of a
letter with twenty comments takes about 24 ms of a core. The fragment cache brings that down to about
4 ms, the page cache to 0.4 ms, and the response cache to a few microseconds. Each of the three saves work
that the others cannot save, so a request tries them in this order:

1. `wsgi_cache` stands in front of Flask and repeats the last response to the same request. It runs on
   SQLite only, where `sqlite_watch` can tell in microseconds whether any process has written to the
   database. On PostgreSQL the reverse proxy does the same work (deploy/nginx.conf).
2. `page_cache` is a decorator for views. It asks the database for a *version stamp*, a short string that
   changes whenever the page changes, and serves the page rendered under that stamp. A browser that sends
   the stamp back as an ETag gets 304 Not Modified without a body.
3. `fragments` is for the pages that must be rendered again. The text of a letter, the parts around it, its empty
   form and each of its comments come from the cache unless a value shown in them has changed. A new comment
   therefore costs the rendering of one comment and of the parts that show the number of comments, not of a hundred comments.

**The key names everything that the cached value depends on.** No code invalidates an entry: a change makes
another key, and the old entry falls out when the cache needs the room. The key of a page is its path, the
accepted arguments, the version stamp, the day and a stamp of the code and templates. The day is part of it
because the page carries a form token, which expires. The code stamp is part of it because processes of an old
and a new release may share one Redis during an upgrade. The key of a fragment is the tuple of all the values
that it shows, with the version of the site settings and the language of the page. The rows of a published version
never change, so their key is the letter and the number of the version. The response cache cannot know these values
before Flask runs. It compares what can change them instead: the write counter of the database, which counts the
commits of all processes, and the clock to within `MAX_AGE`.

`store` holds the entries. `BoundedCache` is a least-recently-used cache with a limit in bytes, and all three
caches use it. Pages also satisfy the interface `PageStore`, which `RedisStore` implements as well: with
`REDIS_URL` set, a page rendered by one process serves every process of the site. A two-level store then asks
memory first, since asking Redis for every page takes almost twice as long. Redis is an
optimisation and is not trusted. Each entry is sealed with a keyed hash of its own key and content, and a Redis that
does not answer is left alone for some seconds while pages come from memory.

Two kinds of response are never cached: a page whose status is not 200, and a page for one person. The decorator
belongs on public views only, and a view must not read an argument that it does not name as accepted.

`store.clear_caches` empties the page and fragment caches of one process. Tests and benchmarks need it. The site itself does not.
"""
