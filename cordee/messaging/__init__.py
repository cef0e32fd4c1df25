"""Every word that travels: the outbox of texts and e-mails, their carriers, and the replies."""
