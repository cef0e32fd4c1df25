"""Every word that travels: text messages, e-mail, and what comes back."""
