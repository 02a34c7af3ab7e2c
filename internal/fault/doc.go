// Package fault says what kind of thing went wrong, under which stable code,
// and in which sentence a person may be told.
//
// A [Error] is data for three readers: the program compares it by code
// (errors.Is), the transport maps its [Kind] to a status, and the person reads
// its sentence, found in i18n under the code. What only an operator may see
// stays in the wrapped cause and in the log.
//
// Invariants: errors.Is compares codes through any wrapping and any arguments
// (TestErrorsAreComparedByCode); an error without a kind is Internal and shows
// no detail (TestForeignErrorIsInternal).
//
// It does not decide HTTP statuses (serve does) nor languages (i18n does).
package fault
