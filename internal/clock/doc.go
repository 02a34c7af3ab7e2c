// Package clock gives the time, so that no other package takes it.
//
// Everything that depends on the time is handed a [Clock]. A test hands in a
// [Manual] one; a shop on the sandbox hands in a [Shifted] one, which the
// sandbox's controls can move forward.
//
// Invariant: a clock that was moved forward never goes back
// (TestShiftedClockOnlyGoesForward).
package clock
