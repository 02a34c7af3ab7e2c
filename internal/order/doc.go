// Package order takes a purchase from the basket to delivered credits.
//
// An order begins with the statement: the buyer ticks it, and the order's row
// keeps the very text, its language, the policy's version and hash, the time,
// the address and the browser as proof. Placing an order and the intention to
// have it paid are one transaction; the credits are delivered in the
// transaction that records the payment.
//
// Invariants, on both databases:
//   - no order without the ticked statement, not even by hand in the database
//     (TestOD_R_2_NoOrderWithoutTheTickedStatement)
//   - the proof is the text that was shown (TestOD_R_2_TheProofIsWhatWasShown)
//   - a paid order delivers once, whatever arrives how often
//     (TestOD_R_1_1_CreditsAreThereWhenThePaymentIsRecorded, TestAnOrderIsDeliveredOnce)
//   - nobody sees another's order (TestNobodySeesAnothersOrder)
//   - the facts that a policy decides about are those of the books
//     (TestTheFactsOfAnOrderAreThoseOfTheBooks, TestFactsOfAnyRecordsArePossible)
//
// It does not take money (payment does), set prices (catalog does) nor decide
// refunds.
package order
