// Package id makes ids: a short prefix that says of what, then a UUIDv7 in
// 26 characters, so that ids sort by the time they were made and a person can
// tell a job from an order.
//
// Invariants: ids made later sort later (TestIDsSortByTheTimeTheyWereMade);
// no two are equal (same test); [Valid] takes nothing but what [New] made
// (TestValidRefusesWhatNewDidNotMake).
//
// An id is not a secret: who may see what it names is asked of the slice.
package id
