// Package shop loads a shop's folder: who sells, in which languages and
// currencies, how it looks, what it accepts and how long it keeps things.
//
// A shop is the folder shops/NAME with shop.yaml and mark.svg (this package),
// catalog.yaml (package catalog) and policy/*.md (package policy).
//
// A look is one colour, the weight and flare of the type, and a mark. The
// pages use tones of the colour that can be read; look.go finds them.
//
// Invariants: a file with an unknown field, a missing one or a value out of
// range, or a picture that is none, does not load, and the error names file, line and field
// (TestAFaultyShopDoesNotLoad, TestAFaultyHeroDoesNotLoad); the shipped presets load (TestPresetsLoad);
// whatever the accent, text stands out 4.5 to 1 and marks 3 to 1, in the dark
// and in the light (TestEveryAccentIsReadableInBothThemes); a mark can neither
// run nor load anything (TestAMarkIsShapesAlone).
//
// It does not decide what is sold nor what is promised.
package shop
