// Package enginetest states the contract of engine.Engine as tests. Every
// implementation calls [Run] from a test of its own:
//
//	func TestOnboardKeepsTheContract(t *testing.T) {
//		enginetest.Run(t, func(t *testing.T) engine.Engine { … })
//	}
//
// An engine that makes pictures anew rather than working on the pixels it is
// given (a remote generator) calls [Contract] alone; [Run] is Contract and
// [Fidelity].
//
// It does not judge how good a picture is; each engine measures that itself.
package enginetest
