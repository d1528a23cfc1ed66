"""Every word that the interface shows is translated, in whole sentences that a translator can turn around."""

STEWARD = "steward@staff.example"
PUBLIC = ["/", "/rules", "/no-such-page", "/account/login"]
#: Elements whose text is content, a name, an address, or code.
CONTENT = "bdi|code|pre|kbd|samp|var|script|style|template|del|ins|mark|svg|math|noscript"
