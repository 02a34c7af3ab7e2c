// Package paymenttest is the conformance suite of a payment.Processor, and
// processors that misbehave for the tests of those who rely on one.
package paymenttest
