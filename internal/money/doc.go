// Package money keeps amounts as integers in the smallest unit of their
// currency, and ratios exact until the one rounding at the end.
//
// Invariants: adding and splitting lose nothing (TestSplitLosesNothing); an
// amount of one currency never meets one of another (TestCurrenciesDoNotMix);
// rounding is half up, away from zero at the half (TestMulRoundsHalfUp);
// what [Parse] reads [Amount.Decimal] writes (FuzzParse).
//
// It does not format for people: i18n does.
package money
