"""Letters with moderated comments: the application and everything behind it."""
