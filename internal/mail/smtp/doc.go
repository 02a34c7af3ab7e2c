// Package smtp hands messages to a mail server by SMTP.
//
// The server is named by one address:
// smtp://user:password@host:587?from=Shop+<shop@example.com>. The connection
// must turn to TLS before anything is said, unless the server is on this
// machine; smtps:// begins with TLS. A server's final refusal is permanent,
// anything else is tried again. Each message has a Message-ID made from its
// ID, so that one sent twice can be told.
//
// Invariants: the suite of package mailtest (TestSMTP); nothing in a message
// becomes a second header (TestNothingInAMessageBecomesASecondHeader); a
// password is never sent in the clear (TestAServerElsewhereMustSpeakTLS); a
// wrong address says what is wrong and not the password
// (TestAWrongAddressIsRefusedWithoutItsPassword).
package smtp
