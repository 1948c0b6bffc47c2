"""A handler for aiosmtpd that takes mail only from who has logged in. Its command has no option for that."""

import os

from aiosmtpd.handlers import Mailbox


class LoginMailbox(Mailbox):
    """User and password stand in MAIL_USER and MAIL_PASSWORD. The checks of aiosmtpd itself do the rest."""

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        server._auth_callback = lambda mechanism, login, password: (
            login == os.environ["MAIL_USER"].encode() and password == os.environ["MAIL_PASSWORD"].encode()
        )
        # Only TLS that began with STARTTLS counts as such for aiosmtpd 1.4.
        if session.ssl is None and server.transport.get_extra_info("ssl_object") is not None:
            server._auth_require_tls = False
            responses.insert(-1, "250-AUTH LOGIN PLAIN")
        return responses

    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 OK"
