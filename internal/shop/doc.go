// Package shop loads a shop's folder: who sells, in which languages and
// currencies, how it looks, what it accepts and how long it keeps things.
//
// A shop is the folder shops/NAME with shop.yaml (this package), catalog.yaml
// (package catalog) and policy/*.md (package policy).
//
// Invariants: a file with an unknown field, a missing one or a value out of
// range does not load, and the error names file, line and field
// (TestAFaultyShopDoesNotLoad); the shipped presets load (TestPresetsLoad).
//
// It does not decide what is sold nor what is promised.
package shop
