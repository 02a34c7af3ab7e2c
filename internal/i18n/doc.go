// Package i18n holds every sentence that a person reads, in English, Spanish
// and Russian, and writes numbers, dates, amounts and plurals as each
// language does.
//
// The messages are in messages/SLICE.LANG.yaml, flat "key: text"; a plural is
// a map of CLDR categories; parameters are written {{.name}}.
//
// Invariants: a message exists in all languages with the same parameters
// (TestEveryMessageIsInEveryLanguage); every key that the program names is a
// message (TestEveryKeyInTheProgramIsAMessage).
package i18n
