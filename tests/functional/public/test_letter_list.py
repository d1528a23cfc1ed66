"""The list of letters."""


def test_a_page_of_letters_beyond_the_last_is_the_last(client):
    page = client.get("/letters/?page=99").text
    assert "Hello" in page
    assert "Page 99" not in page
