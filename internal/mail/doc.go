// Package mail writes messages in the transaction that they tell of, and sends
// them after it has committed.
//
// [Send] puts a row in mail_message and enqueues its delivery; a worker hands
// it to the [Sender] (package smtp, or [Keep] for a shop on the sandbox) and
// tries again for three days. What was taken is never handed over again; when
// the process ends between the two, the message goes out twice under the same
// Message-ID. [Compose] gives a letter its form.
//
// There are two classes. A transactional message is always sent. A promotional
// one goes only to an address that asked for it and has not taken that back,
// and carries what mail programs need to unsubscribe with one click: the token
// is random and kept with the address, so nothing needs a signing key.
//
// Invariants, on both databases:
//   - a message exists exactly if its transaction committed, and once a key
//     (TestAMessageIsWrittenWithItsTransactionOrNotAtAll, TestAKeyIsOneMessage)
//   - a message that was taken is not sent again
//     (TestASenderThatFailsThreeTimesDeliversOnce)
//   - no field can put a second header or recipient into a message
//     (TestHostileFieldsAreRefused, and in package smtp
//     TestNothingInAMessageBecomesASecondHeader)
//   - a promotional message is written and sent only to who wants it
//     (TestPromotionalMessagesGoOnlyToWhoAskedForThem)
//   - a secret body is forgotten once a mail server has it
//     (TestASecretBodyIsForgottenOnceTaken)
//   - text of others cannot become markup in a letter (TestALetterShowsTextAsText)
//
// It does not decide when something is told, nor in which words: the slices do.
package mail
