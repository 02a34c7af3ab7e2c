// Package fact is what is known of a case: a customer's request, what they gave,
// and what the shop's own records say, at one moment.
//
// A [Case] is read from JSON exactly ([Parse]) or filled by the product; a field
// that is nil is not known, which is not the same as false or zero. The table
// [Fields] names each field as policies, messages and pages do, with its type.
//
// Invariants: what is ill-typed, contradictory, unknown or given twice is
// refused with the field's name (TestBadFactsAreRefusedByName); what is read is
// written as it was (TestACaseSurvivesWriting); no input makes it panic
// (FuzzParse).
//
// It does not decide, and knows no clause: policy does.
package fact
